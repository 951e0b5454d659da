"""What it means for a walk that some host was not asked: see `probes.policy`. Decided while no clock is running."""

import asyncio

from checks.owners import host_and_port
from checks.run import AGENT, Finding, Reason, Verdict
from probes.browser.stage import AstrayError, Failure, Stage, StepError
from probes.policy import Depth, Led, Refusal, RefusedError, concluded, innermost

_PATIENCE_S = 3.0
_MOST_NAMED = 3

_HINDERED = frozenset(
    {Reason.TIMEOUT, Reason.DEADLINE, Reason.ELEMENT_MISSING, Reason.ASSERTION, Reason.JS_ERROR, Reason.DOWNLOAD}
)
"""Reasons behind which a picture, script or frame that we did not fetch may hide."""


async def admitted(stage: Stage, url: str) -> None:
    """Judge an address that checks.yaml itself sends the walk to.

    Raises:
        StepError: It lies inside and nobody lists it.
    """
    try:
        await stage.gate.admit(url)
    except RefusedError as error:
        raise StepError(_failure(stage, error.refusal, None)) from None


async def settled(stage: Stage, error: StepError) -> Failure:
    """Return the failure a step ended with; where a page led us astray, whether that accuses the page's owner."""
    if not isinstance(error, AstrayError):
        return error.failure
    return _failure(stage, error.refusal, Led(error.page, await _lies(stage, error.page)))


async def mindful(stage: Stage, found: Finding) -> Finding:
    """Return what was found, with a word on hosts that were not asked; nobody is accused of what we may have caused."""
    refused = list(stage.gate.refused.values())
    if not refused or found.verdict not in (Verdict.OK, Verdict.SLOW, Verdict.FAILED):
        return found
    named = stage.secrets.redact(", ".join(dict.fromkeys(one.shown for one in refused[:_MOST_NAMED])))
    main = stage.traffic.latest_main()
    if found.good:
        said = f"Trang gọi tới địa chỉ nội bộ ({named}), phép đo không gọi theo"
        return found.evolve(message=f"{found.message}; {said}" if found.message else said)
    if found.reason in _HINDERED and main is not None:
        depth = await _lies(stage, main.url)
        if not all(one.holds_for_citizens(depth) for one in refused):
            message = f"Phép đo không gọi theo địa chỉ nội bộ ({named}) nên chưa rõ lỗi ở đâu; {found.message}"
            return found.evolve(verdict=Verdict.INCONCLUSIVE, blame=AGENT, reason=Reason.CONFIG, message=message)
    return found


def _failure(stage: Stage, refusal: Refusal, led: Led | None) -> Failure:
    said = concluded(refusal, led, stage.target.owners)
    return Failure(said.verdict, said.reason or Reason.CONFIG, said.blame or AGENT, said.message)


async def _lies(stage: Stage, url: str) -> Depth:
    """Return how far inside a page lies; as far as can be when nobody says, for that accuses least."""
    host, port = host_and_port(url)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return innermost(await stage.gate.lookup(host, port or 0)) if host else Depth.NOWHERE
    except (OSError, TimeoutError):
        return Depth.NOWHERE
