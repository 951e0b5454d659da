"""All faults, in the order of the table in docs/faults.md."""

from tests.faults.answers import HTTP, ROBOTS, SLOWNESS
from tests.faults.fault import Fault
from tests.faults.lines import NAMES, NETWORK, TLS
from tests.faults.others import DEPENDENCIES
from tests.faults.own import BROWSERS, LINE, MACHINE, STORE
from tests.faults.pages import PAGES

FAULTS: tuple[Fault, ...] = (
    *NETWORK, *TLS, *NAMES, *HTTP, *ROBOTS, *SLOWNESS, *PAGES, *DEPENDENCIES, *BROWSERS, *MACHINE, *STORE, *LINE,
)  # fmt: skip
