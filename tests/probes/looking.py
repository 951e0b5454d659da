"""Looks at a URL with an http probe of fixed name and day."""

from pathlib import Path
from typing import Any

from checks.config import Target
from checks.model import HttpCheck
from checks.run import Finding
from checks.secrets import Secrets
from probes.http import HttpProbe
from tests import samples
from tests.probes.certificates import NOW
from tests.probes.servers import LOOPBACK

USER_AGENT = "dvcwatch/1 (+so-khcn@anbinh.example)"
HERE = samples.SYSTEM.evolve(hosts=(LOOPBACK, "localhost"))


def probe(folder: Path, **environment: str) -> HttpProbe:
    """Make a probe whose checks.yaml lies in `folder`."""
    return HttpProbe(folder, Secrets(environment, folder), USER_AGENT, now=lambda: NOW)


def target(check: HttpCheck, **around: Any) -> Target[HttpCheck]:
    """Put a check on a system that lists this machine; `around` goes to `samples.target`."""
    return samples.target(check, **{"system": HERE} | around)


async def look(folder: Path, url: str, **fields: Any) -> Finding:
    """Look once at `url`; `fields` are further keys of the check."""
    return await probe(folder).run(target(samples.check(HttpCheck, url=url, **fields)))
