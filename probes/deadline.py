"""When a look's time runs out: where it stood, and whether that can be held against anybody."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from checks.run import NETWORK, Phase, Reason, Verdict
from probes.address import host_of
from probes.conclusion import Conclusion, ours
from probes.network_errors import EXPECTED, conclude
from probes.progress import Progress
from probes.wording import seconds

T = TypeVar("T")

DEADLINE_SHARE = 0.95
"""The caller cancels at the deadline; a look ends itself a little earlier, to be able to say where it stood."""

RESOLVER_SHARE = 0.1
"""Of the deadline, or of a walk's step. When our own resolver took more, nobody knows whether the rest would not have
come in time."""


def _late(message: str) -> Conclusion:
    return Conclusion(Verdict.FAILED, Reason.TIMEOUT, message, by_waiting=True)


_UNFINISHED: Mapping[Phase, Conclusion] = {
    "dns": ours(NETWORK, Reason.DNS, "Chưa tìm được địa chỉ của {host} sau {span}"),
    "connect": _late("Chưa kết nối được tới {host} sau {span}"),
    "tls": _late("Chưa thiết lập xong kết nối an toàn với {host} sau {span}"),
    "ttfb": _late("Chưa nhận được trả lời của {host} sau {span}"),
    "transfer": _late("Chưa nhận hết trang của {host} sau {span}"),
}
_RESOLVER_LATE = ours(
    NETWORK,
    Reason.DNS,
    "Máy chủ tên miền của máy đo mất {lost}, phần còn lại của {span} không đủ để kết luận về {host}",
)


def unfinished(phase: Phase, host: str, elapsed_s: float) -> Conclusion:
    """Return what it means that time ran out in `phase` after `elapsed_s` seconds in all."""
    return _UNFINISHED[phase].filled(host, span=seconds(elapsed_s))


async def bounded(look: Coroutine[Any, Any, T], progress: Progress, deadline_s: float) -> T | Conclusion:
    """Await `look` for at most 95 % of `deadline_s`; an expected error, or its time running out, is a Conclusion.

    Raises:
        UnknownFaultError: No table has a row for what happened.
    """
    limit = asyncio.timeout(DEADLINE_SHARE * deadline_s)
    try:
        async with limit:
            return await look
    except EXPECTED as error:
        progress.stop()
        if progress.phase is None:
            raise
        host = host_of(progress.url)
        if not limit.expired():
            return conclude(error, progress.phase, host)
        if progress.phase != "dns" and progress.lookup_s > RESOLVER_SHARE * deadline_s:
            return _RESOLVER_LATE.filled(host, lost=seconds(progress.lookup_s), span=seconds(progress.elapsed_s))
        return unfinished(progress.phase, host, progress.elapsed_s)
