"""The rows on the services: what state they are in, and how available they were."""

from checks.run import Verdict
from checks.words_vi import verdict_word
from deploy.dashboards.panels import (
    GREEN,
    GREY,
    MINE,
    PURPLE,
    RED,
    YELLOW,
    Column,
    Query,
    Section,
    bars,
    curves,
    figure,
    grid,
    timeline,
)

STATE_COLORS = {
    Verdict.OK: GREEN,
    Verdict.SLOW: YELLOW,
    Verdict.FAILED: RED,
    Verdict.BLOCKED: PURPLE,
    Verdict.INCONCLUSIVE: GREY,
    Verdict.SKIPPED: GREY,
}
UNKNOWN = "Chưa có dữ liệu"
NAMED = "on (check, instance, job) group_left (title, system, agency) dvcwatch_check_info"


def _in_state(states: str) -> Query:
    return Query(f'sum(dvcwatch_check_state{{check=~"$check", state=~"{states}"}})')


def state_now() -> Section:
    """What a citizen meets now, and what was met before."""
    alarm = ((None, GREEN), (1, RED))
    notice = ((None, GREEN), (1, YELLOW))
    words = [(place, verdict_word(each), STATE_COLORS[each]) for place, each in enumerate(Verdict, start=1)]
    return Section(
        "Hiện trạng",
        (
            figure("Bình thường", _in_state("ok"), about="Số phép kiểm tra đạt.", steps=((None, GREEN),)),
            figure("Chậm", _in_state("slow"), about="Làm được nhưng vượt ngưỡng.", steps=notice),
            figure("Hỏng", _in_state("failed"), about="Người dân không làm được.", steps=alarm),
            figure("Bị chặn", _in_state("blocked"), about="Hệ thống từ chối lượt kiểm tra.", steps=notice),
            figure(
                "Chưa rõ",
                _in_state("inconclusive|skipped|unknown"),
                about="Chưa kết luận, không kiểm tra hoặc kết quả đã quá cũ.",
                steps=notice,
            ),
            figure(
                "Máy đo quá tải",
                Query("max(dvcwatch_agent_degraded)"),
                about="1: máy đo quá chậm để đo hệ thống khác; thời gian đo không được tính.",
                steps=alarm,
            ),
            timeline(
                "Diễn biến trạng thái",
                Query(f"check:dvcwatch_check_state:code{MINE}", "{{check}}"),
                about="Kết quả mới nhất của từng phép kiểm tra theo thời gian.",
                words=[*words, (7, UNKNOWN, GREY)],
            ),
            grid(
                "Đang hỏng hoặc bị chặn",
                Column(
                    f'(dvcwatch_check_state{{check=~"$check", state=~"failed|blocked"}} == 1) * {NAMED}', "Số lượng"
                ),
                about="Phép kiểm tra mà kết quả mới nhất là hỏng hoặc bị chặn.",
                keys=(
                    ("title", "Tên"),
                    ("check", "Phép kiểm tra"),
                    ("system", "Hệ thống"),
                    ("agency", "Cơ quan"),
                    ("state", "Trạng thái"),
                ),
                words={each.value: verdict_word(each) for each in Verdict},
            ),
        ),
    )


def availability() -> Section:
    """How much of the last day the services could be used, and how sure that is."""
    good_enough = ((None, RED), (0.95, YELLOW), (0.99, GREEN))
    return Section(
        "Tính sẵn sàng",
        (
            bars(
                "Sẵn sàng theo hệ thống, 24 giờ",
                Query("sort(system:dvcwatch_availability:ratio1d)", "{{system}}"),
                about="(Bình thường + Chậm) / (Bình thường + Chậm + Hỏng do hệ thống). Chưa trừ bảo trì đã thông báo.",
                unit="percentunit",
                steps=good_enough,
            ).max(1),
            bars(
                "Độ phủ, 24 giờ",
                Query(f"sort(check:dvcwatch_coverage:ratio1d{MINE})", "{{check}}"),
                about="Phần lượt đến hạn cho kết luận về dịch vụ; thấp thì con số sẵn sàng không đáng tin.",
                unit="percentunit",
                steps=((None, RED), (0.8, YELLOW), (0.95, GREEN)),
            ).max(1),
            curves(
                "Lượt kiểm tra theo kết quả",
                Query(f"sum by (verdict) (increase(dvcwatch_runs_total{MINE}[$__rate_interval]))", "{{verdict}}"),
                about="Mỗi lượt đến hạn đúng một kết quả, sau khi đã xác nhận.",
                stacked=True,
            ),
            curves(
                "Lượt không đạt theo bên gây lỗi",
                Query(
                    'sum by (blame) (increase(dvcwatch_runs_total{check=~"$check", verdict=~"failed|slow"}'
                    "[$__rate_interval]))",
                    "{{blame}}",
                ),
                about="system: chính hệ thống; dependency: hệ thống ngoài; network: đường truyền; agent: máy đo.",
                stacked=True,
            ),
            curves(
                "Lần đầu không đạt, 24 giờ",
                Query(f"check:dvcwatch_first_attempt_failures:ratio1d{MINE}", "{{check}}"),
                about="Tỷ lệ lượt mà lần thử đầu hỏng, kể cả khi lần xác nhận đạt: dấu hiệu chập chờn.",
                unit="percentunit",
            ),
            curves(
                "Tuổi của kết quả mới nhất",
                Query(f"time() - dvcwatch_last_run_timestamp_seconds{MINE}", "{{check}}"),
                about="Tăng mãi nghĩa là phép kiểm tra đã đứng.",
                unit="s",
            ),
        ),
    )
