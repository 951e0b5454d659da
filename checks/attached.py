"""The files that walks attach: they lie in the folder of checks.yaml, whatever a path or a link says."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from checks.errors import shown
from checks.journey import Action, IfVisible, Journey, Upload
from checks.source import KeyPath, Source


def attached(folder: Path, path: str) -> Path:
    """Return the file that `path` names, links followed; `folder` is that of checks.yaml.

    Raises:
        ValueError: It is absolute, lies outside of `folder`, is not there, or cannot be read.
    """
    if path.startswith("/") or "${" in path:
        raise ValueError(f"must be written out, from the folder of checks.yaml on, not {shown(path)}")
    try:
        home = folder.resolve()
        file = (home / path).resolve()
        inside, there = file.is_relative_to(home), file.is_file()
    except (OSError, ValueError, RuntimeError):  # too long, holds NUL, circular links
        inside, there = True, False
    if not inside:
        raise ValueError(f"{shown(path)} leads out of the folder of checks.yaml")
    if not there or not os.access(file, os.R_OK):
        raise ValueError(f"there is no file {shown(path)} that can be read in the folder of checks.yaml")
    return file


def check_attached(source: Source, path: KeyPath, journey: Journey) -> None:
    """Report the files of a journey that cannot be attached; `path` is the journey's."""
    folder = Path(source.place(())[0]).parent
    steps = [("steps", i, step) for i, step in enumerate(journey.steps)]
    always = [("always", i, step) for i, step in enumerate(journey.always)]
    for key, i, step in (*steps, *always):
        for here, action in _placed(step.do, (*path, key, i, "do")):
            if not isinstance(action, Upload) or action.upload.path is None:
                continue
            try:
                attached(folder, action.upload.path)
            except ValueError as error:
                source.report((*here, "upload", "path"), str(error))


def _placed(actions: Iterable[Action], path: KeyPath) -> Iterator[tuple[KeyPath, Action]]:
    for i, action in enumerate(actions):
        yield (*path, i), action
        if isinstance(action, IfVisible):
            yield from _placed(action.if_visible.do, (*path, i, "if_visible", "do"))
