"""Hộ tịch, chứng thực and trợ cấp: mostly settled by the communes."""

from sandbox.catalogue.agencies import communes
from sandbox.catalogue.model import Document, Field, FormPage, Quality, Service
from sandbox.catalogue.shared import (
    APPLICANT,
    BIRTH_DATE,
    FULL_NAME,
    HOME,
    IDENTITY_COPY,
    PERSONAL_NUMBER,
    PHONE,
    RECEIVE,
    choice,
    date,
    number,
    text,
)

BIRTH = Service(
    id="khai-sinh",
    code="1.001193",
    name="Đăng ký khai sinh",
    agency="phuong-an-thinh",
    system="mot-cua-xa",
    topic="Hộ tịch",
    summary="Ghi nhận sự kiện khai sinh và cấp Giấy khai sinh cho trẻ em.",
    units=communes("phuong-an-thinh"),
    cases=("Đăng ký khai sinh đúng hạn", "Đăng ký khai sinh quá hạn"),
    documents=(Document("giay_chung_sinh", "Giấy chứng sinh"),),
    days=1,
    pages=(
        APPLICANT,
        FormPage(
            "Thông tin trẻ em",
            (
                text("ten_tre", "Họ, chữ đệm, tên của trẻ", "Trần Minh An"),
                choice("gioi_tinh_tre", "Giới tính của trẻ", "Nam", "Nữ", radio=True),
                date("ngay_sinh_tre", "Ngày sinh của trẻ", "2026-10-01"),
                text("noi_sinh", "Nơi sinh", "Bệnh viện Đa khoa tỉnh An Bình"),
                choice("dan_toc", "Dân tộc", "Kinh", "Hrê", "Cor", "Xơ Đăng", "Khác"),
                text("ten_me", "Họ và tên người mẹ", "Nguyễn Thị Mai"),
                text("ten_cha", "Họ và tên người cha", "Trần Văn Bình", required=False),
                number("so_ban_sao", "Số bản sao đề nghị cấp", "2"),
                RECEIVE,
            ),
        ),
    ),
)

DEATH = Service(
    id="khai-tu",
    code="1.000656",
    name="Đăng ký khai tử",
    agency="xa-binh-minh",
    system="mot-cua-xa",
    topic="Hộ tịch",
    summary="Ghi nhận sự kiện khai tử và cấp Trích lục khai tử.",
    units=communes("xa-binh-minh"),
    cases=("Có giấy báo tử", "Không có giấy báo tử"),
    documents=(Document("giay_bao_tu", "Giấy báo tử hoặc giấy tờ thay thế"),),
    days=1,
    quality=Quality(progress=False),
    pages=(
        FormPage(
            "Thông tin khai tử",
            (
                FULL_NAME,
                PHONE,
                choice("quan_he", "Quan hệ với người đã mất", "Con", "Vợ hoặc chồng", "Cha hoặc mẹ", "Khác"),
                text("ten_nguoi_mat", "Họ và tên người đã mất", "Trần Văn Lâm"),
                date("ngay_sinh_nguoi_mat", "Ngày sinh của người đã mất", "1941-02-03"),
                date("ngay_mat", "Ngày mất", "2026-11-01"),
                text("noi_mat", "Nơi mất", "Xã Bình Minh, tỉnh An Bình"),
                Field("nguyen_nhan", "Nguyên nhân", "textarea", required=False, sample="Tuổi cao"),
                RECEIVE,
            ),
        ),
    ),
)

MARRIAGE = Service(
    id="ket-hon",
    code="1.000894",
    name="Đăng ký kết hôn",
    agency="phuong-tan-an",
    system="mot-cua-xa",
    topic="Hộ tịch",
    summary="Đăng ký kết hôn giữa công dân Việt Nam cư trú ở trong nước.",
    units=communes("phuong-tan-an"),
    cases=("Kết hôn lần đầu", "Kết hôn lần thứ hai trở lên"),
    documents=(Document("giay_xac_nhan", "Giấy xác nhận tình trạng hôn nhân"), IDENTITY_COPY),
    days=1,
    pages=(
        FormPage(
            "Thông tin bên nữ",
            (
                FULL_NAME,
                Field("ngay_sinh", "Ngày sinh", "date", prefill="ngay_sinh", min_age=18, sample="1990-05-20"),
                PERSONAL_NUMBER,
                HOME,
                PHONE,
                choice("lan_ket_hon_nu", "Kết hôn lần thứ mấy", "Lần thứ nhất", "Lần thứ hai trở lên"),
            ),
        ),
        FormPage(
            "Thông tin bên nam",
            (
                text("ten_nam", "Họ và tên bên nam", "Trần Văn Bình"),
                date("ngay_sinh_nam", "Ngày sinh bên nam", "1988-03-15", min_age=20),
                Field(
                    "so_dinh_danh_nam",
                    "Số định danh cá nhân bên nam",
                    pattern=r"\d{12}",
                    hint="Số định danh gồm 12 chữ số.",
                    sample="012345678902",
                ),
                text("noi_cu_tru_nam", "Nơi cư trú bên nam", "Phường Tân An, tỉnh An Bình"),
                choice("dan_toc_nam", "Dân tộc bên nam", "Kinh", "Hrê", "Cor", "Xơ Đăng", "Khác"),
                date("ngay_hen", "Ngày hẹn đến ký giấy chứng nhận", "2026-11-20"),
                Field("tu_nguyen", "Hai bên tự nguyện kết hôn", "checkbox", sample="1"),
                RECEIVE,
            ),
        ),
    ),
)

