"""A citizen's walk from page to page, seen from its Finding."""

from aiohttp import web

from checks.run import Verdict
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from tests.probes.browser.conftest import Walker, a_target
from tests.probes.browser.portal import Portal, step


async def test_a_journey_over_several_pages_reaches_its_goal(walk: Walker, site: Portal) -> None:
    site.pages["/"] = '<h1>Trang chủ</h1><a href="/tra-cuu">Tra cứu hồ sơ</a>'
    site.pages["/tra-cuu"] = (
        "<h1>Tra cứu</h1><form action=/ket-qua><label>Mã hồ sơ <input name=ma required></label>"
        "<label>Lĩnh vực <select name=lv><option>Chọn<option>Hộ tịch<option>Đất đai</select></label>"
        "<label><input type=checkbox name=c> Chỉ hồ sơ của tôi</label>"
        "<button>Tìm kiếm</button></form>"
    )

    site.pages["/ket-qua"] = "<h1>Kết quả</h1><p>Hồ sơ đang được giải quyết</p>"
    found = await walk(
        step("Mở cổng", {"goto": site.url + "/"}, until={"visible": {"role": "heading", "name": "Trang chủ"}}),
        step("Tới tra cứu", {"click": {"role": "link", "name": "Tra cứu"}}, until={"url": "/tra-cuu"}, found=True),
        step(
            "Tra cứu",
            {"fill": {"label": "Mã hồ sơ", "value": "H01-2026"}},
            {"select": {"label": "Lĩnh vực", "option": "Đất đai"}},
            {"check": {"label": "Chỉ hồ sơ của tôi"}},
            {"click": {"role": "button", "name": "Tìm kiếm"}},
            until={"text": "đang được giải quyết"},
        ),
    )
    assert found.verdict is Verdict.OK, found.message
    assert [step.verdict for step in found.steps] == [Verdict.OK] * 3
    assert found.ux.screens == 3
    assert (found.ux.clicks, found.ux.fields, found.ux.keystrokes, found.ux.choices) == (3, 1, 8, 2)
    assert found.ux.clicks_to_find == 1
    assert ("GET", "/ket-qua?ma=H01-2026&lv=%C4%90%E1%BA%A5t+%C4%91ai&c=on") in site.asked


async def test_a_download_or_an_empty_answer_leaves_the_page_as_it_was(walk: Walker, site: Portal) -> None:
    async def file(_request: web.Request) -> web.Response:
        return web.Response(body=b"%PDF-1.4", headers={"Content-Disposition": "attachment; filename=mau.pdf"})

    async def nothing(_request: web.Request) -> web.Response:
        return web.Response(status=204)

    site.pages |= {
        "/": "<h1>Mẫu đơn</h1><a href=/mau>Tải mẫu</a><a href=/im>Im lặng</a>"
        "<button onclick=\"document.body.append('Vẫn ở đây')\">Tiếp</button>",
        "/mau": file,
        "/im": nothing,
    }
    press = {"click": {"role": "button", "name": "Tiếp"}}
    for name in ("Tải mẫu", "Im lặng"):
        link = {"click": {"role": "link", "name": name}}
        found = await walk(step("Tải", {"goto": site.url + "/"}, link, press, until={"text": "Vẫn ở đây"}))
        assert found.verdict is Verdict.OK, found.message
        assert found.ux.screens == 1


async def test_the_second_of_several_matches_is_taken_by_nth(walk: Walker, site: Portal) -> None:
    site.pages |= {
        "/": "<a href=/0 hidden>Chi tiết</a><a href=/1>Chi tiết</a><a href=/2>Chi tiết</a>",
        "/2": "<h1>Hai</h1>",
    }
    link = {"click": {"role": "link", "name": "Chi tiết", "nth": 1}}
    found = await walk(step("Mở", {"goto": site.url + "/"}, link, until={"text": "Hai"}))
    assert found.verdict is Verdict.OK, found.message


async def test_every_way_to_find_an_element_finds_it(walk: Walker, site: Portal) -> None:
    site.pages["/"] = (
        "<h1>Mở</h1><label>Nhãn <input></label><input placeholder='Gợi ý'><p>Đoạn chữ</p>"
        "<abbr title='Chú thích'>TTHC</abbr><b data-testid=ma-so>1</b><i class=x>2</i>"
    )
    ways: list[dict[str, str]] = [
        {"role": "heading", "name": "Mở"},
        {"role": "heading"},
        {"label": "Nhãn"},
        {"placeholder": "Gợi ý"},
        {"text": "Đoạn chữ"},
        {"title": "Chú thích"},
        {"test_id": "ma-so"},
        {"css": "i.x"},
    ]
    expect = [{"expect": {"visible": way}} for way in ways]
    found = await walk(step("Xem", {"goto": site.url + "/"}, *expect))
    assert found.verdict is Verdict.OK, found.message


async def test_a_walk_with_pauses_is_the_same_walk_and_never_slow(
    chromium: Chromium, secrets: Secrets, site: Portal
) -> None:
    site.pages |= {"/": "<button onclick=\"document.title = 'Xong'\">Bấm</button>"}
    steps = [step("Bấm", {"goto": site.url + "/"}, {"click": {"text": "Bấm"}}, until={"title": "Xong"})]
    target = a_target(site, steps, step_budget="1ms", budget="1ms")
    hurried = await BrowserProbe(chromium, secrets, frozenset()).run(target)
    followed = await BrowserProbe(chromium, secrets, frozenset(), pace_s=0.2).run(target)
    assert (hurried.verdict, followed.verdict) == (Verdict.SLOW, Verdict.OK), followed.message
    times = {"forced_wait_s": 0.0, "handling_s": 0.0}  # which a pause may change
    assert followed.ux.evolve(**times) == hurried.ux.evolve(**times)
    assert followed.duration_s > 2 * 0.2
