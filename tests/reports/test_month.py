import json
from datetime import timedelta
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from checks.model import Maintenance
from checks.run import Reason, Verdict
from ranking.period import Period
from ranking.rank import rank
from ranking.result import Ranking
from reports.month import render_month
from tests.ranking import province
from tests.ranking.province import FAILED, NOVEMBER

HTML, JSON = "bao-cao-xep-hang-2026-11.html", "xep-hang-2026-11.json"
SCHEMA = json.loads(files("reports").joinpath("xep-hang.schema.json").read_text(encoding="utf-8"))

HOSTILE = 'Hệ thống <script>alert("x")</script> & “đất đai”'
STOP = Maintenance(
    id="nang-cap",
    systems=("tot",),
    starts=NOVEMBER.since + timedelta(days=14),
    ends=NOVEMBER.since + timedelta(days=15),
    announced=NOVEMBER.since + timedelta(days=1),
    note="Nâng cấp máy chủ",
)
CONFIG = province.config(
    *(
        province.target(province.walk(f"di-{name}"), province.system(name, name=title), province.service(f"dv-{name}"))
        for name, title in (("tot", "Hệ thống tốt"), ("hong", HOSTILE), ("thieu", "Hệ thống mới"))
    ),
    maintenance=[STOP],
)


def slots(name: str) -> province.Slots:
    timed_out = FAILED | {"steps": (province.step(10, Verdict.FAILED, reason=Reason.TIMEOUT),)}
    kinds: dict[str, province.Slots] = {
        "tot": lambda _due, n: {"verdict": Verdict.BLOCKED} if n % 50 == 0 else {},
        "hong": lambda _due, n: dict(timed_out) if n % 4 == 0 else {"steps": (province.step(6.25),)},
        "thieu": lambda _due, n: {"absent": n > 100},
    }
    return kinds[name]


def ranking(period: Period = NOVEMBER) -> Ranking:
    runs = (run for one in CONFIG.targets.values() for run in province.month(one, slots(one.system.id), period))
    return rank(runs, CONFIG, period)


