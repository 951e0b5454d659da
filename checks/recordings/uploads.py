"""Files that somebody attached while recording -> files that are made for each walk."""

from pathlib import PurePosixPath, PureWindowsPath
from typing import get_args

from checks.recordings.recording import Written
from checks.recordings.words import slug
from checks.targets import GeneratedFile

_KINDS = get_args(GeneratedFile.model_fields["type"].annotation)
_SAME = {"jpeg": "jpg"}


def file_of(path: str) -> tuple[Written, str]:
    """Return the generated file that stands for the one at `path`, and a note where its kind cannot be made."""
    name = PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name
    stem, _, ending = name.rpartition(".")
    kind = _SAME.get(ending.casefold(), ending.casefold())
    file: Written = {"name": slug(stem or name, "giay-to")}
    if kind in _KINDS:
        return {"type": kind, **file}, ""
    return file, f"a .{slug(ending, 'tệp')} file cannot be made; a PDF is attached instead"
