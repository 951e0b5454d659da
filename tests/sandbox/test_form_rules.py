from datetime import date

import pytest

from sandbox.catalogue import AGENCIES, SERVICES, Document, Field, Service, agency
from sandbox.forms import check_page, field_error, file_error

TODAY = date(2026, 11, 24)


def test_the_province_offers_at_least_twelve_services_of_eight_agencies() -> None:
    assert len(SERVICES) >= 12
    assert len({each.agency for each in SERVICES}) >= 8
    assert {each.system for each in SERVICES} == {"cong-quoc-gia", "mot-cua-tinh", "mot-cua-xa"}
    assert max(len(each.fields) for each in SERVICES) == 25


@pytest.mark.parametrize("service", SERVICES, ids=lambda each: str(each.id))
def test_every_service_is_complete_and_accepts_its_own_samples(service: Service) -> None:
    assert agency(service.agency) in AGENCIES
    assert 5 <= len(service.fields) <= 25
    assert len({field.name for field in service.fields}) == len(service.fields)
    assert service.units[:1] in ((service.agency,), ())
    for page in service.pages:
        samples = {field.name: field.sample for field in page.fields}
        checked = check_page(page.fields, samples, TODAY)
        assert not checked.errors
        assert not checked.refusal


@pytest.mark.parametrize("service", SERVICES, ids=lambda each: str(each.id))
def test_labels_are_unique_on_a_page_so_that_a_walk_can_name_them(service: Service) -> None:
    for page in service.pages:
        labels = [field.label for field in page.fields]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (Field("a", "Họ và tên"), "", "Vui lòng nhập họ và tên."),
        (Field("a", "Lớp", "select", options=("10",)), "", "Vui lòng chọn lớp."),
        (Field("a", "Lớp", "select", options=("10",)), "9", "Lựa chọn không hợp lệ."),
        (Field("a", "Đồng ý", "checkbox"), "", "Vui lòng đánh dấu: Đồng ý."),
        (Field("a", "Mã", pattern=r"\d{2}", hint="Hai chữ số."), "1", "Hai chữ số."),
        (Field("a", "Số", "number"), "ba", "Vui lòng nhập số."),
        (Field("a", "Số", "number"), "1,5", ""),
        (Field("a", "Ngày", "date"), "2026-02-30", "Ngày không hợp lệ."),
        (Field("a", "Ngày", "date", min_age=18), "2008-11-25", "Chưa đủ 18 tuổi theo quy định."),
        (Field("a", "Ngày", "date", min_age=18), "2008-11-24", ""),
        (Field("a", "Tên"), "x" * 201, "Nội dung quá dài."),
        (Field("a", "Tên", required=False), "", ""),
    ],
)
def test_a_field_says_what_is_wrong_with_its_value(field: Field, value: str, message: str) -> None:
    assert field_error(field, value, TODAY) == message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("", b"", "Vui lòng đính kèm đơn."),
        ("don.pdf", b"%PDF-1.4", ""),
        ("don.exe", b"MZ", "Chỉ nhận tệp PDF, JPG hoặc PNG."),
        ("don.pdf", b"MZ", "Chỉ nhận tệp PDF, JPG hoặc PNG."),
        ("don.pdf", b"%PDF" + b"0" * 5 * 1024 * 1024, "Tệp vượt quá 5 MB."),
    ],
)
def test_a_file_says_what_is_wrong_with_it(name: str, content: bytes, message: str) -> None:
    assert file_error(Document("don", "Đơn"), name, content) == message
