"""The agencies of the fictitious province An Bình."""

from sandbox.catalogue.model import Agency

AGENCIES: tuple[Agency, ...] = (
    Agency("van-phong-ubnd", "Văn phòng UBND tỉnh An Bình", 1, "0000 100 001"),
    Agency("so-tu-phap", "Sở Tư pháp", 5, "0000 100 005"),
    Agency("so-xay-dung", "Sở Xây dựng", 7, "0000 100 007"),
    Agency("so-nong-nghiep-moi-truong", "Sở Nông nghiệp và Môi trường", 9, "0000 100 009"),
    Agency("so-tai-chinh", "Sở Tài chính", 11, "0000 100 011"),
    Agency("so-y-te", "Sở Y tế", 13, "0000 100 013"),
    Agency("so-giao-duc-dao-tao", "Sở Giáo dục và Đào tạo", 15, "0000 100 015"),
    Agency("cong-an-tinh", "Công an tỉnh", 17, "0000 100 017"),
    Agency("phuong-an-thinh", "UBND phường An Thịnh", 31, "0000 200 031", commune=True),
    Agency("phuong-tan-an", "UBND phường Tân An", 32, "0000 200 032", commune=True),
    Agency("xa-binh-minh", "UBND xã Bình Minh", 33, "0000 200 033", commune=True),
    Agency("xa-hoa-loc", "UBND xã Hòa Lộc", 34, "0000 200 034", commune=True),
    Agency("dac-khu-hon-ngoc", "UBND đặc khu Hòn Ngọc", 35, "0000 200 035", commune=True),
)


def communes(first: str) -> tuple[str, ...]:
    """Ids of all communes with `first` in front: where a commune service can be asked for."""
    others = tuple(agency.id for agency in AGENCIES if agency.commune and agency.id != first)
    return (first, *others)
