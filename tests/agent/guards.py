"""A network guard without references, for tests about other things."""

from agent.clock import SystemClock
from agent.network import NetworkGuard
from probes.reference import References


def unguarded(clock: SystemClock) -> NetworkGuard:
    """Return a guard that can ask nobody."""
    return NetworkGuard(References((), "dvcwatch/1 (+so-khcn@anbinh.example)"), clock)
