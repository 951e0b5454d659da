"""Recordings of both kinds are imported, loaded and walked by the real browser, on pages like those recorded."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest_asyncio
from aiohttp import web

from checks.config import Target
from checks.load import load
from checks.model import BrowserCheck
from checks.recordings.translate import translate
from checks.run import Finding, Verdict
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from sandbox.pace import LOCAL_TIME
from sandbox.province import Province, Settings
from tests.probes.browser.portal import Portal, html

RECORDINGS = Path(__file__).parents[2] / "checks" / "recordings"
MAIN = """
version: 1
include: [ghi-lai.yaml]
settings: {{contact: "mailto:a@anbinh.example", defaults: {{every: 10m, deadline: 60s}}}}
agencies: [{{id: so, name: Sở}}]
systems: [{{id: cong, name: Cổng, agency: so, url: "{url}", hosts: ["127.0.0.1"], environment: test}}]
checks: [{{id: thu, type: browser, system: cong, journey: {journey}, depth: L3, device: {device}, step_timeout: 8s}}]
"""
FORM = (
    "<h1>Tờ khai</h1><form action=/xem-lai><label for=ho-ten>Họ và tên trẻ</label><input id=ho-ten name=ten>"
    "<label>Dân tộc <select id=dan-toc name=dt><option>Kinh<option>Tày</select></label>"
    "<fieldset><legend>Giới tính</legend><label><input type=radio name=gt value=nam>Nam</label>"
    "<label><input type=radio name=gt value=nu>Nữ</label></fieldset>"
    "<label><input type=checkbox id=tin-nhan name=tn>Nhận tin nhắn</label>"
    "<label><input type=checkbox id=cam-doan name=cd>Tôi cam đoan</label>"
    "<label>Giấy chứng sinh <input type=file id=giay name=giay></label>"
    "<button id=tiep><span>Tiếp tục</span></button></form>"
)
FRAMED = (
    "<label for=ten>Họ và tên</label><input id=ten>"
    "<button onclick=\"document.body.innerHTML='<h2>Đã lưu tờ khai</h2>'\">Lưu</button>"
)
ROWS = (
    "<button id=tien-ich>Tiện ích</button><div role=menu hidden><div role=menuitem id=che-do-sua>Chế độ sửa</div></div>"
    "<div style='height:2000px'></div><table><tr><td id=dong-2>Lê Thị Thu</td></tr></table>"
    "<p id=kq></p><script>const one = (q) => document.querySelector(q);"
    "one('#tien-ich').onmouseenter = () => { one('[role=menu]').hidden = false; };"
    "one('#che-do-sua').onclick = () => { document.body.dataset.sua = 1; };"
    "one('#dong-2').ondblclick = () => { if (document.body.dataset.sua) one('#kq').innerHTML ="
    " '<form onsubmit=\"kq.textContent = `Đã sửa: ${ten.value}`; return false\"><label for=ten-moi>Tên mới</label>'"
    " + '<input id=ten-moi name=ten></form>'; window.ten = one('#ten-moi'); };</script>"
)


async def walked(chromium: Chromium, name: str, folder: Path, hosts: dict[str, str], **environment: str) -> Finding:
    """Import a recording, load what came of it, and walk it; `hosts` maps recorded addresses to those here."""
    made = translate(RECORDINGS / name)
    (folder / "ghi-lai.yaml").write_text(made.yaml, encoding="utf-8")
    main = MAIN.format(
        url=next(iter(hosts.values())),
        journey=Path(name).stem,
        device="mobile" if "device: mobile" in made.check else "desktop",
    )
    (folder / "checks.yaml").write_text(main, encoding="utf-8")
    target = load(folder / "checks.yaml").targets["thu"]
    assert isinstance(target.check, BrowserCheck)
    probe = BrowserProbe(chromium, Secrets(environment, folder), sign_on=frozenset())
    return await probe.run(Target(target.check, target.system, target.agency, None, target.steps, target.owners))


@pytest_asyncio.fixture(loop_scope="package")
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    """The practice province in the forenoon, when nothing in it is flaky."""
    settings = Settings(data=tmp_path, base_port=0)
    async with Province(settings, now=lambda: datetime.now(LOCAL_TIME).replace(hour=11)) as running:
        yield running


async def test_from_the_home_page_over_the_search_to_the_procedure(
    chromium: Chromium, province: Province, tmp_path: Path
) -> None:
    found = await walked(chromium, "tim-thu-tuc.json", tmp_path, {"p": province.url("cong-quoc-gia")})
    assert found.verdict is Verdict.OK, found.message
    assert [step.drift for step in found.steps] == [()] * 3


async def test_a_place_is_chosen_and_somebody_signs_in_with_secrets_from_outside(
    chromium: Chromium, province: Province, tmp_path: Path
) -> None:
    hosts = {name: province.url(name) for name in ("cong-quoc-gia", "dinh-danh", "mot-cua-xa")}
    password = (Path(__file__).parents[3] / "sandbox" / "practice-password.txt").read_text(encoding="utf-8").strip()
    found = await walked(
        chromium, "dang-nhap.json", tmp_path, hosts, SO_DINH_DANH_CA_NHAN="012345678901", MAT_KHAU=password
    )
    assert found.verdict is Verdict.OK, found.message


async def test_a_form_is_filled_on_a_phone(chromium: Chromium, site: Portal, tmp_path: Path) -> None:
    site.pages |= {
        "/to-khai": lambda _: _page("Tờ khai", FORM),
        "/xem-lai": lambda _: _page("Xem lại", "<h1>Xem lại</h1>"),
    }
    found = await walked(chromium, "to-khai.json", tmp_path, {"p": site.url})
    assert found.verdict is Verdict.OK, found.message
    (sent,) = [path for _, path in site.asked if path.startswith("/xem-lai")]
    assert "gt=nu" in sent
    assert "cd=on" in sent
    assert "tn=on" not in sent
    assert "giay=giay-chung-sinh.jpg" in sent


async def test_a_form_in_the_second_frame_is_filled(chromium: Chromium, site: Portal, tmp_path: Path) -> None:
    site.pages |= {
        "/khung": lambda _: _page("Nộp hồ sơ điện tử", "<iframe src=/tin></iframe><iframe src=/bm title=x></iframe>"),
        "/tin": "Tin",
        "/bm": FRAMED,
    }
    found = await walked(chromium, "khung.json", tmp_path, {"p": site.url})
    assert found.verdict is Verdict.OK, found.message


async def test_a_tab_that_opened_is_followed_and_closed(chromium: Chromium, site: Portal, tmp_path: Path) -> None:
    help_link = "<a class=huong-dan target=_blank href=/huong-dan/khai-sinh>Xem hướng dẫn</a>"
    links = f"{help_link}<nav><a href=/tra-cuu>Tra cứu hồ sơ</a></nav>"
    site.pages |= {
        "/": lambda _: _page("Trang chủ", links),
        "/huong-dan/khai-sinh": "<details><summary>Thành phần hồ sơ</summary><p>Tờ khai theo mẫu</p></details>",
        "/tra-cuu": lambda _: _page("Tra cứu", "<h1>Tra cứu</h1>"),
    }
    found = await walked(chromium, "cua-so-moi.json", tmp_path, {"p": site.url})
    assert found.verdict is Verdict.OK, found.message
    assert found.ux.new_tabs == 1


async def test_a_search_is_made_with_the_keyboard_alone(chromium: Chromium, site: Portal, tmp_path: Path) -> None:
    site.pages |= {
        "/tra-cuu": lambda _: _page(
            "Tra cứu hồ sơ", "<form action=/ket-qua><label>Từ khóa <input name=q></label></form>"
        ),
        "/ket-qua": lambda _: _page("Kết quả tìm kiếm", "<p>Tìm thấy 2 thủ tục</p>"),
    }
    found = await walked(chromium, "ban-phim.json", tmp_path, {"p": site.url})
    assert found.verdict is Verdict.OK, found.message
    assert ("GET", "/ket-qua?q=khai+sinh") in site.asked


async def test_a_row_is_found_by_hovering_scrolling_and_a_double_click(
    chromium: Chromium, site: Portal, tmp_path: Path
) -> None:
    site.pages |= {"/danh-sach": lambda _: _page("Danh sách người được ủy quyền", ROWS)}
    found = await walked(chromium, "bam-dup.json", tmp_path, {"p": site.url})
    assert found.verdict is Verdict.OK, found.message


async def test_codegen_of_the_library_walks_the_province_on_a_phone(
    chromium: Chromium, province: Province, tmp_path: Path
) -> None:
    found = await walked(chromium, "tra-cuu.py", tmp_path, {"p": province.url("cong-quoc-gia")})
    assert found.verdict is Verdict.OK, found.message


async def test_codegen_of_the_async_library_walks_frame_tab_dialog_and_download(
    chromium: Chromium, site: Portal, tmp_path: Path
) -> None:
    async def file(_request: web.Request) -> web.Response:
        return web.Response(body=b"%PDF-1.4", headers={"Content-Disposition": "attachment; filename=to-khai.pdf"})

    site.pages |= {
        "/khung": "<iframe src=/bm title='Biểu mẫu điện tử'></iframe><a href=/in target=_blank>Xem bản in</a>",
        "/bm": FRAMED,
        "/in": "<button onclick=\"this.after(confirm('Xóa?') ? 'Đã xóa' : 'Chưa xóa')\">Xóa bản nháp</button>"
        "<a href=/tep>Tải tờ khai</a>",
        "/tep": file,
    }
    found = await walked(chromium, "khung-va-the.py", tmp_path, {"p": site.url})
    assert found.verdict is Verdict.OK, found.message


async def test_codegen_for_pytest_signs_in_with_secrets_from_outside(
    chromium: Chromium, site: Portal, tmp_path: Path
) -> None:
    async def sign_in(request: web.Request) -> web.Response:
        form = await request.post()
        assert form["mk"] == "mot-hai-ba"
        return await _page(
            "Hồ sơ",
            f"<h1>Xin chào {form['ten']!s}</h1><form action=/ket-qua>"
            "<label>Lĩnh vực <select name=lv><option value=dat-dai>Đất đai<option value=ho-tich>Hộ tịch</select>"
            "</label>"
            "<label><input type=radio name=ban>Bản điện tử</label>"
            "<label><input type=checkbox name=thu checked>Nhận thư</label>"
            "<table><tr><td>Đất đai<td><button name=chon value=1>Chọn</button><tr><td>Khai sinh<td>"
            "<button name=chon value=2>Chọn</button></table></form>",
        )

    site.pages |= {
        "/dang-nhap": "<form method=post action=/vao><label>Tên đăng nhập <input name=ten></label>"
        "<label>Mật khẩu <input name=mk type=text></label><button>Đăng nhập</button></form>",
        "/vao": sign_in,
        "/ket-qua": lambda _: _page("Kết quả", "<h1>Kết quả</h1>"),
    }
    found = await walked(
        chromium, "dang-nhap.py", tmp_path, {"p": site.url}, TEN_DANG_NHAP="tai-khoan-thu", MAT_KHAU="mot-hai-ba"
    )
    assert found.verdict is Verdict.OK, found.message
    (sent,) = [path for _, path in site.asked if path.startswith("/ket-qua")]
    assert "lv=ho-tich" in sent
    assert "chon=2" in sent


async def _page(title: str, body: str) -> web.Response:
    return html(body, title=title)
