"""Section III and IV: what stands out, what falls short with its evidence, and what to do first."""

from checks.config import Config
from checks.words_vi import decimal, number
from ranking.result import Fix, Ranking, UnitScore
from reports import words
from reports.paper import Finding

_FIXES = 3


def good(ranking: Ranking) -> tuple[str, ...]:
    """Name the first group of every table, when its units are of the best class."""
    found = []
    for table in ranking.tables:
        first = [unit for unit in table.ranked if unit.place is not None and unit.place.rank == 1]
        best = [unit for unit in first if unit.judgement.class_name == "A"]
        if best:
            names = "; ".join(f"{unit.name} ({words.points(unit.judgement.score)} điểm)" for unit in best)
            found.append(f"{table.group}: {names}.")
    return tuple(found)


def findings(ranking: Ranking) -> tuple[Finding, ...]:
    """Return the ranked units below the best class, the weak first, then those to watch, then by points."""
    order = {"weak": 0, "watch": 1, "ordinary": 2}
    below = [unit for unit in ranking.units if unit.ranked and unit.fixes]
    below.sort(key=lambda unit: (order[unit.judgement.standing], unit.judgement.score or 0.0))
    return tuple(_finding(unit, ranking) for unit in below)


def _finding(unit: UnitScore, ranking: Ranking) -> Finding:
    judgement = unit.judgement
    evidence = [
        (
            f"{words.points(judgement.score)} điểm (khoảng tin cậy {words.interval(judgement.interval)}), "
            f"mức {judgement.class_name}"
        )
    ]
    evidence += [words.gate(gate) for gate in judgement.gates]
    if unit.outages:
        longest = words.seconds(unit.outages[0].seconds)
        evidence.append(f"{number(len(unit.outages))} lần gián đoạn, dài nhất {longest}")
    return Finding(
        name=unit.name,
        agency=unit.agency,
        standing=words.STANDINGS[judgement.standing],
        evidence=tuple(evidence),
        fixes=tuple(_fix(fix, ranking) for fix in unit.fixes[:_FIXES]),
    )


def _fix(fix: Fix, ranking: Ranking) -> str:
    indicator = ranking.indicators[fix.indicator]
    now, goal = words.value(indicator.measure, fix.value), words.anchor(indicator, fix.target)
    title = indicator.title[0].lower() + indicator.title[1:] if not indicator.title[:2].isupper() else indicator.title
    return f"{title}: hiện {now}, đạt {goal} thì được thêm {decimal(fix.points)} điểm"


def requests(ranking: Ranking, config: Config) -> tuple[str, ...]:
    """Return the proposals of section IV; each stands only where the month gives cause."""
    department = config.settings.department
    standings = {unit.judgement.standing for unit in ranking.units}
    found = []
    if "weak" in standings:
        found.append(
            "Đề nghị các cơ quan có tên tại mục “còn yếu kém” rà soát nguyên nhân, khắc phục dứt điểm "
            f"các nội dung nêu tại mục III và thông báo kết quả về {department}."
        )
    if "watch" in standings:
        found.append("Đề nghị các cơ quan “cần theo dõi” chủ động kiểm tra, phòng ngừa tình trạng kéo dài.")
    if ranking.counts.blocked:
        found.append(
            f"Có {number(ranking.counts.blocked)} lượt kiểm tra bị hệ thống từ chối; đề nghị các đơn vị vận hành "
            "đưa địa chỉ của máy đo vào danh sách cho phép để số liệu được đầy đủ."
        )
    if any(not window.accepted for window in ranking.maintenance):
        found.append(
            f"Đề nghị thông báo kế hoạch bảo trì trước ít nhất {config.ranking.notice_days} ngày làm việc "
            "để thời gian dừng không bị tính vào kết quả."
        )
    found.append(
        "Các cơ quan có ý kiến về số liệu gửi giải trình trước khi công bố; ý kiến được in kèm kết quả, "
        "việc đính chính (nếu có) được phát hành thành bản mới có đánh số."
    )
    return tuple(found)
