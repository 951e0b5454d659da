"""The generated pages say what the program does: up to date, complete, and every example loads."""

import re
from pathlib import Path
from typing import get_args

import pytest

from checks.audit import Audit
from checks.bind import SURROUNDINGS
from checks.config import Config
from checks.journey import Action
from checks.load import load
from checks.model import ConfigFile
from checks.run import Run
from checks.source import LISTS
from scripts.generate import ROOT, pages
from scripts.reference import Model, models_of

CHECKS = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", CHECKS, re.DOTALL | re.MULTILINE)
WRAPPERS = {kind.__name__: kind for kind in (get_args(one)[0] for one in get_args(get_args(Action)[0]))}
ACTIONS = [key for kind in WRAPPERS.values() for key in kind.model_fields]
AROUND: dict[str, str | dict[str, str]] = {
    "version": "1",
    "settings": "{contact: 'mailto:a@b.example', defaults: {every: 10m, deadline: 60s}}",
    "agencies": {
        "so-khcn": "{id: so-khcn, name: Sở, email: [a@b.example]}",
        "so-tu-phap": "{id: so-tu-phap, name: Sở, email: [a@b.example]}",
    },
    "systems": {
        "mot-cua": "{id: mot-cua, name: Một cửa, agency: so-khcn, url: 'https://dvc.anbinh.example', "
        "hosts: [dvc.anbinh.example]}",
        "thu": "{id: thu, name: Thử, agency: so-khcn, url: 'https://thu.example', hosts: [thu.example], "
        "environment: test}",
    },
    "services": {"khai-sinh": "{id: khai-sinh, name: Khai sinh, agency: so-tu-phap, system: mot-cua}"},
    "journeys": {
        "tra-cuu": "{id: tra-cuu, title: Tra cứu, parameters: {ma-ho-so: {}}, steps: [{name: Xem, until: {text: a}}]}"
    },
    "checks": {
        "trang-dau": "{id: trang-dau, type: http, system: mot-cua, url: '${system.url}/'}",
        "vi-du": "{id: vi-du, type: browser, system: thu, journey: tra-cuu, with: {ma-ho-so: a}, depth: L4}",
    },
}
"""What an example of one section needs around it; an item of the example replaces the one of its name."""


def models_without_table(root: Model, page: str) -> set[str]:
    shown = set(re.findall(r"<!-- (?:keys|fields): (\w+) -->", page))
    return set(models_of(root)) - shown


def load_example(folder: Path, example: str) -> Config:
    """Load an example: a whole file, the actions of a step, or one section, with what it needs around it."""
    path = folder / "checks.yaml"
    if example.startswith("- "):
        example = (
            "journeys:\n  - id: tra-cuu\n    title: Thử\n    parameters: {ma-ho-so: {}}\n    steps:\n"
            "      - name: Thử\n        until: {text: a}\n        do:\n"
            + "".join(f"          {line}\n" for line in example.splitlines())
        )
    path.write_text(example if example.startswith("version") else completed(example), encoding="utf-8")
    for included in re.findall(r"journeys/[\w-]+\.yaml", example):
        (folder / "journeys").mkdir(exist_ok=True)
        (folder / included).write_text("journeys: []\n", encoding="utf-8")
    for attached in re.findall(r"path: ([\w/-]+\.\w+)", example):
        (folder / attached).parent.mkdir(parents=True, exist_ok=True)
        (folder / attached).write_bytes(b"%PDF-")
    return load(path)


def completed(example: str) -> str:
    (section,) = re.findall(r"^(\w+):", example, re.MULTILINE)
    text = example
    for key, around in AROUND.items():
        if isinstance(around, str):
            text += f"{key}: {around}\n" if key != section else ""
            continue
        items = "".join(f"  - {item}\n" for name, item in around.items() if f"id: {name}\n" not in example)
        text = text.replace(f"{key}:\n", f"{key}:\n{items}") if key == section else f"{text}{key}:\n{items}"
    return text


@pytest.mark.parametrize("path", pages(), ids=str)
def test_a_generated_file_is_up_to_date(path: Path) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == pages()[path], "run: make docs"


def test_every_key_of_checks_yaml_is_in_its_page() -> None:
    assert models_without_table(ConfigFile, CHECKS) == set(WRAPPERS)


@pytest.mark.parametrize("root", [Run, Audit])
def test_every_field_of_a_result_is_in_its_page(root: Model) -> None:
    assert models_without_table(root, (ROOT / "docs" / "run.md").read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("root", [ConfigFile, Run, Audit])
def test_every_key_has_a_meaning(root: Model) -> None:
    silent = [
        f"{name}.{key}" for name, model in models_of(root).items() for key in model.model_fields
        if not model.model_fields[key].description
    ]  # fmt: skip
    assert silent == []


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_a_section_that_begins_with_an_example(action: str) -> None:
    assert f"\n### {action}\n\n```yaml\n- {action}: " in CHECKS


def test_the_page_names_every_reference_and_every_section() -> None:
    assert [name for name in SURROUNDINGS if f"`${{{name}}}`" not in CHECKS] == []
    assert [name for name in LISTS if f"\n## {name}\n" not in CHECKS] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.splitlines()[0])
def test_every_example_of_the_page_loads(example: str, tmp_path: Path) -> None:
    assert load_example(tmp_path, example).targets


def test_every_link_inside_the_pages_leads_somewhere() -> None:
    for name in ("checks.md", "run.md"):
        page = (ROOT / "docs" / name).read_text(encoding="utf-8")
        headings = {
            re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.+)$", page, re.MULTILINE)
        }
        there = headings | set(re.findall(r'<a id="([\w-]+)">', page))
        assert {link for link in re.findall(r"\]\(#([\w-]+)\)", page) if link not in there} == set()
