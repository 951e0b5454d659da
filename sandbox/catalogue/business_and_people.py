"""Kinh doanh, đầu tư, y tế, giáo dục, công an, and phản ánh kiến nghị."""

from sandbox.catalogue.agencies import communes
from sandbox.catalogue.model import Document, Field, FormPage, Quality, Service
from sandbox.catalogue.shared import (
    APPLICANT,
    EMAIL,
    FULL_NAME,
    IDENTITY_COPY,
    NOTE,
    PERSONAL_NUMBER,
    PHONE,
    PHONE_PATTERN,
    RECEIVE,
    choice,
    date,
    number,
    text,
)

HOUSEHOLD_BUSINESS = Service(
    id="ho-kinh-doanh",
    code="1.001612",
    name="Đăng ký thành lập hộ kinh doanh",
    agency="phuong-an-thinh",
    system="mot-cua-xa",
    topic="Kinh doanh",
    summary="Cấp giấy chứng nhận đăng ký hộ kinh doanh.",
    units=communes("phuong-an-thinh"),
    cases=("Cá nhân đăng ký", "Các thành viên hộ gia đình đăng ký"),
    documents=(Document("giay_de_nghi", "Giấy đề nghị đăng ký hộ kinh doanh"),),
    fee_vnd=100_000,
    quality=Quality(flaky_hours=(8, 9, 14, 15), error_probability=0.04),
    pages=(
        APPLICANT,
        FormPage(
            "Thông tin hộ kinh doanh",
            (
                text("ten_ho", "Tên hộ kinh doanh", "Hộ kinh doanh Mai An"),
                text("dia_chi_kd", "Địa chỉ kinh doanh", "45 đường Chợ Mới, phường An Thịnh"),
                choice("nganh", "Ngành, nghề kinh doanh", "Bán lẻ", "Ăn uống", "Dịch vụ sửa chữa", "Khác"),
                number("von", "Vốn kinh doanh (đồng)", "50000000"),
                number("lao_dong", "Số lao động", "2"),
                date("ngay_bat_dau", "Ngày bắt đầu hoạt động", "2026-11-01"),
                EMAIL,
                RECEIVE,
            ),
        ),
    ),
)

INVESTMENT = Service(
    id="dang-ky-dau-tu",
    code="1.009645",
    name="Cấp Giấy chứng nhận đăng ký đầu tư",
    agency="so-tai-chinh",
    system="mot-cua-tinh",
    topic="Đầu tư",
    summary="Cấp giấy chứng nhận cho dự án không thuộc diện chấp thuận chủ trương đầu tư.",
    units=("so-tai-chinh",),
    cases=("Nhà đầu tư trong nước", "Nhà đầu tư nước ngoài"),
    documents=(
        Document("de_xuat", "Đề xuất dự án đầu tư"),
        Document("nang_luc", "Tài liệu chứng minh năng lực tài chính"),
    ),
    days=15,
    quality=Quality(base_s=0.04, jitter_s=0.08),
    pages=(
        FormPage(
            "Nhà đầu tư",
            (
                text("ten_nha_dau_tu", "Tên nhà đầu tư", "Công ty Cổ phần Gió Biển"),
                text("ma_so", "Mã số doanh nghiệp", "4300000001"),
                date("ngay_cap", "Ngày cấp", "2020-06-01"),
                text("tru_so", "Địa chỉ trụ sở", "Phường Tân An, tỉnh An Bình"),
                text("dai_dien", "Người đại diện theo pháp luật", "Nguyễn Thị Mai"),
                PHONE,
                EMAIL,
            ),
        ),
        FormPage(
            "Dự án",
            (
                text("ten_du_an", "Tên dự án", "Xưởng chế biến nông sản Bình Minh"),
                text("dia_diem", "Địa điểm thực hiện", "Xã Bình Minh"),
                number("dien_tich", "Diện tích sử dụng đất (ha)", "1.5"),
                Field("muc_tieu", "Mục tiêu dự án", "textarea", sample="Chế biến nông sản xuất khẩu."),
                choice("linh_vuc", "Lĩnh vực", "Chế biến", "Du lịch", "Năng lượng", "Công nghệ"),
            ),
        ),
        FormPage(
            "Vốn và tiến độ",
            (
                number("tong_von", "Tổng vốn đầu tư (triệu đồng)", "25000"),
                number("von_gop", "Vốn góp (triệu đồng)", "10000"),
                number("thoi_han", "Thời hạn hoạt động (năm)", "30"),
                number("lao_dong", "Số lao động dự kiến", "60"),
                Field("uu_dai", "Đề nghị hưởng ưu đãi đầu tư", "checkbox", required=False, sample="1"),
                RECEIVE,
            ),
        ),
    ),
)

MEDICAL_LICENCE = Service(
    id="hanh-nghe-y",
    code="1.012279",
    name="Cấp giấy phép hành nghề khám bệnh, chữa bệnh",
    agency="so-y-te",
    system="mot-cua-tinh",
    topic="Y tế",
    summary="Cấp mới giấy phép hành nghề đối với chức danh bác sỹ, điều dưỡng, hộ sinh.",
    units=("so-y-te",),
    cases=("Cấp mới", "Cấp lại do bị mất hoặc hư hỏng"),
    documents=(Document("van_bang", "Văn bằng chuyên môn"), Document("suc_khoe", "Giấy khám sức khỏe")),
    days=30,
    pages=(
        APPLICANT,
        FormPage(
            "Chuyên môn",
            (
                choice("chuc_danh", "Chức danh chuyên môn", "Bác sỹ", "Điều dưỡng", "Hộ sinh", "Y sỹ"),
                text("van_bang_so", "Số văn bằng", "VB-2014-0051"),
                number("nam_tot_nghiep", "Năm tốt nghiệp", "2014"),
                text("noi_thuc_hanh", "Nơi thực hành", "Bệnh viện Đa khoa tỉnh An Bình"),
                RECEIVE,
            ),
        ),
    ),
)

