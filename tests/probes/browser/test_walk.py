"""A citizen's walk from page to page, seen from its Finding."""

from checks.run import Verdict
from tests.probes.browser.conftest import Walker
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