MARITAL_STATUS = Service(
    id="tinh-trang-hon-nhan",
    code="1.004873",
    name="Cấp Giấy xác nhận tình trạng hôn nhân",
    agency="xa-hoa-loc",
    system="mot-cua-xa",
    topic="Hộ tịch",
    summary="Xác nhận tình trạng hôn nhân để đăng ký kết hôn hoặc sử dụng vào mục đích khác.",
    units=communes("xa-hoa-loc"),
    cases=("Để đăng ký kết hôn", "Sử dụng vào mục đích khác"),
    documents=(IDENTITY_COPY,),
    presentation="framed",
    pages=(
        FormPage(
            "Tờ khai xác nhận tình trạng hôn nhân",
            (
                FULL_NAME,
                BIRTH_DATE,
                PERSONAL_NUMBER,
                HOME,
                Field(
                    "tinh_trang",
                    "Tình trạng hôn nhân hiện tại",
                    "select",
                    options=(
                        "Chưa đăng ký kết hôn",
                        "Đã ly hôn",
                        "Vợ hoặc chồng đã mất",
                        "Đang có vợ hoặc chồng",
                    ),
                    refusal=(
                        "Đang có vợ hoặc chồng",
                        "Người đang có vợ hoặc chồng không thuộc trường hợp được cấp giấy để kết hôn.",
                    ),
                    sample="Chưa đăng ký kết hôn",
                ),
                date("tu_ngay", "Thời gian cư trú từ ngày", "2015-01-01"),
                text("muc_dich", "Mục đích sử dụng", "Đăng ký kết hôn"),
                RECEIVE,
            ),
        ),
    ),
)

CERTIFIED_COPY = Service(
    id="chung-thuc-ban-sao",
    code="2.000815",
    name="Chứng thực bản sao điện tử từ bản chính",
    agency="dac-khu-hon-ngoc",
    system="mot-cua-xa",
    topic="Chứng thực",
    summary="Cấp bản sao điện tử được chứng thực từ bản chính giấy tờ, văn bản.",
    units=communes("dac-khu-hon-ngoc"),
    cases=("Giấy tờ do cơ quan Việt Nam cấp", "Giấy tờ song ngữ"),
    documents=(Document("ban_chinh", "Bản chụp giấy tờ cần chứng thực"),),
    fee_vnd=10_000,
    days=1,
    pages=(
        FormPage(
            "Thông tin chứng thực",
            (
                FULL_NAME,
                PHONE,
                choice("loai_giay_to", "Loại giấy tờ", "Bằng tốt nghiệp", "Giấy khai sinh", "Hợp đồng", "Khác"),
                number("so_trang", "Số trang của giấy tờ", "2"),
                RECEIVE,
            ),
        ),
    ),
)

ALLOWANCE = Service(
    id="tro-cap-xa-hoi",
    code="1.001776",
    name="Thực hiện trợ cấp xã hội hằng tháng",
    agency="xa-hoa-loc",
    system="mot-cua-xa",
    topic="Bảo trợ xã hội",
    summary="Xét, quyết định trợ cấp xã hội hằng tháng và hỗ trợ kinh phí chăm sóc.",
    units=communes("xa-hoa-loc"),
    cases=("Người cao tuổi", "Người khuyết tật", "Trẻ em không có nguồn nuôi dưỡng"),
    documents=(Document("to_khai", "Tờ khai đề nghị trợ giúp xã hội"),),
    days=10,
    quality=Quality(accessible=False, progress=False),
    pages=(
        FormPage(
            "Người đề nghị",
            (FULL_NAME, BIRTH_DATE, PERSONAL_NUMBER, HOME, PHONE),
        ),
        FormPage(
            "Hoàn cảnh",
            (
                choice("doi_tuong", "Đối tượng", "Người từ đủ 75 tuổi", "Khuyết tật nặng", "Trẻ em mồ côi"),
                choice("ho_ngheo", "Hộ nghèo", "Không", "Hộ nghèo", "Hộ cận nghèo", radio=True),
                number("thu_nhap", "Thu nhập hằng tháng (đồng)", "500000"),
                Field("hoan_canh", "Mô tả hoàn cảnh", "textarea", sample="Sống một mình, không có lương hưu."),
                text("nguoi_cham_soc", "Người chăm sóc", "Trần Thị Hoa", required=False),
                text("tai_khoan", "Số tài khoản nhận trợ cấp", "000012345"),
            ),
        ),
    ),
)

EXTRACT = Service(
    id="trich-luc-ho-tich",
    code="2.000635",
    name="Cấp bản sao Trích lục hộ tịch",
    agency="so-tu-phap",
    system="mot-cua-tinh",
    topic="Hộ tịch",
    summary="Cấp bản sao trích lục từ Cơ sở dữ liệu hộ tịch điện tử, tải về ngay khi nộp.",
    units=("so-tu-phap",),
    cases=("Bản thân yêu cầu", "Yêu cầu cho người thân"),
    documents=(IDENTITY_COPY,),
    days=1,
    download=True,
    pages=(
        FormPage(
            "Thông tin trích lục",
            (
                FULL_NAME,
                BIRTH_DATE,
                PERSONAL_NUMBER,
                choice("loai_trich_luc", "Loại trích lục", "Khai sinh", "Kết hôn", "Khai tử"),
                text("noi_dang_ky", "Nơi đã đăng ký hộ tịch", "UBND phường An Thịnh"),
                number("so_luong", "Số lượng bản sao", "1"),
            ),
        ),
    ),
)

CIVIL_STATUS = (BIRTH, DEATH, MARRIAGE, MARITAL_STATUS, CERTIFIED_COPY, ALLOWANCE, EXTRACT)
