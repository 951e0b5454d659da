"""Papers from frozen contexts; renders, never computes."""
