"""The sentences of the mails that do not depend on a single run."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from checks.config import Config
from checks.run import Blame, Evidence, clean_message
from checks.words_vi import blame_word, number


@dataclass(frozen=True, slots=True)
class Wording:
    """How one kind of alert is put: `lead` and `over` are continued with "từ HH:MM ngày dd/mm/yyyy."."""

    subject: str
    headline: str
    lead: str
    over: str
    colour: str


@dataclass(frozen=True, slots=True)
class AllClear:
    """How every all-clear is put."""

    subject: str
    headline: str
    colour: str


WORDINGS: Final[Mapping[str, Wording]] = {
    "failed": Wording(
        subject="HỎNG",
        headline="người dân không sử dụng được",
        lead="Kết quả kiểm tra tự động ghi nhận người dân không thể thực hiện trọn vẹn nội dung nêu trên,",
        over="Kết quả kiểm tra tự động ghi nhận người dân đã thực hiện được trọn vẹn nội dung nêu trên,",
        colour="#a61b1b",
    ),
    "slow": Wording(
        subject="CHẬM",
        headline="người dân phải chờ lâu",
        lead="Kết quả kiểm tra tự động ghi nhận thời gian thực hiện nội dung nêu trên vượt ngưỡng đặt ra,",
        over="Kết quả kiểm tra tự động ghi nhận thời gian thực hiện nội dung nêu trên đã trong ngưỡng đặt ra,",
        colour="#8a4b00",
    ),
    "blocked": Wording(
        subject="BỊ CHẶN",
        headline="từ chối lượt kiểm tra tự động",
        lead="Hệ thống từ chối các lượt kiểm tra tự động; chưa kết luận được về dịch vụ. Việc từ chối được ghi nhận",
        over="Hệ thống đã chấp nhận lượt kiểm tra tự động,",
        colour="#4a4a68",
    ),
}

ALL_CLEAR: Final = AllClear(subject="ĐÃ KHÔI PHỤC", headline="đã trở lại bình thường", colour="#17693a")

_EVIDENCE: Final = {
    "screenshot": "ảnh chụp màn hình",
    "dom": "bản lưu nội dung trang",
    "console": "nhật ký trình duyệt",
    "requests": "nhật ký yêu cầu mạng",
    "trace": "bản ghi thao tác",
}


def asks_of(blame: Blame, on: Literal["failed", "slow", "blocked"], config: Config) -> tuple[str, ...]:
    """Return what the receiver is asked to do, each to follow "Đề nghị Quý cơ quan:"."""
    contact = clean_message(config.settings.contact)
    if on == "blocked":
        name = clean_message(config.user_agent)
        return (
            f"Xem xét cho phép các lượt kiểm tra tự động (tự xưng tên trong User-Agent: “{name}”) truy cập hệ thống.",
            f"Phản hồi kết quả tới {contact}.",
        )
    if blame.startswith("dependency:"):
        outside = clean_message(blame_word(blame, config.outsiders))
        return (
            f"Phối hợp với đơn vị vận hành “{outside}” để khôi phục; hệ thống của Quý cơ quan không bị ghi lỗi.",
            "Thông báo cho người dân biết nếu gián đoạn kéo dài.",
            f"Phản hồi hoặc giải trình (kèm minh chứng, nếu có) tới {contact}.",
        )
    return (
        "Rà soát nguyên nhân và khắc phục dứt điểm.",
        f"Phản hồi kết quả khắc phục hoặc giải trình (kèm minh chứng, nếu có) tới {contact}.",
    )


def evidence_phrase(evidence: Iterable[Evidence]) -> str:
    """Count the kinds of evidence kept: `2 ảnh chụp màn hình, 1 nhật ký trình duyệt`."""
    kinds = Counter(item.kind for item in evidence)
    return ", ".join(f"{number(count)} {_EVIDENCE[kind]}" for kind, count in kinds.items())


def shortened(text: str, limit: int) -> str:
    """Return `text` with at most `limit` characters, the last one an ellipsis if something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
