"""Đất đai and xây dựng: the slow one and the maze."""

from sandbox.catalogue.model import Document, Field, FormPage, Quality, Service
from sandbox.catalogue.shared import (
    APPLICANT,
    NOTE,
    NUMBER_PATTERN,
    PHONE_PATTERN,
    RECEIVE,
    choice,
    number,
    text,
)

BUILDING_PERMIT = Service(
    id="giay-phep-xay-dung",
    code="1.013236",
    name="Cấp giấy phép xây dựng nhà ở riêng lẻ",
    agency="so-xay-dung",
    system="mot-cua-tinh",
    topic="Xây dựng",
    summary="Cấp giấy phép xây dựng mới đối với nhà ở riêng lẻ.",
    units=("so-xay-dung",),
    cases=("Xây dựng mới", "Sửa chữa, cải tạo"),
    documents=(
        Document("ban_ve", "Bản vẽ thiết kế xây dựng"),
        Document("giay_to_dat", "Giấy tờ về quyền sử dụng đất"),
        Document("cam_ket", "Bản cam kết bảo đảm an toàn công trình liền kề", required=False),
    ),
    fee_vnd=75_000,
    days=15,
    pages=(
        FormPage(
            "Chủ đầu tư",
            (
                # The maze asks again for what the account already says: re-entry by design.
                Field("ten_chu", "Tên chủ đầu tư (chủ hộ)", re_entry=True, sample="Nguyễn Thị Mai"),
                Field(
                    "ngay_sinh_chu",
                    "Ngày sinh (ngày/tháng/năm)",
                    re_entry=True,
                    pattern=r"\d{2}/\d{2}/\d{4}",
                    hint="Nhập theo dạng dd/mm/yyyy.",
                    sample="20/05/1990",
                ),
                Field(
                    "so_giay_to",
                    "Số định danh cá nhân",
                    re_entry=True,
                    pattern=NUMBER_PATTERN,
                    hint="Số định danh gồm 12 chữ số.",
                    sample="012345678901",
                ),
                Field("dia_chi", "Địa chỉ liên hệ", re_entry=True, sample="12 đường Bờ Sông"),
                Field(
                    "so_dt",
                    "Số điện thoại liên hệ",
                    "tel",
                    re_entry=True,
                    pattern=PHONE_PATTERN,
                    hint="Số điện thoại gồm 10 chữ số, bắt đầu bằng số 0.",
                    sample="0900000001",
                ),
                Field("email_chu", "Thư điện tử", "email", required=False, re_entry=True, sample="mai@example.org"),
            ),
        ),
        FormPage(
            "Thửa đất xây dựng",
            (
                text("so_thua", "Số thửa đất", "215"),
                text("to_ban_do", "Tờ bản đồ số", "14"),
                number("dien_tich_dat", "Diện tích thửa đất (m²)", "120"),
                text("dia_chi_dat", "Địa chỉ thửa đất", "Đường Bờ Sông, phường An Thịnh"),
                choice("muc_dich_dat", "Mục đích sử dụng đất", "Đất ở đô thị", "Đất ở nông thôn"),
                text("so_gcn", "Số giấy chứng nhận quyền sử dụng đất", "AB 123456"),
                Field("ten_chu_dat", "Họ và tên người sử dụng đất", re_entry=True, sample="Nguyễn Thị Mai"),
            ),
        ),
        FormPage(
            "Công trình",
            (
                choice("cap_cong_trinh", "Cấp công trình", "Cấp IV", "Cấp III", "Cấp II"),
                number("dien_tich_xd", "Diện tích xây dựng tầng 1 (m²)", "80"),
                number("tong_san", "Tổng diện tích sàn (m²)", "240"),
                number("chieu_cao", "Chiều cao công trình (m)", "11"),
                number("so_tang", "Số tầng", "3"),
                choice("mai", "Kết cấu mái", "Bê tông cốt thép", "Mái tôn", "Mái ngói", radio=True),
                text("cot_nen", "Cốt nền xây dựng (m)", "0,45"),
                text("don_vi_thiet_ke", "Tên đơn vị thiết kế", "Công ty Thiết kế Sông Xanh"),
            ),
        ),
        FormPage(
            "Thời gian và liên hệ",
            (
                Field("ngay_khoi_cong", "Dự kiến ngày khởi công", "date", sample="2026-10-15"),
                number("thoi_gian", "Thời gian hoàn thành (tháng)", "8"),
                Field("xac_nhan_dt", "Nhập lại số điện thoại", "tel", re_entry=True, sample="0900000001"),
                RECEIVE,
            ),
        ),
    ),
)

LAND_CHANGE = Service(
    id="bien-dong-dat-dai",
    code="1.012783",
    name="Đăng ký biến động quyền sử dụng đất",
    agency="so-nong-nghiep-moi-truong",
    system="mot-cua-tinh",
    topic="Đất đai",
    summary="Đăng ký biến động do chuyển nhượng, thừa kế, tặng cho quyền sử dụng đất.",
    units=("so-nong-nghiep-moi-truong",),
    cases=("Chuyển nhượng", "Thừa kế", "Tặng cho"),
    documents=(
        Document("giay_chung_nhan", "Giấy chứng nhận đã cấp"),
        Document("hop_dong", "Hợp đồng hoặc văn bản về biến động"),
    ),
    fee_vnd=50_000,
    days=8,
    quality=Quality(base_s=0.15, jitter_s=0.15, slow_steps=("to-khai-1", "giay-to", "xem-lai"), slow_s=2.2),
    pages=(
        APPLICANT,
        FormPage(
            "Nội dung biến động",
            (
                text("so_thua", "Số thửa đất", "88"),
                text("to_ban_do", "Tờ bản đồ số", "21"),
                number("dien_tich", "Diện tích (m²)", "150"),
                text("dia_chi_dat", "Địa chỉ thửa đất", "Xã Bình Minh, tỉnh An Bình"),
                text("ben_nhan", "Họ và tên bên nhận", "Trần Văn Bình"),
                choice("nghia_vu", "Nghĩa vụ tài chính", "Phải nộp", "Được miễn", "Được giảm", radio=True),
                NOTE,
                RECEIVE,
            ),
        ),
    ),
)

LAND_AND_BUILDING = (BUILDING_PERMIT, LAND_CHANGE)
