"""Tells a check in plain Vietnamese, as one would tell an official over the phone. Reads definitions; asks nobody."""