SCHOOL_TRANSFER = Service(
    id="chuyen-truong",
    code="2.002478",
    name="Chuyển trường đối với học sinh trung học phổ thông",
    agency="so-giao-duc-dao-tao",
    system="mot-cua-tinh",
    topic="Giáo dục",
    summary="Giải quyết chuyển trường trong tỉnh và từ tỉnh khác đến.",
    units=("so-giao-duc-dao-tao",),
    cases=("Chuyển trường trong tỉnh", "Chuyển từ tỉnh khác đến"),
    documents=(Document("hoc_ba", "Học bạ"),),
    pages=(
        FormPage(
            "Đơn xin chuyển trường",
            (
                FULL_NAME,
                PHONE,
                text("ten_hoc_sinh", "Họ và tên học sinh", "Trần Minh Khang"),
                date("ngay_sinh_hoc_sinh", "Ngày sinh của học sinh", "2010-09-09"),
                choice("lop", "Lớp", "10", "11", "12"),
                text("truong_di", "Trường đang học", "Trường THPT Sông Xanh"),
                text("truong_den", "Trường xin chuyển đến", "Trường THPT Bờ Biển"),
                Field("ly_do", "Lý do chuyển trường", "textarea", sample="Gia đình chuyển nơi cư trú."),
            ),
        ),
    ),
)

DRIVING_LICENCE = Service(
    id="giay-phep-lai-xe",
    code="1.013091",
    name="Cấp lại giấy phép lái xe",
    agency="cong-an-tinh",
    system="mot-cua-tinh",
    topic="Giao thông",
    summary="Cấp lại giấy phép lái xe bị mất còn thời hạn sử dụng.",
    units=("cong-an-tinh",),
    cases=("Bị mất lần thứ nhất", "Bị hư hỏng"),
    documents=(Document("anh_chan_dung", "Ảnh chân dung"),),
    fee_vnd=135_000,
    days=5,
    presentation="new_tab",
    otp=True,
    quality=Quality(late_s=0.4),
    pages=(
        FormPage(
            "Thông tin giấy phép lái xe",
            (
                FULL_NAME,
                PERSONAL_NUMBER,
                PHONE,
                choice("hang", "Hạng giấy phép", "A1", "A", "B", "C1", "C"),
                text("so_gplx", "Số giấy phép lái xe", "790000000001"),
                date("ngay_cap", "Ngày cấp", "2018-07-01"),
                choice("ly_do", "Lý do cấp lại", "Bị mất", "Bị hư hỏng", radio=True),
                RECEIVE,
            ),
        ),
    ),
)

CRIMINAL_RECORD = Service(
    id="ly-lich-tu-phap",
    code="2.000488",
    name="Cấp Phiếu lý lịch tư pháp",
    agency="cong-an-tinh",
    system="mot-cua-tinh",
    topic="Lý lịch tư pháp",
    summary="Cấp Phiếu lý lịch tư pháp số 1 hoặc số 2 cho công dân Việt Nam.",
    units=("cong-an-tinh",),
    cases=("Phiếu số 1", "Phiếu số 2"),
    documents=(IDENTITY_COPY,),
    days=7,
    presentation="routed",
    pages=(
        APPLICANT,
        FormPage(
            "Nội dung yêu cầu",
            (
                text("ten_cha", "Họ và tên cha", "Nguyễn Văn Hải"),
                text("ten_me", "Họ và tên mẹ", "Lê Thị Thu"),
                Field("cu_tru", "Quá trình cư trú từ đủ 14 tuổi", "textarea", sample="2004 đến nay: An Bình"),
                choice("muc_dich", "Mục đích yêu cầu", "Xin việc làm", "Du học", "Khác"),
                number("so_luong", "Số lượng phiếu", "1"),
                RECEIVE,
            ),
        ),
    ),
)

FEEDBACK = Service(
    id="phan-anh-kien-nghi",
    code="PAKN",
    name="Phản ánh, kiến nghị về quy định hành chính",
    agency="van-phong-ubnd",
    system="cong-quoc-gia",
    topic="Phản ánh kiến nghị",
    summary="Gửi phản ánh, kiến nghị về thủ tục hành chính và thái độ phục vụ. Không cần đăng nhập.",
    sign_in=False,
    days=15,
    pages=(
        FormPage(
            "Nội dung phản ánh, kiến nghị",
            (
                text("ho_ten_gui", "Họ và tên người gửi", "Nguyễn Thị Mai"),
                Field(
                    "dien_thoai_gui",
                    "Số điện thoại",
                    "tel",
                    pattern=PHONE_PATTERN,
                    hint="Số điện thoại gồm 10 chữ số, bắt đầu bằng số 0.",
                    sample="0900000001",
                ),
                choice("linh_vuc", "Lĩnh vực", "Hộ tịch", "Đất đai", "Xây dựng", "Khác"),
                text("tieu_de", "Tiêu đề", "Thời gian giải quyết hồ sơ"),
                Field("noi_dung", "Nội dung", "textarea", sample="Đề nghị rút ngắn thời gian giải quyết."),
                NOTE,
            ),
        ),
    ),
)

BUSINESS_AND_PEOPLE = (
    HOUSEHOLD_BUSINESS,
    INVESTMENT,
    MEDICAL_LICENCE,
    SCHOOL_TRANSFER,
    DRIVING_LICENCE,
    CRIMINAL_RECORD,
    FEEDBACK,
)
