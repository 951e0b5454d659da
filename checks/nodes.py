"""A YAML text as nodes: bounded before it is composed, merge keys (`<<`) followed without multiplying them."""

from collections.abc import Callable

import yaml
from yaml.constructor import SafeConstructor

from checks.errors import shown

Pair = tuple[yaml.Node, yaml.Node]
Report = Callable[[yaml.Node, str | None, str], None]
"""Takes a fault's node, the key within the mapping (None: the mapping itself), and the message."""

SIZE_LIMIT = 5_000_000
_EVENT_LIMIT = 1_000_000
_NESTING_LIMIT = 100
_MERGE_TAG = "tag:yaml.org,2002:merge"
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class FaultError(Exception):
    """The text cannot be taken as nodes; `line` is where that shows."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


def compose(raw: bytes) -> yaml.MappingNode:
    """Return the mapping a file consists of.

    Raises:
        FaultError: It is too large, nested without end, no UTF-8, no YAML or no mapping.
    """
    if len(raw) > SIZE_LIMIT:
        raise FaultError(1, f"is larger than {SIZE_LIMIT // 1_000_000}MB")
    try:
        text = raw.decode("utf-8-sig")
        _bounded(text)
        root = yaml.compose(text, Loader=_LOADER)
    except UnicodeDecodeError as error:
        raise FaultError(error.object[: error.start].count(b"\n") + 1, "is not UTF-8 text") from None
    except yaml.YAMLError as error:
        raise FaultError(_line(error), f"is not valid YAML: {_said(error)}") from None
    if not isinstance(root, yaml.MappingNode):
        raise FaultError(1, "must be a mapping that begins with `version: 1`")
    return root


def _bounded(text: str) -> None:
    """Refuse what would exhaust the composer, which calls itself for every level."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _NESTING_LIMIT or count > _EVENT_LIMIT:
            fault = "nested deeper" if depth > _NESTING_LIMIT else "longer"
            line = event.start_mark.line + 1 if event.start_mark is not None else 1
            raise FaultError(line, f"is {fault} than any configuration needs to be")


def plain(node: yaml.Node) -> object:
    """Return the value of a scalar node.

    Raises:
        ValueError: It is not what its tag says.
    """
    try:
        return SafeConstructor().construct_object(node)
    except yaml.YAMLError as error:
        raise ValueError(_said(error)) from None
    except (KeyError, IndexError, AttributeError, TypeError, OverflowError):  # what PyYAML lets through
        raise ValueError(f"{shown(node.value)} is no {node.tag.rpartition(':')[2]}") from None


class Mappings:
    """The pairs of every mapping, each mapping worked out once."""

    def __init__(self, report: Report, count: Callable[[yaml.Node, int], None]) -> None:
        self._report = report
        self._count = count  # called with the work done, so that merges cannot multiply without end
        self._known: dict[int, tuple[yaml.Node, dict[str, Pair]]] = {}  # keeps nodes alive: their ids stay theirs
        self._open: set[int] = set()

    def pairs(self, node: yaml.MappingNode) -> dict[str, Pair]:
        """Return key -> (key, value), merged pairs first; own keys win, and among merged ones the first."""
        if id(node) not in self._known:
            self._open.add(id(node))
            own, merged = self._own(node)
            found: dict[str, Pair] = {}
            for at, one in merged:
                for key, pair in self._merged(at, one).items():
                    found.setdefault(key, pair)
            self._open.discard(id(node))
            self._known[id(node)] = (node, {**found, **own})
        return self._known[id(node)][1]

    def _own(self, node: yaml.MappingNode) -> tuple[dict[str, Pair], list[Pair]]:
        own: dict[str, Pair] = {}
        merged: list[Pair] = []
        for key, value in node.value:
            if key.tag == _MERGE_TAG:
                merged += [(key, one) for one in (value.value if isinstance(value, yaml.SequenceNode) else [value])]
            elif not isinstance(key, yaml.ScalarNode):
                self._report(key, None, "a key must be text, not a list or a mapping")
            else:
                if key.value in own:
                    first = own[key.value][0].start_mark.line + 1
                    self._report(key, key.value, f"is already on line {first}")
                own[key.value] = (key, value)
        return own, merged

    def _merged(self, at: yaml.Node, node: yaml.Node) -> dict[str, Pair]:
        self._count(at, 1)
        if not isinstance(node, yaml.MappingNode):
            self._report(at, "<<", "merges mappings only (an alias of one, or a list of such aliases)")
            return {}
        if id(node) in self._open or len(self._open) > _NESTING_LIMIT:
            self._report(at, "<<", "merges without end")
            return {}
        pairs = self.pairs(node)
        self._count(at, len(pairs))
        return pairs


def _line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark is not None else 1


def _said(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
