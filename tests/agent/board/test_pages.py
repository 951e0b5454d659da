import re
from html import unescape

from tests.agent.board.conftest import Site
from tests.agent.board.province import BROKEN, CONFIG, PENDING, SERVICES, SLOW, STEPS


def words(page: str) -> str:
    """Return what a page says, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def test_the_first_page_says_in_one_sentence_how_things_are(site: Site) -> None:
    said = words(await site.text("/"))
    assert "6 dịch vụ tốt , 2 hỏng , 1 bị chặn , 1 chậm , 1 chưa rõ , 1 chưa có kết quả" in said


async def test_what_is_broken_comes_first_with_since_when_agency_blame_and_step(site: Site) -> None:
    page = await site.text("/")
    first = words(page[page.index('<li class="trouble') :].partition("</li>")[0])
    assert first.startswith("hỏng Cấp giấy phép xây dựng nhà ở riêng lẻ Sở Xây dựng")
    for fact in ("08:00 (2 giờ trước)", "Bên chịu trách nhiệm Hệ thống", "3. Đăng nhập", "Thiếu thành phần"):
        assert fact in first


async def test_a_failure_of_an_outside_system_is_charged_to_it_by_name(site: Site) -> None:
    assert "Bên chịu trách nhiệm Định danh điện tử (VNeID)" in words(await site.text("/"))


async def test_every_configured_check_is_listed_with_its_state(site: Site) -> None:
    page = await site.text("/")
    for name in CONFIG.targets:
        assert f'href="/checks/{name}"' in page
    place = page.index(f'href="/checks/{PENDING}"')
    row = words(page[page.rindex("<tr", 0, place) :].partition("</tr>")[0])
    assert "chưa có kết quả" in row
    assert "lượt đầu lúc 10:15" in row


async def test_an_announced_stop_is_shown_as_one(site: Site) -> None:
    page = await site.text("/")
    row = page[page.index("<h3>", page.index("Kho dữ liệu mở") - 250) :]
    assert "bảo trì" in words(row[:300])


async def test_a_service_shows_its_walk_as_numbered_steps(site: Site) -> None:
    page = words(await site.text("/services/khai-sinh"))
    for number, step in enumerate(STEPS, 1):
        assert re.search(rf"\b{number} {step} \d+,\d\d s \d+ \d+ 1 \d", page), step


async def test_availability_is_not_stated_without_enough_coverage(site: Site) -> None:
    page = words(await site.text(f"/checks/{BROKEN}"))
    assert "24 giờ qua 90,62 % độ phủ 100 %" in page
    assert "7 ngày qua chưa đủ dữ liệu độ phủ 14,2 %" in page


async def test_runs_are_paged_without_losing_or_repeating_one(site: Site) -> None:
    path: str | None = "/services/" + SLOW
    seen: list[str] = []
    while path is not None:
        page = await site.text(path)
        listed = page[page.index('<table class="runs">') :]
        seen += re.findall(r'<th scope="row"><a href="/runs/([^"]+)"', listed)
        older = re.search(r'href="([^"]+)#runs" rel="next"', listed)
        path = unescape(older[1]) if older else None
    assert len(seen) == len(set(seen)) == 96


async def test_a_run_explains_itself_and_shows_both_attempts(site: Site) -> None:
    page = await site.text("/runs/" + site.seeded.runs[BROKEN].id)
    said = words(page)
    assert "Người dân không thể thực hiện trọn vẹn. Vướng ở bước 3 “Đăng nhập”." in said
    assert "2 lần thử, đặt cạnh nhau" in said
    assert f'<img src="/evidence/{BROKEN}/buoc-3.png"' in page
    assert "Chậm hơn khi rảnh 1,04 lần" in said
    assert "Làm sau cùng, không tính giờ và không ảnh hưởng kết quả Đăng xuất: Bình thường" in said


async def test_a_page_check_shows_its_phases(site: Site) -> None:
    said = words(await site.text("/runs/" + site.seeded.runs["mot-cua-xa-trang"].id))
    assert "Bắt tay TLS 30 ms" in said
    assert "Mã trả lời HTTP: 200" in said


async def test_an_agency_sees_its_services_incidents_and_score(site: Site) -> None:
    said = words(await site.text("/agencies/so-xay-dung"))
    assert "Sự cố đang mở hỏng Cấp giấy phép xây dựng nhà ở riêng lẻ" in said
    assert "Chưa đủ dữ liệu – không xếp hạng : độ phủ 4,4 % (cần 80 %), 2 ngày có số liệu (cần 20)" in said


async def test_the_ranking_is_honest_about_too_little_data(site: Site) -> None:
    for by in ("system", "service", "agency"):
        said = words(await site.text(f"/ranking?by={by}"))
        assert "Chưa đủ dữ liệu để xếp hạng" in said
        assert "không bị coi là kém" in said


async def test_an_incident_tells_what_happened_and_who_was_told(site: Site) -> None:
    said = words(await site.text(f"/incidents/{site.seeded.incident}"))
    assert "gián đoạn 2 giờ 7 phút" in said
    assert "Hoạt động → Gián đoạn" in said
    assert "xay-dung@anbinh.example chờ gửi" in said


async def test_the_agent_says_whether_it_can_be_trusted(site: Site) -> None:
    said = words(await site.text("/agent"))
    assert "Máy đo bình thường" in said
    assert "Chromium 142.0.7444.60" in said


async def test_no_page_is_heavier_than_100_kilobytes(site: Site) -> None:
    for path in (
        "/",
        f"/services/{SLOW}",
        "/services/khai-sinh",
        f"/checks/{BROKEN}",
        "/ranking?by=service",
        "/agent",
        "/measures",
    ):
        assert len((await site.text(path)).encode()) < 100_000, path


async def test_a_service_nobody_measures_yet_says_so(site: Site) -> None:
    assert len(SERVICES) == len([name for name in CONFIG.targets if name in CONFIG.services])
    assert "Chưa có lượt nào" in words(await site.text(f"/services/{PENDING}"))


async def test_a_service_shows_what_is_wrong_with_its_accessibility(site: Site) -> None:
    page = await site.text(f"/services/{SLOW}")
    said = words(page[page.index("<h3>Tiếp cận</h3>") :])
    assert said.startswith("Tiếp cận Rất nghiêm trọng 42 Nghiêm trọng 240 Trung bình 0 Nhẹ 6")
    assert 'Rất nghiêm trọng · Ô nhập phải có nhãn · 42 phần tử Gắn thẻ <label for="…"> với ô nhập' in said
    assert "Bước 1 “Tìm thủ tục” /0" in said
    assert "Nhẹ · A rule of tomorrow" in said, "a rule that has no Vietnamese words yet"
    assert "Nút phải có tên đọc được · 18 phần tử · trang của Định danh điện tử (VNeID)" in said
    assert "Mọi nội dung nên nằm trong một vùng của trang · 12 phần tử · khuyến nghị" in said
    assert "Kiểm tra lúc 05:07 bằng axe-core 4.12.1, 6 màn hình." in said
    assert "Lần tới: khoảng" in said


async def test_an_audit_that_broke_off_says_so(site: Site) -> None:
    assert "Chưa trọn vẹn, số liệu chỉ gồm những màn hình đã xem: Bước 2:" in words(
        await site.text(f"/checks/{BROKEN}")
    )
    said = words(await site.text("/checks/khai-sinh"))
    assert "Không thấy lỗi nào mà chương trình tự phát hiện được." in said
    assert "Lần sau đó (08:07) chưa trọn vẹn: hết thời gian." in said


async def test_a_check_that_was_never_audited_says_when_it_will_be(site: Site) -> None:
    said = words(await site.text("/services/khai-tu"))
    assert "Chưa có lần kiểm tra tiếp cận nào. Lần tới:" in said


async def test_a_check_without_screens_says_nothing_about_accessibility(site: Site) -> None:
    assert "<h3>Tiếp cận</h3>" not in await site.text("/checks/mot-cua-xa-trang")


async def test_a_run_shows_its_proof_where_it_is_and_says_what_is_gone(site: Site) -> None:
    folder = site.evidence / BROKEN
    (folder / "trace.zip").write_bytes(b"PK")
    page = await site.text("/runs/" + site.seeded.runs[BROKEN].id)
    second = page[page.index("Lần thử 2") :]
    outline = second[second.index('<details class="proof"') :].partition("</details>")[0]
    assert "<pre>&lt;html&gt;" in outline
    assert "<script>" not in outline
    assert "Mở cả tệp" in outline
    assert "Trên đây chỉ là phần đầu." not in outline
    trace = site.seeded.runs[BROKEN].id + ".2.trace.zip"
    assert f'<a href="/evidence/{BROKEN}/trace.zip" download="{trace}">' in second
    assert f"playwright show-trace {trace}" in words(second)
    (folder / "buoc-3.png").unlink()
    (folder / "trang.html").write_text("dài " * 10_000, encoding="utf-8")
    second = (await site.text("/runs/" + site.seeded.runs[BROKEN].id)).partition("Lần thử 2")[2]
    assert "<img" not in second
    assert "Ảnh chụp màn hình: tệp không còn, đã xoá theo thời hạn lưu giữ" in words(second)
    assert "Trên đây chỉ là phần đầu." in second
    assert len(second) < 50_000
