"""Recordings become journeys: readable, loadable, with what was lost at its place, and without anybody's secrets."""

import json
from pathlib import Path

import pytest

from checks.config import Config
from checks.errors import ConfigError
from checks.load import load
from checks.recordings.translate import Translated, translate
from checks.recordings.words import lasting_path

HERE = Path(__file__).parent / "recordings"
RECORDED = sorted(path for path in HERE.iterdir() if path.suffix in (".json", ".py"))
EXPECTED = sorted((HERE / "expected").glob("*.yaml"))
MAIN = """
version: 1
include: [ghi-lai.yaml]
settings: {contact: "mailto:a@anbinh.example", defaults: {every: 10m, deadline: 60s}}
agencies: [{id: so, name: Sở}]
systems: [{id: cong, name: Cổng, agency: so, url: "https://dvc.anbinh.example", hosts: [dvc.anbinh.example]}]
checks: [{id: thu, type: browser, system: cong, journey: "%s"}]
"""


def loaded(made: Translated, folder: Path, journey: str) -> Config:
    """Load the journey as an included file, with one check of it."""
    (folder / "ghi-lai.yaml").write_text(made.yaml, encoding="utf-8")
    (folder / "checks.yaml").write_text(MAIN % journey, encoding="utf-8")
    return load(folder / "checks.yaml")


