"""Lint says what will hurt, once and at its place; shipped files are clean or say why not."""

from pathlib import Path

import pytest

from checks.brittle import brittle
from checks.lint.lint import lint

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ONE_WARNING = sorted((HERE / "one_warning").glob("*.yaml"))
SHIPPED = [
    ROOT / "checks.yaml",
    *sorted((ROOT / "examples").rglob("checks.yaml")),
    ROOT / "examples" / "quang-ngai.yaml",
]


def said(path: Path) -> list[str]:
    found = lint(path, {})
    told = [(one, str(one)) for one in found.warnings]
    told += [(one, str(one).replace(f"{one.key}: ", f"{one.key}: (info) ", 1)) for one in found.infos]
    return [line for _, line in sorted(told)]


@pytest.mark.parametrize("path", ONE_WARNING, ids=lambda path: path.stem)
def test_one_thing_that_hurts_gives_its_exact_message(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [f"{path.name}:{line.removeprefix('# expect ')}" for line in lines if line.startswith("# expect ")]
    assert expected, "the file must say what it expects"
    assert said(Path(path.name)) == expected


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shipped_files_are_clean_or_say_why_not(path: Path) -> None:
    assert [str(problem) for problem in lint(path, {}).warnings] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('nth: 2}', 'nth: 2} # lint: the page has no other way'),
        ("          - click:", "          # lint: the page has\n          # no other way\n          - click:"),
        ("      - name: Tra cứu\n", "      # lint: the page has no other way\n      - name: Tra cứu\n"),
        ("  - id: tra-cuu\n", "  - id: tra-cuu # lint: the page has no other way\n"),
    ],
)  # fmt: skip
def test_a_written_reason_answers_a_warning(old: str, new: str, tmp_path: Path) -> None:
    text = (HERE / "one_warning" / "nth-of-the-whole-page.yaml").read_text(encoding="utf-8")
    path = tmp_path / "checks.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    found = lint(path, {})
    assert (found.warnings, found.accepted) == ((), 1)


@pytest.mark.parametrize("new", ["nth: 2} # lint:", "nth: 2} # later"])
def test_a_comment_without_a_reason_answers_nothing(new: str, tmp_path: Path) -> None:
    text = (HERE / "one_warning" / "nth-of-the-whole-page.yaml").read_text(encoding="utf-8")
    path = tmp_path / "checks.yaml"
    path.write_text(text.replace("nth: 2}", new), encoding="utf-8")
    assert len(lint(path, {}).warnings) == 1


def test_a_step_that_journeys_share_is_told_once(tmp_path: Path) -> None:
    text = (HERE / "one_warning" / "nth-of-the-whole-page.yaml").read_text(encoding="utf-8")
    text = text.replace("- name: Tra cứu\n", "- &chung\n        name: Tra cứu\n")
    other = "  - {id: hai, title: Hai, parameters: {ma: {default: H1}}, steps: [*chung]}\nchecks:\n"
    check = "  - {id: hai, type: browser, system: cong, journey: hai, budget: 9s}\n"
    path = tmp_path / "checks.yaml"
    path.write_text(text.replace("checks:\n", other).replace("# expect", check + "# expect"), encoding="utf-8")
    assert len(lint(path, {}).warnings) == 1


@pytest.mark.parametrize(
    "css",
    [
        "#react-1", "#\\:r1\\:", "[id=':r1a:']", "#ember123", ".ng-star-inserted", "#mat-input-3", "#mui-1234",
        ".css-1x2y3z4", ".sc-bdVaJa", ".Button_root__a1B2c", "#ctl00_Main_Button1", "#j_idt42", "#field-20231105",
        ".a3f9c2d18e", "a:nth-of-type(2)", "li:first-child", "//a", "xpath=//a",
        "/html/body/div", "main > div > div > ul > li > a",
        "[class~=\"jss123\"]", "#ext-gen1043", ".el-id-2048-12",
    ],
)  # fmt: skip
def test_selectors_that_will_not_live_long_are_known(css: str) -> None:
    assert brittle(css) is not None


@pytest.mark.parametrize(
    "css",
    [
        "#ma-ho-so", ".thong-bao", "#tim-kiem > button", "input[name=ngay_sinh]", "form.dang-nhap", "[data-testid=nop]",
        "#tab-2", ".col-md-12", "#nutTiepTuc", "table.danh-sach tr.chon", "#step1", ".MuiButton-root", "#btnDangNhap",
        ".ant-modal", "[name=\"truong_hop\"]",
    ],
)  # fmt: skip
def test_selectors_that_a_person_wrote_are_left_alone(css: str) -> None:
    assert brittle(css) is None
