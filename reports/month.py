"""From a ranking to the monthly report: `xep-hang` for people (HTML, printable) and for programs (JSON)."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from checks.config import Config
from checks.ranking import PILLARS
from checks.words_vi import day, moment, number
from ranking.availability import Counts
from ranking.change import changes
from ranking.result import Ranking
from reports import annex, findings, tables, words
from reports.open_data import ranking_json
from reports.paper import Head, Paper, Row


def render_month(ranking: Ranking, config: Config, before: Ranking | None = None) -> dict[str, bytes]:
    """Return file name -> content; the same ranking gives the same bytes.

    Args:
        ranking: The month to report, whole or so far.
        config: The configuration it was made with.
        before: The month before, for the column of changes.
    """
    label = ranking.period.label
    return {
        f"bao-cao-xep-hang-{label}.html": _html(paper(ranking, config, before)),
        f"xep-hang-{label}.json": ranking_json(ranking, config, before),
    }


def _html(content: Paper) -> bytes:
    pages = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return pages.get_template("month.html.j2").render(paper=content).encode()


def paper(ranking: Ranking, config: Config, before: Ranking | None = None) -> Paper:
    """Decide every text of the report."""
    changed = changes(ranking, before, config.ranking.falling_by) if before is not None else {}
    zone = ranking.period.zone
    return Paper(
        head=_head(ranking, config),
        provisional=""
        if ranking.period.complete
        else f"Số liệu tạm tính đến {moment(ranking.period.until, zone)}, kỳ chưa kết thúc; không dùng để công bố.",
        period=_period(ranking),
        unit_word=words.UNIT_WORDS[ranking.unit],
        scope=_scope(ranking),
        fates=_fates(ranking.counts),
        limits_number=str(len(_scope(ranking)) + 1),
        limits=_limits(ranking),
        overall=_overall(ranking, before),
        pillar_titles=tuple(PILLARS.values()),
        groups=tuple(tables.group(table, changed, ranking.unit) for table in ranking.tables),
        anybody_ranked=any(unit.ranked for unit in ranking.units),
        good=findings.good(ranking),
        findings=findings.findings(ranking),
        requests=findings.requests(ranking, config),
        method=annex.method(ranking),
        method_notes=annex.method_notes(config),
        details=annex.details(ranking),
        outages=annex.outages(ranking, config),
        stops=annex.stops(ranking),
        origin=annex.origin(ranking),
    )


def _head(ranking: Ranking, config: Config) -> Head:
    province, department = config.settings.province, config.settings.department
    place = province.removeprefix("tỉnh").removeprefix("thành phố").strip() or "…………"
    initials = "".join(word[0] for word in department.split() if word != "và").upper()
    # Nghị định 30/2020/NĐ-CP: months 1 and 2 are written 01, 02; the others without a zero.
    month = ranking.period.label[-2:] if ranking.period.since.month in (1, 2) else str(ranking.period.since.month)
    year = str(ranking.period.since.year)
    return Head(
        parent=f"UBND {province.upper()}",
        body=department.upper(),
        number=f"/BC-{initials}",
        place=place,
        month=month,
        year=year,
        subject=f"Kết quả đo lường, xếp hạng {words.UNIT_WORDS[ranking.unit]} cung cấp dịch vụ công trực tuyến "
        f"tháng {month} năm {year}",
        addressee=f"Ủy ban nhân dân {province}",
    )


def _period(ranking: Ranking) -> str:
    since, until, zone = ranking.period.since, ranking.period.until, ranking.period.zone
    return f"từ {moment(since, zone)} đến {moment(until, zone)}"


def _scope(ranking: Ranking) -> tuple[str, ...]:
    counts, unit = ranking.counts, words.UNIT_WORDS[ranking.unit]
    return (
        (
            f"Kỳ đánh giá {_period(ranking)} (giờ Việt Nam). Đối tượng: {number(len(ranking.units))} {unit}, theo dõi "
            f"bằng {number(ranking.checks)} phép kiểm tra tự động, trong đó trình duyệt đi qua từng bước như người dân."
        ),
        (
            f"Trong kỳ có {number(counts.due)} lượt kiểm tra đến hạn; {number(counts.counted)} lượt có giá trị để tính "
            f"điểm, tỷ lệ dữ liệu hợp lệ {words.percent(counts.coverage)}."
        ),
        (
            f"Phương pháp: thang 100 điểm, bốn trụ cột, {len(ranking.indicators)} chỉ số, phiên bản "
            f"{ranking.method_version}; công thức, ngưỡng và căn cứ của từng chỉ số tại Phụ lục I. "
            "Chỉ so sánh các đơn vị cùng loại, được kiểm tra đến cùng một mức."
        ),
    )


def _fates(counts: Counts) -> tuple[Row, ...]:
    lines = (
        ("Đạt (trong đó có lượt chậm)", counts.good),
        ("Hỏng do hệ thống", counts.bad),
        ("Bị chặn", counts.blocked),
        ("Chưa kết luận (lỗi máy đo)", counts.inconclusive),
        ("Máy đo chậm, không xét", counts.degraded),
        ("Đường truyền của máy đo", counts.network),
        ("Lỗi của hệ thống bên ngoài", counts.dependency),
        ("Bảo trì có thông báo", counts.maintenance),
        ("Đến hạn nhưng không chạy", counts.skipped),
        ("Không có máy đo hoạt động", counts.missing),
        ("Tổng số lượt đến hạn", counts.due),
    )
    return tuple(Row(name, (number(count),)) for name, count in lines)


def _limits(ranking: Ranking) -> tuple[str, ...]:
    without = [
        indicator.title
        for name, indicator in ranking.indicators.items()
        if all((line := unit.indicator(name)) is None or line.value is None for unit in ranking.units)
    ]
    found = [
        (
            "Kết quả bổ sung, không thay thế Bộ chỉ số theo Quyết định 766/QĐ-TTg; số liệu từ máy đo, "
            "không phải ý kiến của người dân."
        )
    ]
    if without:
        found.append(f"Kỳ này chưa có dữ liệu để chấm: {'; '.join(without)}.")
    return tuple(found)


def _overall(ranking: Ranking, before: Ranking | None) -> tuple[str, ...]:
    ranked = [unit for unit in ranking.units if unit.ranked]
    unit = words.UNIT_WORDS[ranking.unit]
    if not ranked:
        return (
            (
                f"Chưa có {unit} nào đủ dữ liệu để xếp hạng. Báo cáo chỉ nêu số lượt kiểm tra đã có; "
                "không có điểm, mức hay thứ hạng nào được đưa ra."
            ),
        )
    by_class = [(name, sum(u.judgement.class_name == name for u in ranked)) for name in ("A", "B", "C", "D", "E")]
    classes = "; ".join(f"mức {name}: {count}" for name, count in by_class if count)
    weak = sum(u.judgement.standing == "weak" for u in ranked)
    watch = sum(u.judgement.standing == "watch" for u in ranked)
    first = (
        f"Có {len(ranked)} {unit} đủ dữ liệu để xếp hạng ({classes}); {len(ranking.units) - len(ranked)} {unit} "
        f"chưa đủ dữ liệu. Còn yếu kém: {weak}; cần theo dõi: {watch}."
    )
    if before is None:
        return first, "Chưa có kết quả tháng trước để so sánh."
    earlier = day(before.period.since, before.period.zone)
    second = f"So với kỳ bắt đầu ngày {earlier}; chênh lệch trong sai số không được coi là tăng hay giảm."
    return first, second
