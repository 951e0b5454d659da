"""Reads YAML into plain data and remembers where every key and item stands."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from checks.errors import Problem

KeyPath = tuple[str | int, ...]
Place = tuple[str, int]
Pair = tuple[yaml.Node, yaml.Node]

LISTS = ("agencies", "systems", "dependencies", "services", "journeys", "checks", "maintenance")
"""The sections that an included file may hold; its items are appended."""

_NODE_LIMIT = 1_000_000
_DEPTH_LIMIT = 40
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Source:
    """Merged data of a file and its includes; `places` maps a key path to file and line."""

    data: dict[str, Any] = field(default_factory=dict)
    places: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)

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
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read(path: Path) -> Source:
    """Read `path` and everything it includes; what cannot be read becomes a problem, the rest is kept."""
    reader = _Reader()
    try:
        reader.file(path, ())
    except _EndlessError as error:
        reader.refuse(error.file, error.line, "", str(error))
    return reader.source


class _EndlessError(Exception):
    """A file is no honest configuration: nested or expanded without end."""

    def __init__(self, file: str, line: int, message: str) -> None:
        self.file, self.line = file, line
        super().__init__(message)


class _Reader:
    def __init__(self) -> None:
        self.source = Source()
        self.constructor = SafeConstructor()
        self.count = 0
        self.flattened: set[int] = set()
        self.roots: list[yaml.Node] = []  # keeps nodes alive, so that ids in `flattened` stay theirs

    def refuse(self, file: str, line: int, key: str, message: str) -> None:
        self.source.problems.append(Problem(file, line, key, message))

    def file(self, path: Path, chain: tuple[Path, ...]) -> None:
        file = str(path)
        self.source.places.setdefault((), (file, 1))
        root = self._compose(path, file)
        if root is None:
            return
        for key_node, node in self._pairs(root, (), file):
            self._section(str(key_node.value), key_node, node, file, first=not chain)
        self._includes(root, path, (*chain, path.resolve()))

    def _compose(self, path: Path, file: str) -> yaml.MappingNode | None:
        try:
            raw = path.read_bytes()
            self.source.texts.append(raw)
            root = yaml.compose(raw.decode("utf-8-sig"), Loader=_LOADER)
        except OSError as error:
            self.refuse(file, 1, "", f"cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            self.refuse(file, error.object[: error.start].count(b"\n") + 1, "", "is not UTF-8 text")
        except yaml.YAMLError as error:
            self.refuse(file, _line(error), "", f"is not valid YAML: {_said(error)}")
        else:
            if isinstance(root, yaml.MappingNode):
                self.roots.append(root)
                return root
            self.refuse(file, 1, "", "must be a mapping that begins with `version: 1`")
        return None

    def _section(self, key: str, key_node: yaml.Node, node: yaml.Node, file: str, *, first: bool) -> None:
        line = key_node.start_mark.line + 1
        if key in LISTS and isinstance(node, yaml.SequenceNode):
            items = self.source.data.setdefault(key, [])
            self.source.places.setdefault((key,), (file, line))
            for item in node.value:
                items.append(self._value(item, (key, len(items)), file))
        elif first:
            self.source.places[(key,)] = (file, line)
            self.source.data[key] = self._value(node, (key,), file)
        elif key not in ("version", "include"):
            self.refuse(file, line, key, f"an included file may only hold {', '.join(LISTS)}")

    def _includes(self, root: yaml.MappingNode, path: Path, chain: tuple[Path, ...]) -> None:
        lists = [node for key, node in root.value if key.value == "include" and isinstance(node, yaml.SequenceNode)]
        for item in (item for node in lists for item in node.value):
            included = path.parent / str(item.value)
            if included.resolve() in chain:
                self.refuse(str(path), item.start_mark.line + 1, "include", f"'{item.value}' includes itself")
            elif not included.is_file():
                self.refuse(str(path), item.start_mark.line + 1, "include", f"there is no file '{item.value}'")
            else:
                self.file(included, chain)

    def _pairs(self, node: yaml.MappingNode, path: KeyPath, file: str) -> Iterator[Pair]:
        """Yield the pairs of a mapping once each, merge keys (`<<`) resolved."""
        if id(node) not in self.flattened:
            self.flattened.add(id(node))
            self._report_twice(node, path, file)
            self.constructor.flatten_mapping(node)
        # Merged pairs stand before a mapping's own, so that the own one wins here.
        yield from {str(key.value): (key, value) for key, value in node.value}.values()

    def _report_twice(self, node: yaml.MappingNode, path: KeyPath, file: str) -> None:
        first: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if key.value in first and key.value != "<<":
                self.refuse(file, line, spelled((*path, key.value)), f"is already on line {first[key.value]}")
            first.setdefault(str(key.value), line)

    def _value(self, node: yaml.Node, path: KeyPath, file: str) -> Any:
        line = node.start_mark.line + 1
        self.count += 1
        if self.count > _NODE_LIMIT or len(path) > _DEPTH_LIMIT:
            raise _EndlessError(file, line, "is nested or repeated without end (look at the anchors and aliases)")
        self.source.places.setdefault(path, (file, line))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, file)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index), file) for index, item in enumerate(node.value)]
        return self._scalar(node, path, file)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath, file: str) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in self._pairs(node, path, file):
            key = str(key_node.value)
            self.source.places[(*path, key)] = (file, key_node.start_mark.line + 1)
            mapping[key] = self._value(value_node, (*path, key), file)
        return mapping

    def _scalar(self, node: yaml.Node, path: KeyPath, file: str) -> Any:
        try:
            return self.constructor.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            said = _said(error) if isinstance(error, yaml.YAMLError) else str(error)
            self.refuse(file, node.start_mark.line + 1, spelled(path), f"is not a plain value: {said}")
            return None


def _line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark is not None else 1


def _said(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
