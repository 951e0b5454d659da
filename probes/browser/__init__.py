"""A citizen's walk in a real Chromium."""

from probes.browser.chromium import Chromium
from probes.browser.find import BrowserMissing, BrowserStartError, FoundBrowser, find_browser
from probes.browser.probe import BrowserProbe

__all__ = ["BrowserMissing", "BrowserProbe", "BrowserStartError", "Chromium", "FoundBrowser", "find_browser"]