def recorder(folder: Path, *steps: object, title: object = "Thử") -> Path:
    path = folder / "thu.json"
    path.write_text(json.dumps({"title": title, "steps": list(steps)}, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def codegen(folder: Path, *lines: str) -> Path:
    path = folder / "thu.py"
    path.write_text(
        "def run(page):\n    page.goto('https://dvc.example/a')\n" + "".join(f"    {x}\n" for x in lines), "utf-8"
    )
    return path


def refusal(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        translate(path)
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


def test_there_are_recordings_of_both_kinds() -> None:
    kinds = [path.suffix for path in RECORDED]
    assert kinds.count(".json") >= 5
    assert kinds.count(".py") >= 3


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_every_recording_becomes_a_file_that_loads(path: Path, tmp_path: Path) -> None:
    steps = loaded(translate(path), tmp_path, path.stem).targets["thu"].steps
    assert steps[-1].has_goal
    assert len({step.name for step in steps}) == len(steps)


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_a_recording_reads_like_a_journey_written_by_hand(path: Path) -> None:
    assert translate(HERE / path.stem).yaml == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_what_was_typed_in_private_is_nowhere(path: Path) -> None:
    made = translate(path)
    printed = made.yaml + made.check + "\n".join(map(str, made.notes))
    for secret in ("Xuân-Thơm-9x!", "012345678901", "nguyen.van.an", "bi-mat-7", "483921", "eyJhbGci", "1A2B"):
        assert secret not in printed


def test_id_title_and_a_check_to_paste_are_as_asked(tmp_path: Path) -> None:
    made = translate(HERE / "to-khai.json", "khai-sinh", "Khai sinh trên điện thoại")
    assert list(loaded(made, tmp_path, "khai-sinh").targets) == ["thu"]
    assert "title: Khai sinh trên điện thoại\n" in made.yaml
    assert "journey: khai-sinh\n" in made.check
    assert "device: mobile\n" in made.check


def test_a_private_value_is_one_parameter_wherever_it_stands(tmp_path: Path) -> None:
    path = recorder(
        tmp_path,
        {"type": "navigate", "url": "https://dvc.example/?ai=012345678901"},
        {"type": "change", "value": "012345678901", "selectors": [["aria/Số định danh"]]},
        {"type": "click", "selectors": [['aria/Hồ sơ của 012345678901[role="link"]']]},
        title="Hồ sơ của 012345678901",
    )
    made = translate(path)
    assert "012345678901" not in made.yaml
    assert made.yaml.count("so-dinh-danh: {") == 1
    assert "name: 'Hồ sơ của ${so-dinh-danh}'" in made.yaml
    assert "title: Hồ sơ của •••" in made.yaml


def test_a_frame_path_becomes_regions_within_regions(tmp_path: Path) -> None:
    path = recorder(
        tmp_path,
        {"type": "navigate", "url": "https://dvc.example/"},
        {"type": "click", "selectors": [['aria/Lưu[role="button"]']], "frame": [0, 2]},
    )
    assert "within: {frame: {css: iframe}, nth: 2, within: {frame: {css: iframe}}}" in translate(path).yaml


def test_a_popup_that_goes_on_to_another_page_is_still_the_same_tab(tmp_path: Path) -> None:
    first, second = "https://dvc.example/in", "https://dvc.example/in/2"
    arrived = [{"type": "navigation", "url": second, "title": "Trang in 2"}]
    path = recorder(
        tmp_path,
        {"type": "navigate", "url": "https://dvc.example/"},
        {"type": "click", "selectors": [['aria/In[role="link"]']]},
        {"type": "click", "selectors": [['aria/Tiếp[role="link"]']], "target": first, "assertedEvents": arrived},
        {"type": "click", "selectors": [['aria/Xong[role="button"]']], "target": second},
    )
    assert translate(path).yaml.count("new_tab: follow") == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{\n "title": "a",\n "steps": [,]\n}', "3: is not valid JSON: Expecting value"),
        ("[1]", "1: is no recording of the Chrome DevTools Recorder: a JSON object with `title` and `steps` is meant"),
        ('{"title": "a", "steps": []}', "1: holds no steps"),
        ('{"steps": [\n{"type": "navigate"}]}', "2: step 1: a navigate without `url`"),
        ('{"steps": [\n{"type": "setViewport"},\n7,\n{}]}', "3: step 2: must be an object with a `type`"),
        ('{"steps": [{"type": "change", "value": 7}]}', "1: step 1: `value` must be text, not '7'"),
        ('{"steps": [{"type": "click", "frame": "0"}]}', "1: step 1: `frame` must be a list of whole numbers"),
        ('{"steps": [{"type": "scroll"}]}', "1: holds nothing that a journey could do"),
        ('{"steps": [{"type": "change", "value": "\\ud800"}]}', "1: holds halves of characters (lone surrogates)"),
        ("[" * 100_000, "1: is nested deeper than any recording needs to be"),
        ("x = (\n", "1: is neither JSON nor Python: '(' was never closed"),
        ("print('xin chào')\n", "1: does nothing with a `page`; Python as Playwright's codegen writes it is meant"),
        ("", "1: does nothing with a `page`; Python as Playwright's codegen writes it is meant"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "hong.json"
    path.write_text(text, encoding="utf-8")
    assert refusal(path)[0] == says


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "anh.json"
    assert refusal(path) == ["1: cannot be read: No such file or directory"]
    path.write_bytes(b"{\n\xff}")
    assert refusal(path) == ["2: is not UTF-8 text"]


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("page.get_by_text(re.compile(r'^Xong$')).click()", "click: {text: Xong, exact: true}"),
        ("page.get_by_placeholder('Từ khóa').fill('a')", "fill: {placeholder: Từ khóa, value: a}"),
        ("page.get_by_test_id('nop').click()", "click: {test_id: nop}"),
        ("page.get_by_alt_text('Ảnh').click()", "click: {role: img, name: Ảnh}"),
        ("page.locator('li').filter(has_text='Y tế').get_by_role('link').click()", "li:has-text(\"Y tế\")"),
        ("page.locator('div').filter(has_text='Y tế').nth(1).click()", "click: {text: Y tế, nth: 1}"),
        ("page.locator('iframe[name=\"bm\"]').content_frame.get_by_label('Tên').click()", "{frame: {name: bm}}"),
        ("page.get_by_label('Tệp').set_input_files(['a.pdf', 'ảnh.png'])", "file: {type: png, name: anh}"),
        ("page.get_by_label('Tệp').set_input_files('tờ khai.docx')", "upload: {label: Tệp, file: {name: to-khai}}"),
        ("page.get_by_text('A').drag_to(page.get_by_text('B'))", "drag: {text: A, to: {text: B}}"),
        ("page.get_by_label('Tên').fill('')", "clear: {label: Tên}"),
        ("page.get_by_label('Tên').press_sequentially('ab')", "type: {label: Tên, value: ab}"),
        ("page.get_by_text('A').dblclick()", "double_click: {text: A}"),
        ("page.goto('http://[')", "# not translated (line 3): only http and https addresses can be opened"),
        ("page.go_back()", "back: true"),
        ("page.reload()", "reload: true"),
        ("page.keyboard.press('Escape')", "press: {key: Escape}"),
        ("page.get_by_label('Tên').press('Enter')", "click: {label: Tên}"),
        ("expect(page.get_by_text('Đang tải')).not_to_be_visible()", "until: {hidden: {text: Đang tải}}"),
        ("expect(page).to_have_url('https://dvc.example/ket-qua?x=1')", "until: {url: /ket-qua}"),
        ("page.wait_for_url('**/ket-qua')", "until: {url: /ket-qua}"),
        ("expect(page.locator('body')).to_match_aria_snapshot('- heading \"Xong\" [level=1]')", "name: Xong}}"),
        ("page.get_by_role('link', name='x').last.click()", "# not translated (line 3): `.last` has no word here"),
        ("page.get_by_role('link', name=x).click()", "# not translated (line 3): a value that is computed"),
        ("page.locator('//a[2]').click()", "# not translated (line 3): an XPath"),
        ("page.get_by_text(re.compile('a|b')).click()", "# not translated (line 3): a regular expression"),
        ("page.get_by_role('link', name='x').click(button='right')", "# not translated (line 3): a click with another"),
        ("page.wait_for_load_state('networkidle')", "# not translated (line 3): `wait_for_load_state`: nothing is"),
        ("page.mouse.wheel(0, 100)", "# not translated (line 3): `mouse.wheel()`"),
        ("page.get_by_role('link').click", "# not translated (line 3): not a line that codegen writes"),
        ("page.get_by_role().click()", "# not translated (line 3): `page.get_by_role()` without what it needs"),
        ("for x in range(3): page.reload()", "# not translated (line 3): not a line that codegen writes"),
        ("__import__('os').system('true')", "journeys:"),
    ],
)  # fmt: skip
def test_a_line_of_codegen_becomes_what_a_person_would_write(line: str, written: str, tmp_path: Path) -> None:
    made = translate(codegen(tmp_path, line, "page.get_by_role('button', name='Cuối').click()"))
    loaded(made, tmp_path, "thu")
    assert written in made.yaml, made.yaml


def test_codegen_is_read_and_never_run(tmp_path: Path) -> None:
    trace = tmp_path / "chay-roi"
    path = codegen(tmp_path, f"open({str(trace)!r}, 'w')", "page.get_by_role('link', name='a').click()")
    path.write_text(f"open({str(trace)!r}, 'w')\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    translate(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("selectors", "written"),
    [
        ([["aria/Gửi[role=\"button\"]"]], "click: {role: button, name: Gửi}"),
        ([["aria/Gửi"], ["text/Gửi"]], "click: {text: Gửi, exact: true}"),
        ([["aria/Gửi", "aria/[role=\"generic\"]"], ["form > button"]], "name: Gửi, or: [{css: form > button}]}"),
        ([["aria/Kết quả[role=\"region\"]", "aria/Xem[role=\"link\"]"]], "within: {role: region, name: Kết quả}"),
        ([["[data-testid='gui']"]], "click: {test_id: gui}"),
        ([["xpath///*[@id=\"gui\"]"], ["pierce/#gui"]], "click: {css: '#gui'}"),
        ([["xpath///*[@id=\"gui\"]"]], "click: {css: '[id=\"gui\"]'}"),
        ([["my-app", "button.gui"]], "click: {css: my-app button.gui}"),
        ([["aria/Gửi[role=\"button\"]"], ["#mui-1234"]], "click: {role: button, name: Gửi}\n"),
        (["aria/Gửi[role=\"link\"]"], "click: {role: link, name: Gửi}"),
        ([["xpath//html/body/div[2]/a"]], "# not translated (step 2, line"),
        ([], "# not translated (step 2, line"),
        ([[], [7], "text/"], "# not translated (step 2, line"),
    ],
)  # fmt: skip
def test_selectors_become_what_a_citizen_would_say(selectors: object, written: str, tmp_path: Path) -> None:
    path = recorder(
        tmp_path,
        {"type": "navigate", "url": "https://dvc.example/"},
        {"type": "click", "selectors": selectors},
        {"type": "waitForElement", "selectors": [["text/Xong"]]},
    )
    made = translate(path)
    loaded(made, tmp_path, "thu")
    assert written in made.yaml, made.yaml


def test_what_needs_a_mouse_is_told_where_a_phone_was_recorded(tmp_path: Path) -> None:
    path = recorder(
        tmp_path,
        {"type": "setViewport", "width": 360, "height": 740, "isMobile": True},
        {"type": "navigate", "url": "https://dvc.example/"},
        {"type": "hover", "selectors": [['aria/Danh mục[role="button"]']]},
        {"type": "click", "selectors": [['aria/Danh mục[role="button"]']]},
    )
    assert "# not translated (step 3, line" in translate(path).yaml
    assert "hover: a phone has no mouse" in translate(path).yaml


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://dvc.example/ho-so/khai-sinh/f109d11a3bf3e062/to-khai-1?x=1", "/ho-so/khai-sinh/"),
        ("https://dvc.example/ho-so/7", "/ho-so/"),
        ("https://dvc.example/thu-tuc/khai-sinh", "/thu-tuc/khai-sinh"),
        ("https://dvc.example", "/"),
    ],
)
def test_of_an_address_only_what_lasts_is_a_goal(url: str, path: str) -> None:
    assert lasting_path(url) == path


def test_an_address_that_is_none_is_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    path = recorder(
        tmp_path,
        {
            "type": "navigate",
            "url": "http://[",
            "assertedEvents": [{"type": "navigation", "url": "http://[", "title": ""}],
        },
        {"type": "navigate", "url": "https://dvc.example/a"},
    )
    made = translate(path)
    loaded(made, tmp_path, "thu")
    assert "# not translated (step 1, line" in made.yaml
