"""Fields that many forms have in common."""

from sandbox.catalogue.model import Document, Field, FormPage

PHONE_PATTERN = r"0\d{9}"
NUMBER_PATTERN = r"\d{12}"

FULL_NAME = Field("ho_ten", "Họ và tên người yêu cầu", prefill="ho_ten", sample="Nguyễn Thị Mai")
BIRTH_DATE = Field("ngay_sinh", "Ngày sinh", "date", prefill="ngay_sinh", sample="1990-05-20")
PERSONAL_NUMBER = Field(
    "so_dinh_danh",
    "Số định danh cá nhân",
    prefill="so_dinh_danh",
    pattern=NUMBER_PATTERN,
    hint="Số định danh gồm 12 chữ số.",
    sample="012345678901",
)
HOME = Field("noi_cu_tru", "Nơi cư trú", prefill="noi_cu_tru", sample="12 đường Bờ Sông, phường An Thịnh")
PHONE = Field(
    "dien_thoai",
    "Số điện thoại",
    "tel",
    prefill="dien_thoai",
    pattern=PHONE_PATTERN,
    hint="Số điện thoại gồm 10 chữ số, bắt đầu bằng số 0.",
    sample="0900000001",
)
EMAIL = Field(
    "thu_dien_tu",
    "Thư điện tử",
    "email",
    required=False,
    prefill="thu_dien_tu",
    pattern=r"[^@\s]+@[^@\s]+",
    hint="Thư điện tử chưa đúng dạng.",
    sample="mai@example.org",
)
RECEIVE = Field(
    "nhan_ket_qua",
    "Hình thức nhận kết quả",
    "radio",
    options=("Bản điện tử", "Tại Trung tâm Phục vụ hành chính công", "Qua dịch vụ bưu chính"),
    sample="Bản điện tử",
)
NOTE = Field("ghi_chu", "Ghi chú", "textarea", required=False, sample="Không có")

APPLICANT = FormPage("Thông tin người yêu cầu", (FULL_NAME, BIRTH_DATE, PERSONAL_NUMBER, HOME, PHONE))
IDENTITY_COPY = Document("giay_to_tuy_than", "Bản chụp giấy tờ tùy thân")


def text(name: str, label: str, sample: str, *, required: bool = True) -> Field:
    """A plain text field."""
    return Field(name, label, required=required, sample=sample)


def choice(name: str, label: str, *options: str, radio: bool = False) -> Field:
    """A list (or radio group) whose accepted sample is its first option."""
    return Field(name, label, "radio" if radio else "select", options=options, sample=options[0])


def date(name: str, label: str, sample: str, *, min_age: int = 0) -> Field:
    """A date; `sample` is an ISO date."""
    return Field(name, label, "date", min_age=min_age, sample=sample)


def number(name: str, label: str, sample: str) -> Field:
    """A whole or decimal number."""
    return Field(name, label, "number", sample=sample)