class Text(HTMLParser):
    """Collects what a reader sees, and the tags."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self._hidden = False
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._hidden = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)

    def __str__(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def month() -> dict[str, bytes]:
    return render_month(ranking(), CONFIG)


@pytest.fixture(scope="module")
def text(month: dict[str, bytes]) -> str:
    return str(Text(month[HTML]))


def test_a_month_gives_a_paper_and_its_data(month: dict[str, bytes]) -> None:
    assert list(month) == [HTML, JSON]


def test_the_same_month_gives_the_same_bytes(month: dict[str, bytes]) -> None:
    assert render_month(ranking(), CONFIG) == month


def test_the_paper_has_the_form_of_a_report_and_is_a_draft(text: str) -> None:
    for part in (
        "UBND TỈNH AN BÌNH SỞ KHOA HỌC VÀ CÔNG NGHỆ Số: /BC-SKHCN DỰ THẢO",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc An Bình, ngày tháng năm",
        "Kính gửi: Ủy ban nhân dân tỉnh An Bình.",
        "I. PHẠM VI, PHƯƠNG PHÁP",
        "II. KẾT QUẢ",
        "III. ĐÁNH GIÁ",
        "IV. GIẢI PHÁP, KIẾN NGHỊ",
        "Nơi nhận: - Như trên;",
        "- Lưu: VT, CĐS.",
    ):
        assert part in text
    assert "xem xét, chỉ đạo./." in text


def test_every_table_of_the_form_is_there_with_its_period(text: str) -> None:
    for title in ("Bảng 1. Xếp hạng", "Bảng 2. Điểm theo trụ cột", "Bảng 3. Tính sẵn sàng", "Bảng 4. Số bước"):
        assert title in text
    assert text.count("từ 01/11/2026 00:00 đến 01/12/2026 00:00") >= 5


def test_numbers_are_written_the_vietnamese_way(text: str) -> None:
    assert "2.160 lượt kiểm tra đến hạn" in text
    assert "tỷ lệ hoàn thành lượt thực hiện: hiện 75,00 %, đạt 99 % thì được thêm" in text


def test_a_weak_system_is_named_with_its_evidence_and_what_returns_points(text: str) -> None:
    assert "Còn yếu kém" in text
    assert "tỷ lệ hoàn thành dưới 90 %: tối đa mức C" in text


def test_a_system_without_enough_data_is_listed_with_the_reason(text: str) -> None:
    assert "3. Chưa đủ dữ liệu – không xếp hạng" in text
    assert "tỷ lệ dữ liệu hợp lệ 14,0 %, cần ít nhất 80 %; có dữ liệu 5 ngày, cần ít nhất 20 ngày" in text


def test_a_stop_in_the_period_is_printed_with_its_notice(text: str) -> None:
    assert "Nâng cấp máy chủ 15/11/2026 00:00 – 16/11/2026 00:00 9 ngày làm việc không tính vào điểm" in text


def test_refused_walks_become_a_request_for_the_allow_list(text: str) -> None:
    assert "lượt kiểm tra bị hệ thống từ chối" in text


def test_text_of_the_configuration_is_never_markup(month: dict[str, bytes]) -> None:
    page = Text(month[HTML])
    assert "script" not in page.tags
    assert HOSTILE in str(page)


def test_the_paper_asks_nothing_of_the_network(month: dict[str, bytes]) -> None:
    page = month[HTML].decode()
    assert "http" not in page.replace("HTTP", "")
    assert not {"img", "link", "iframe"} & set(Text(month[HTML]).tags)


def test_the_data_follow_the_schema(month: dict[str, bytes]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(month[JSON]), SCHEMA)


def test_the_data_withhold_the_score_of_the_unranked(month: dict[str, bytes]) -> None:
    units = {unit["id"]: unit for table in json.loads(month[JSON])["tables"] for unit in table["units"]}
    assert units["thieu"]["ranked"] is False
    withheld: list[Any] = [units["thieu"][key] for key in ("score", "class", "rank", "standing", "score_interval")]
    assert withheld == [None] * 5
    assert units["tot"]["class"] == "A"
    assert units["tot"]["score_with_maintenance"] == 100
    assert units["hong"]["standing"] == "weak"


def test_the_change_against_last_month_is_shown_when_there_is_one() -> None:
    now = ranking()
    files_of = render_month(now, CONFIG, before=now)
    jsonschema.validate(json.loads(files_of[JSON]), SCHEMA)
    assert "0,0 (trong sai số)" in str(Text(files_of[HTML]))


def test_the_first_hours_give_an_honest_page_without_any_rank() -> None:
    so_far = Period.parse("2026-11", "Asia/Ho_Chi_Minh", NOVEMBER.since + timedelta(hours=6))
    files_of = render_month(ranking(so_far), CONFIG)
    text = str(Text(files_of[HTML]))
    assert "Số liệu tạm tính đến 01/11/2026 06:00, kỳ chưa kết thúc; không dùng để công bố." in text
    assert "Chưa có hệ thống nào đủ dữ liệu để xếp hạng." in text
    assert "18 lượt kiểm tra đến hạn" in text
    assert "Bảng 1" not in text
    assert "Còn yếu kém" not in text.partition("PHỤ LỤC I")[0].replace("Còn yếu kém: 0", "")
    jsonschema.validate(json.loads(files_of[JSON]), SCHEMA)


def test_a_month_without_a_run_can_be_printed_too() -> None:
    files_of = render_month(rank([], CONFIG, NOVEMBER), CONFIG)
    assert "chưa có kết quả đo nào tính được điểm" in str(Text(files_of[HTML]))
    jsonschema.validate(json.loads(files_of[JSON]), SCHEMA)
