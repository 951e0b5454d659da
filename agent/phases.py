"""Where in its interval each check stands: decided by the configuration alone, so that every start agrees.

Light checks stand where the hash of their id says; there are many of them and each is over in a moment. Walks are
heavy, and a hash puts some of them on a heap by chance. So the walks of one interval share it out: they fill rows of
places one after another, the first row being the start of the interval, the second its middle, then the quarters, the
eighths and so on. Who is in which row is decided by the order of the hashes, who stands where in a row by a walk over
its places that starts and steps as the hash says. All rows but the last are full: neighbours are never closer than half
of an even share and never further apart than two. A check that comes or goes moves one check from row to row and a
few along each row: seven of 500 on average. Sharing out to the second would move them all.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from checks.config import AnyCheck
from checks.model import BrowserCheck


def offsets_s(checks: Iterable[AnyCheck]) -> dict[str, int]:
    """Return check id -> seconds from the start of its interval, as intervals are counted from the epoch."""
    found, walks = {}, defaultdict(list)
    for check in checks:
        if isinstance(check, BrowserCheck):
            walks[int(check.every)].append(check.id)
        else:
            found[check.id] = _number(check.id) % int(check.every)
    for every, names in walks.items():
        start = _number(f"walks every {every} s") % every  # intervals that are multiples must not all start together
        found |= {name: (start + int(place * every)) % every for name, place in places(names).items()}
    return found


def places(names: Iterable[str]) -> dict[str, float]:
    """Return a place in [0, 1) for each name, spread evenly; it depends on the set of names and nothing else."""
    found = {}
    for row, members in enumerate(_rows(sorted(names, key=_number))):
        width = _width(row)
        taken: set[int] = set()
        for name in members:
            number = _number(name)
            place, step = number % width, (number >> 64) | 1  # odd: visits every place of a row of 2^n
            while place in taken:
                place = (place + step) % width
            taken.add(place)
            found[name] = (2 * place + 1) / 2**row if row else 0.0
    return found


def _rows(names: Sequence[str]) -> Iterator[Sequence[str]]:
    row = start = 0
    while start < len(names):
        yield names[start : start + _width(row)]
        start, row = start + _width(row), row + 1


def _width(row: int) -> int:
    return 1 << max(row - 1, 0)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
