"""The commands that help to write checks down: what they print, where, and how they end."""

from pathlib import Path

from tests.agent.command import dvcwatch, write_checks

ROOT = Path(__file__).parents[2]
RECORDING = ROOT / "tests" / "checks" / "recordings" / "to-khai.json"


async def test_a_recording_is_imported_to_a_file_and_its_notes_are_told(tmp_path: Path) -> None:
    done = await dvcwatch("import", RECORDING, "--id", "khai", "--out", "khai.yaml", "--check", folder=tmp_path)
    assert done.code == 0
    assert done.out.startswith("checks:\n  - id: khai\n    type: browser\n")
    assert done.err.startswith(f"{RECORDING}:84: a choice is recorded by its value")
    written = (tmp_path / "khai.yaml").read_text(encoding="utf-8")
    assert "- id: khai\n" in written
    printed = await dvcwatch("import", RECORDING, "--id", "khai", "--check", folder=tmp_path)
    assert printed.out.startswith(written + "# checks:\n#   - id: khai\n")


async def test_what_is_no_recording_leaves_with_two_and_its_line(tmp_path: Path) -> None:
    (tmp_path / "hong.json").write_text('{\n"steps": [\n}', encoding="utf-8")
    done = await dvcwatch("import", "hong.json", folder=tmp_path)
    assert (done.code, done.out) == (2, "hong.json:3: is not valid JSON: Expecting value\n")
    wrong = await dvcwatch("import", RECORDING, "--id", "Khai Sinh", folder=tmp_path)
    assert (wrong.code, wrong.out) == (2, "")
    nowhere = await dvcwatch("import", RECORDING, "--out", "khong/co.yaml", folder=tmp_path)
    assert (nowhere.code, nowhere.err) == (2, "khong/co.yaml: cannot be written: No such file or directory\n")


async def test_lint_tells_warnings_and_ends_with_0_or_when_strict_with_1(tmp_path: Path) -> None:
    text = (ROOT / "tests/checks/one_warning/text-of-two-letters.yaml").read_text(encoding="utf-8")
    (tmp_path / "checks.yaml").write_text(text, encoding="utf-8")
    told = "checks.yaml:21: journeys[0].steps[1].do[1].click.text: 'OK' is found in many words; write a longer text"
    done = await dvcwatch("lint", folder=tmp_path)
    assert (done.code, done.err) == (0, "checks.yaml: 1 warning\n")
    assert done.out == f"{told}, or role and name\n"
    assert (await dvcwatch("lint", "--strict", folder=tmp_path)).code == 1
    (tmp_path / "checks.yaml").write_text(text.replace("text: OK}", "text: OK} # lint: so it is"), encoding="utf-8")
    clean = await dvcwatch("lint", "--strict", folder=tmp_path)
    assert (clean.code, clean.out, clean.err) == (0, "", "checks.yaml: 0 warnings, 1 accepted with a reason\n")
    (tmp_path / "checks.yaml").write_text("version: 2\n", encoding="utf-8")
    assert (await dvcwatch("lint", folder=tmp_path)).code == 2


async def test_explain_tells_a_check_and_knows_which_there_are(tmp_path: Path) -> None:
    write_checks(tmp_path, "http://127.0.0.1:1")
    done = await dvcwatch("explain", "di", folder=tmp_path)
    assert done.code == 0
    assert done.out.startswith("Kiểm tra “di”: Cổng\n")
    assert (
        "1. Mở trang: mở địa chỉ http://127.0.0.1:1/; xong khi trang hiện chữ “Xin chào” (tối đa 2 giây)." in done.out
    )
    assert (await dvcwatch("explain", folder=tmp_path)).out.count("Kiểm tra “") == 4
    missing = await dvcwatch("explain", "khong-co", folder=tmp_path)
    assert (missing.code, missing.err) == (2, "checks.yaml: there is no check khong-co\n")
