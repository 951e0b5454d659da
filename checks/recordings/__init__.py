"""Turns what a browser recorded into a journey that people can read: Recorder JSON and Playwright codegen in, YAML out.

Pure: a recording's text comes in, a journey's text and what could not be translated go out. Nothing of a recording is
executed, and nothing is looked up on the web.
"""
