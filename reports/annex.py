"""The annexes: the method with its numbers, how each unit came to its points, interruptions, and the origin."""

from checks.config import Config
from checks.ranking import PILLARS, Indicator
from checks.words_vi import decimal, moment, number, span
from ranking.result import IndicatorScore, Ranking, UnitScore
from reports import words
from reports.paper import Detail, DetailRow, MethodPillar, MethodRow, OutageRow, Row, StopRow

_LONGEST = 20


def method(ranking: Ranking) -> tuple[MethodPillar, ...]:
    """Return the table of indicators in force."""
    pillars = []
    for pillar, title in PILLARS.items():
        members = [indicator for indicator in ranking.indicators.values() if indicator.pillar == pillar]
        if members:
            of = sum(indicator.points for indicator in members)
            pillars.append(MethodPillar(title, _plain(of), tuple(_method_row(indicator) for indicator in members)))
    return tuple(pillars)


def _method_row(indicator: Indicator) -> MethodRow:
    return MethodRow(
        title=indicator.title,
        points=_plain(indicator.points),
        full=words.anchor(indicator, indicator.full),
        zero=words.anchor(indicator, indicator.zero),
        basis=indicator.basis,
        status=indicator.status,
    )


def _plain(points: float) -> str:
    return decimal(points, 0 if points == int(points) else 1)


def method_notes(config: Config) -> tuple[str, ...]:
    """Return the rules that the table of indicators does not show."""
    numbers = config.ranking
    cuts = "; ".join(f"{cut.name} từ {_plain(cut.from_score)} điểm" for cut in numbers.classes[:-1])
    gates = "; ".join(words.gate(gate) for gate in numbers.gates)
    return (
        (
            "Mỗi chỉ số được điểm tối đa khi đạt ngưỡng trên, 0 điểm khi ở ngưỡng dưới, ở giữa tính theo tỷ lệ; "
            "điểm không vượt quá mức tối đa. Chỉ số không có dữ liệu được bỏ qua, số điểm chia lại trong cùng trụ cột; "
            "trụ cột không có dữ liệu được nêu tên và điểm quy về thang 100."
        ),
        (
            "Giá trị của mỗi đơn vị là trung bình của các lượt đi, trọng số theo số hồ sơ hằng năm nếu biết, "
            "nếu không thì như nhau."
        ),
        f"Xếp loại: {cuts}; dưới nữa là {numbers.classes[-1].name}. Điều kiện khống chế: {gates}.",
        (
            f"Dữ liệu tối thiểu để xếp hạng: tỷ lệ dữ liệu hợp lệ {words.percent(numbers.minimum.coverage, 0)} và "
            f"{numbers.minimum.days} ngày có dữ liệu."
        ),
        (
            f"Khoảng tin cậy 95 % được tính bằng cách rút lại ngẫu nhiên các ngày trong kỳ {number(numbers.draws)} lần "
            f"(hạt giống {numbers.seed}), vì các lượt trong một ngày liên quan với nhau; "
            f"có tính đến khả năng một gián đoạn {span(numbers.unseen_outage)} chưa gặp trong kỳ. Các đơn vị chưa đủ "
            f"bằng chứng để phân biệt, hoặc hơn kém nhau dưới {_plain(numbers.equal_within)} điểm, thuộc cùng nhóm "
            "tương đương, cùng hạng, xếp theo bảng chữ cái."
        ),
        (
            f"“Còn yếu kém”: mức D hoặc E và cả khoảng tin cậy dưới {_plain(numbers.weak_below)} điểm, hoặc điều kiện "
            "khống chế chắc chắn xảy ra. “Cần theo dõi”: chỉ số điểm đo được ở mức đó. Tăng, giảm so với tháng trước "
            f"chỉ được nêu khi chênh từ {_plain(numbers.falling_by)} điểm và hai khoảng tin cậy không giao nhau."
        ),
        (
            "Không tính vào điểm nhưng đếm và in ra: lượt chưa kết luận (lỗi máy đo), bị chặn, máy đo chậm, "
            "đường truyền của máy đo, lỗi của hệ thống bên ngoài, bảo trì có thông báo trước ít nhất "
            f"{numbers.notice_days} ngày làm việc hoặc bất khả kháng."
        ),
    )


def details(ranking: Ranking) -> tuple[Detail, ...]:
    """Return every ranked unit's points, indicator by indicator."""
    return tuple(_detail(unit, ranking) for unit in ranking.units if unit.ranked)


def _detail(unit: UnitScore, ranking: Ranking) -> Detail:
    lines = [line for pillar in unit.pillars for line in pillar.indicators]
    without = tuple(ranking.indicators[line.id].title for line in lines if line.value is None)
    rows = tuple(_detail_row(line, ranking.indicators[line.id]) for line in lines if line.value is not None)
    return Detail(unit.name, words.points(unit.judgement.score), without, rows)


def _detail_row(line: IndicatorScore, indicator: Indicator) -> DetailRow:
    return DetailRow(
        title=indicator.title,
        value=words.value(indicator.measure, line.value),
        samples=number(line.samples),
        got=decimal(line.got, 2),
        of=decimal(line.of, 2),
    )


def outages(ranking: Ranking, config: Config) -> tuple[OutageRow, ...]:
    """Return the longest interruptions of all units."""
    zone = ranking.period.zone
    every = [(outage, unit.name) for unit in ranking.units for outage in unit.outages]
    every.sort(key=lambda pair: (-pair[0].seconds, pair[0].began_at, pair[0].check))
    return tuple(
        OutageRow(name, config.targets[o.check].title, moment(o.began_at, zone), span(o.seconds))
        for o, name in every[:_LONGEST]
    )


def stops(ranking: Ranking) -> tuple[StopRow, ...]:
    """Return the planned stops, accepted or not."""
    zone = ranking.period.zone
    return tuple(
        StopRow(
            note=window.note,
            span=f"{moment(window.starts, zone)} – {moment(window.ends, zone)}",
            notice="bất khả kháng" if window.force_majeure else f"{window.notice_days} ngày làm việc",
            taken="không tính vào điểm" if window.accepted else "vẫn tính vào điểm",
        )
        for window in ranking.maintenance
    )


def origin(ranking: Ranking) -> tuple[Row, ...]:
    """Return what anybody needs to compute the same result again."""
    return (
        Row("Phiên bản phương pháp", (str(ranking.method_version),)),
        Row("Mã băm cấu hình", (ranking.config_digest,)),
        Row("Số lượt đã đọc", (number(ranking.runs),)),
        Row("Lượt của phép kiểm tra không còn trong cấu hình", (number(ranking.unknown_runs),)),
        Row("Mã băm dữ liệu", (ranking.runs_digest,)),
    )
