"""Where the real programs are that these tests run."""

import shutil

import pytest

_PACKAGES = {"promtool": "prometheus", "prometheus": "prometheus", "amtool": "prometheus-alertmanager"}


def tool(name: str) -> str:
    """Return the path of a program; the test fails with what to install when it is missing."""
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"{name} is not installed; on Debian: apt-get install --no-install-recommends {_PACKAGES[name]}")
    return path
