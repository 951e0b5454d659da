"""Reads YAML into plain data and remembers where every key and item stands."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from checks.errors import Problem, shown
from checks.nodes import SIZE_LIMIT, FaultError, Mappings, compose, plain

KeyPath = tuple[str | int, ...]
Place = tuple[str, int]

LISTS = ("agencies", "systems", "dependencies", "services", "journeys", "checks", "maintenance")
"""The sections that an included file may hold; its items are appended."""

_NODE_LIMIT = 300_000
_DEPTH_LIMIT = 40
_INCLUDE_DEPTH = 20


@dataclass(slots=True)
class Source:
    """Merged data of a file and its includes; `places` maps a key path to file and line.

    What stands at an `unreadable` path was reported while it was read; its value is None. `files` are those that were
    asked for, whether they could be read or not.
    """

    data: dict[str, Any] = field(default_factory=dict)
    places: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    unreadable: set[KeyPath] = field(default_factory=set)

    @property
    def digest(self) -> str:
        """Twelve letters that tell this configuration from any other."""
        return hashlib.sha256(b"\0".join(self.texts)).hexdigest()[:12]

    def place(self, path: KeyPath) -> Place:
        """Return where `path`, or its nearest written ancestor, stands."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return ("", 1)

    def report(self, path: KeyPath, message: str) -> None:
        """Add a problem, addressed by key path."""
        file, line = self.place(path)
        self.problems.append(Problem(file, line, spelled(path), message))

    def items(self, section: str) -> list[Any]:
        """Return the raw items of a list section; none where something else is written."""
        written = self.data.get(section)
        return written if isinstance(written, list) else []

    def at(self, path: KeyPath) -> Any:
        """Return the raw value at `path`; None where nothing is written."""
        value: Any = self.data
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def spelled(path: KeyPath) -> str:
    """Spell a key path as people read it: `checks[7].timeout`."""
    text = ""
    for part in path:
        word = f"[{part}]" if isinstance(part, int) else shown(part)[1:-1]
        text += f".{word}" if text and isinstance(part, str) else word
    return text


def read(path: Path) -> Source:
    """Read `path` and everything it includes; what cannot be read becomes a problem, the rest is kept."""
    reader = _Reader()
    try:
        reader.file(path, ())
    except _EndlessError as error:
        reader.refuse(error.file, error.line, "", str(error))
        reader.source.data.clear()  # half a configuration would only be reported as incomplete
    return reader.source


class _EndlessError(Exception):
    """A file is no honest configuration: nested or expanded without end."""

    def __init__(self, file: str, line: int, message: str) -> None:
        self.file, self.line = file, line
        super().__init__(message)


class _Reader:
    def __init__(self) -> None:
        self.source = Source()
        self.count = 0
        self.read: set[Path] = set()

    def refuse(self, file: str, line: int, key: str, message: str) -> None:
        self.source.problems.append(Problem(file, line, key, message))

    def file(self, path: Path, chain: tuple[Path, ...]) -> None:
        file = str(path)
        self.source.places.setdefault((), (file, 1))
        self.source.files.append(path)
        try:
            resolved = path.resolve()
            with path.open("rb") as opened:
                raw = opened.read(SIZE_LIMIT + 1)
            self.source.texts.append(raw)
            root = compose(raw)
        except (OSError, ValueError, RuntimeError) as error:  # ValueError: NUL in a name; RuntimeError: circular links
            self.refuse(file, 1, "", f"cannot be read: {getattr(error, 'strerror', None) or error}")
        except FaultError as error:
            self.refuse(file, error.line, "", str(error))
        else:
            self.read.add(resolved)
            _Walk(self, file).sections(root, path, (*chain, resolved))


class _Walk:
    """One file on its way into the reader's source."""

    def __init__(self, reader: _Reader, file: str) -> None:
        self.reader, self.source, self.filename = reader, reader.source, file
        self.here: KeyPath = ()
        self.mappings = Mappings(self._misplaced, self._worked)

    def _refuse(self, node: yaml.Node, key: str, message: str) -> None:
        self.reader.refuse(self.filename, node.start_mark.line + 1, key, message)

    def _misplaced(self, node: yaml.Node, key: str | None, message: str) -> None:
        self._refuse(node, spelled(self.here if key is None else (*self.here, key)), message)

    def _worked(self, node: yaml.Node, work: int) -> None:
        self.reader.count += work
        if self.reader.count > _NODE_LIMIT:
            self._endless(node)

    def _endless(self, node: yaml.Node) -> NoReturn:
        message = "is nested or repeated without end (look at the anchors and aliases)"
        raise _EndlessError(self.filename, node.start_mark.line + 1, message)

    def sections(self, root: yaml.MappingNode, path: Path, chain: tuple[Path, ...]) -> None:
        pairs = self.mappings.pairs(root)
        for key, (key_node, node) in pairs.items():
            self._section(key, key_node, node, first=len(chain) == 1)
        included = pairs["include"][1] if "include" in pairs else None
        for item in included.value if isinstance(included, yaml.SequenceNode) else ():
            self._include(item, path, chain)

    def _section(self, key: str, key_node: yaml.Node, node: yaml.Node, *, first: bool) -> None:
        place = (self.filename, key_node.start_mark.line + 1)
        if key in LISTS and isinstance(node, yaml.SequenceNode):
            items = self.source.data.setdefault(key, [])
            self.source.places.setdefault((key,), place)
            for item in node.value:
                items.append(self._value(item, (key, len(items))))
        elif first:
            self.source.places[(key,)] = place
            self.source.data[key] = self._value(node, (key,))
        elif key not in ("version", "include"):
            self._refuse(key_node, spelled((key,)), f"an included file may only hold {', '.join(LISTS)}")

    def _include(self, item: yaml.Node, path: Path, chain: tuple[Path, ...]) -> None:
        if not isinstance(item, yaml.ScalarNode) or not item.tag.endswith(":str"):
            self._refuse(item, "include", "must be the name of a file, as text")
            return
        included = path.parent / item.value
        try:
            resolved, exists = included.resolve(), included.is_file()
        except (OSError, ValueError, RuntimeError):  # too long, holds NUL, circular links
            resolved, exists = included, False
        if resolved in chain:
            self._refuse(item, "include", f"{shown(item.value)} includes itself")
        elif not exists:
            self.source.files.append(included)
            self._refuse(item, "include", f"there is no file {shown(item.value)}")
        elif resolved in self.reader.read:
            self._refuse(item, "include", f"{shown(item.value)} is included already")
        elif len(chain) > _INCLUDE_DEPTH:
            self._refuse(item, "include", f"more than {_INCLUDE_DEPTH} files include one another")
        else:
            self.reader.file(included, chain)

    def _value(self, node: yaml.Node, path: KeyPath) -> Any:
        self._worked(node, 1)
        if len(path) > _DEPTH_LIMIT:
            self._endless(node)
        self.source.places.setdefault(path, (self.filename, node.start_mark.line + 1))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        try:
            return plain(node)
        except ValueError as error:
            self._refuse(node, spelled(path), f"is not a plain value: {error}")
            self.source.unreadable.add(path)
            return None

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        self.here = path
        mapping: dict[str, Any] = {}
        for key, (key_node, value_node) in self.mappings.pairs(node).items():
            self.source.places[(*path, key)] = (self.filename, key_node.start_mark.line + 1)
            mapping[key] = self._value(value_node, (*path, key))
        return mapping
