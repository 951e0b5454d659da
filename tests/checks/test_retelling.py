"""Every check can be told to an official: in Vietnamese, whole, and without a secret."""

import re
from pathlib import Path

import pytest

from checks.config import Config
from checks.journey import _ACTIONS, Step
from checks.load import load
from checks.retelling.actions import _PHRASES, phrases
from checks.retelling.check import retell

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RETOLD = sorted((HERE / "retold").glob("*.txt"))
SHIPPED = [ROOT / "checks.yaml", ROOT / "examples" / "datasette" / "checks.yaml", ROOT / "examples" / "quang-ngai.yaml"]
_QUOTED = re.compile(r"“[^“”]*”")
_ADDRESS = re.compile(r"https?://\S+|[\w./-]*[./:]\w[\w./:-]*")
_NAMES = re.compile(r"\b(?:HTTP|TLS|PDF|KB|MB|axe|TTHC|UBND|L[0-4]|HEAD|A|AAAA|CNAME|TXT|[A-Z]\w+(?:-[A-Z]\w+)+)\b")
_KEYS = re.compile(r"nhấn phím \S+")
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?", re.IGNORECASE
)


def spoken(text: str) -> str:
    """Return what is ours in a text: without quotations, addresses and names."""
    text = re.sub(r"\n\s+", " ", text)
    text = re.sub(r"^\d+\. [^:]*:", "", text, flags=re.MULTILINE)  # a step's name is its author's
    text = re.sub(r"^Kiểm tra .*$|cơ quan [^:;]*: [^;.]*|đơn vị vận hành: [^;.]*", "", text, flags=re.MULTILINE)
    for names in (_QUOTED, _KEYS, _ADDRESS, _NAMES):
        text = names.sub(" ", text)
    return text


@pytest.fixture(scope="module", params=SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def shipped(request: pytest.FixtureRequest) -> Config:
    return load(request.param)


@pytest.mark.parametrize("path", RETOLD, ids=lambda path: path.stem)
def test_a_shipped_check_is_told_word_for_word(path: Path) -> None:
    config = load(ROOT / "checks.yaml")
    assert retell(config.targets[path.stem], config) == path.read_text(encoding="utf-8")


def test_every_shipped_check_is_told_without_an_english_word(shipped: Config) -> None:
    foreign = {
        (name, word)
        for name, target in shipped.targets.items()
        for word in re.findall(r"\w+", spoken(retell(target, shipped)))
        if word.isascii() and not word.isdigit() and not _SYLLABLE.fullmatch(word)
    }
    assert foreign == set()


def test_every_step_of_a_walk_is_told_with_its_limit(shipped: Config) -> None:
    for target in shipped.targets.values():
        told = re.sub(r"\n\s+", " ", retell(target, shipped))
        assert [step.name for step in target.steps if f"{step.name}:" not in told] == []
        assert told.count("(tối đa") == len(target.steps)


def test_every_action_has_words() -> None:
    assert set(_ACTIONS) <= set(_PHRASES)


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ({"fill": {"label": "Mật khẩu", "value": "${env:MAT_KHAU}"}},
         "điền (bí mật từ biến môi trường MAT_KHAU) vào trường “Mật khẩu”"),
        ({"fill": {"label": "Mã", "value": "HS-${ma}"}}, "điền “HS-(giá trị đã ghi nhớ với tên ma)” vào trường “Mã”"),
        ({"totp": {"label": "Mã xác thực", "secret": "${file:bi-mat/khoa}"}},
         "điền mã dùng một lần của lúc đó (bí mật từ tệp bi-mat/khoa) vào trường “Mã xác thực”"),
        ({"click": {"role": "button", "name": "Nộp", "submits": True}}, "bấm nút “Nộp” (thao tác này nộp hồ sơ)"),
        ({"click": {"text": "Xem", "nth": 1, "or": [{"css": "a"}]}}, "bấm chữ “Xem” (thứ 2) (có 1 cách tìm dự phòng)"),
        ({"check": {"role": "radio", "name": "Nam", "within": {"frame": {"title": "Tờ khai"}}}},
         "chọn ô lựa chọn “Nam” trong khung “Tờ khai”"),
        ({"upload": {"label": "Ảnh", "file": {"type": "jpg", "size": "1.5MB", "name": "anh"}}},
         "đính kèm một tệp JPG 1,5 MB tên “anh” vào trường “Ảnh”"),
        ({"download": {"role": "link", "name": "Tải", "file": {"name": "phieu", "type": "pdf", "at_least": "1KB"}}},
         "bấm liên kết “Tải” và nhận được tệp (tên chứa “phieu”, loại PDF, từ 1 KB)"),
        ({"dialog": {"kind": "confirm", "answer": "dismiss", "text": "Hủy?"}},
         "nếu hiện câu hỏi có chữ “Hủy?” thì từ chối"),
        ({"if_visible": {"text": "Đã hiểu", "do": [{"click": {"text": "Đã hiểu"}}, {"new_tab": "close"}]}},
         "nếu trong 0,5 giây thấy chữ “Đã hiểu” thì: bấm chữ “Đã hiểu”; đóng thẻ này, trở lại thẻ trước"),
        ({"expect": {"hidden": {"role": "progressbar"}}}, "chờ đến khi không còn thanh tiến trình"),
        ({"press": {"key": "Enter"}}, "nhấn phím Enter"),
    ],
)  # fmt: skip
def test_an_action_is_told_as_one_would_say_it(action: dict[str, object], told: str) -> None:
    assert phrases(Step.model_validate({"name": "a", "do": [action]}).do) == told
