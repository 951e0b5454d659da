"""Writes the generated pages again: `python -m scripts.generate` (`make docs`)."""

import json
import sys
from pathlib import Path
from typing import Any

from checks import editors
from checks.audit import Audit
from checks.model import ConfigFile
from checks.run import Run
from deploy.dashboards.overview import document as dashboard
from exporters.document import document as metrics
from sandbox.tables import renew
from scripts import signs
from scripts.reference import models_of, renewed

ROOT = Path(__file__).parents[1]


def pages() -> dict[Path, str]:
    """Return what every generated file must hold, by its path below the project's folder."""
    return {
        Path("checks.schema.json"): _printed(editors.schema()),
        Path("docs/blocked.md"): signs.renewed(_now("docs/blocked.md")),
        Path("docs/checks.md"): renewed(_now("docs/checks.md"), models_of(ConfigFile)),
        Path("docs/metrics.md"): metrics(),
        Path("docs/run.md"): renewed(_now("docs/run.md"), models_of(Run) | models_of(Audit)),
        Path("docs/run.schema.json"): _printed(Run.model_json_schema(mode="serialization")),
        Path("docs/sandbox.md"): renew(_now("docs/sandbox.md")),
        Path("deploy/grafana/dashboards/overview.json"): dashboard(),
    }


def _now(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _printed(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def main() -> int:
    """Write what is not up to date, and say so."""
    for path, text in pages().items():
        if not (ROOT / path).is_file() or _now(str(path)) != text:
            (ROOT / path).write_text(text, encoding="utf-8")
            print(f"written: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
