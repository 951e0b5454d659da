"""The order of the files: those with the longest single tests first, lest a worker wait for the other at the end."""

import pytest

_LONG = ("test_province.py", "test_wheel.py", "test_campaign.py", "test_kills.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in _LONG)  # a stable sort: else everything stays where it is
