"""Looks at a URL with an http probe of fixed name and day."""

from pathlib import Path
from typing import Any

from checks.model import HttpCheck
from checks.run import Finding
from checks.secrets import Secrets
from probes.http import HttpProbe
from tests import samples
from tests.probes.certificates import NOW

USER_AGENT = "dvcwatch/1 (+so-khcn@anbinh.example)"


def probe(folder: Path, **environment: str) -> HttpProbe:
    """Make a probe whose checks.yaml lies in `folder`."""
    return HttpProbe(folder, Secrets(environment, folder), USER_AGENT, now=lambda: NOW)


async def look(folder: Path, url: str, **fields: Any) -> Finding:
    """Look once at `url`; `fields` are further keys of the check."""
    return await probe(folder).run(samples.target(samples.check(HttpCheck, url=url, **fields)))
