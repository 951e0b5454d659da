"""The shipped configuration, moved to the ports of a practice province of this test run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from sandbox.province import Province
from sandbox.settings import LISTENERS

ROOT = Path(__file__).parent.parent


def shipped_checks(
    province: Province, folder: Path, change: Callable[[dict[str, Any]], dict[str, Any]] = lambda document: document
) -> Path:
    """Copy checks.yaml and its journeys into `folder`; `change` may alter the first before it is written."""
    moved = {f"127.0.0.1:{9470 + k}": f"127.0.0.1:{province.port(name)}" for k, name in enumerate(LISTENERS)}
    for file in ("checks.yaml", "journeys/sandbox.yaml"):
        text = (ROOT / file).read_text(encoding="utf-8")
        for shipped, here in moved.items():
            text = text.replace(shipped, here)
        document = yaml.safe_load(text)
        if file == "checks.yaml":
            document = change(document)
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    (folder / "sandbox").symlink_to(ROOT / "sandbox")
    return folder / "checks.yaml"
