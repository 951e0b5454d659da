"""Nothing is filed and nobody's sign-on is typed into, unless depth, environment and action all allow it."""

import pytest

from checks.model import BrowserCheck
from checks.run import Reason, Verdict
from probes.browser.guard import Guard, submits
from probes.browser.stage import StepError
from tests import samples
from tests.probes.browser.conftest import Walker
from tests.probes.browser.portal import Portal, held_back, step

_FORM = """<form method=post action=/nop><label>Họ tên <input name=ten></label>
  <label>Ghi chú <textarea name=gc></textarea></label>%s</form>"""
_CLICK = {"click": {"css": "[data-x]"}}


@pytest.mark.parametrize(
    "name",
    ["Nộp hồ sơ", "NỘP", "Gửi", "Gửi hồ sơ", "Thanh toán", "Ký số và nộp", "Xác nhận nộp hồ sơ", "Submit", "nop ho so"],
)
def test_submit_words_are_known(name: str) -> None:
    assert submits(name)


@pytest.mark.parametrize("name", ["Tiếp tục", "Tìm kiếm", "Hồ sơ đã nộp", "Danh sách đã thanh toán", "Nổi bật", "Pays"])
def test_other_words_are_let_through(name: str) -> None:
    assert not submits(name)


def test_a_secret_that_is_a_submit_word_hides_nothing_from_the_guard() -> None:
    target = samples.target(samples.check(BrowserCheck, journey="di"))
    guard = Guard(target, sign_on=(), redact=lambda _: "•••")
    with pytest.raises(StepError) as refusal:
        guard.press(["Nộp hồ sơ"], allowed=False)
    assert "không bấm “•••”" in refusal.value.failure.message


@pytest.mark.parametrize(
    "button",
    [
        "<button data-x>Nộp hồ sơ</button>",
        "<button data-x><span>No\u0302\u0323p</span> <b>hồ&nbsp;sơ</b></button>",
        "<button><span data-x>→</span> Gửi</button>",
        "<input data-x type=submit value='Thanh toán'>",
        "<button data-x aria-label='Ký số'>OK</button>",
        "<span id=ten-nut>Nộp</span><button data-x aria-labelledby=ten-nut>OK</button>",
        "<button data-x title='Nộp hồ sơ'><img src=x.png alt=''></button>",
        "<button data-x><img src=x.png alt='Gửi'></button>",
        "<style>[data-x]::before { content: 'Nộp hồ sơ' }</style><button data-x></button>",
        "<a data-x role=button onclick='document.forms[0].submit()'>Gửi hồ sơ</a>",
    ],
)
async def test_a_control_that_files_is_not_pressed(walk: Walker, site: Portal, button: str) -> None:
    site.pages["/"] = _FORM % button
    found = await walk(step("Nộp", {"goto": site.url + "/"}, _CLICK), depth="L3")
    assert held_back(found, site), found
    assert found.message.startswith("Bước “Nộp”: không bấm")


@pytest.mark.parametrize(
    ("submitting", "depth", "environment"),
    [(False, "L4", "test"), (True, "L3", "test"), (True, "L4", "production")],
)
async def test_all_three_keys_must_turn(
    walk: Walker, site: Portal, submitting: bool, depth: str, environment: str
) -> None:
    site.pages["/"] = _FORM % "<button data-x>Nộp hồ sơ</button>"
    click = {"click": {"role": "button", "name": "Nộp hồ sơ", "submits": submitting}}
    found = await walk(step("Nộp", {"goto": site.url + "/"}, click), depth=depth, environment=environment)
    assert held_back(found, site), found


async def test_a_plain_link_that_only_opens_a_page_is_followed_without_the_pages_scripts(
    walk: Walker, site: Portal
) -> None:
    site.pages |= {
        "/": """<a href=/to-khai id=a>Nộp trực tuyến</a>
        <script>a.addEventListener("click", () => fetch("/nop", {method: "POST", keepalive: true}))</script>""",
        "/to-khai": "<h1>Tờ khai</h1>",
    }
    click = {"click": {"role": "link", "name": "Nộp trực tuyến", "opens": True}}
    found = await walk(step("Mở", {"goto": site.url + "/"}, click, until={"text": "Tờ khai"}), depth="L3")
    assert found.verdict is Verdict.OK, found.message
    assert ("POST", "/nop") not in site.asked


@pytest.mark.parametrize(
    "control",
    [
        "<button data-x>Nộp hồ sơ</button>",
        "<a data-x href='javascript:document.forms[0].submit()'>Nộp hồ sơ</a>",
        "<a data-x href=/to-khai onclick='document.forms[0].submit()'>Nộp hồ sơ</a>",
        "<a data-x href=/to-khai role=button>Nộp hồ sơ</a>",
        "<a href=/to-khai><button data-x>Nộp hồ sơ</button></a>",
    ],
)
async def test_what_is_no_plain_link_does_not_count_as_opening(walk: Walker, site: Portal, control: str) -> None:
    site.pages["/"] = _FORM % control
    click = {"click": {"css": "[data-x]", "opens": True}}
    found = await walk(step("Mở", {"goto": site.url + "/"}, click), depth="L3")
    assert held_back(found, site), found


async def test_an_agreed_filing_on_a_test_system_goes_through(walk: Walker, site: Portal) -> None:
    site.pages |= {"/": _FORM % "<button>Nộp hồ sơ</button>", "/nop": "<h1>Đã tiếp nhận</h1>"}
    click = {"click": {"role": "button", "name": "Nộp hồ sơ", "submits": True}}
    found = await walk(step("Nộp", {"goto": site.url + "/"}, click, until={"text": "Đã tiếp nhận"}), depth="L4")
    assert found.verdict is Verdict.OK, found.message
    assert ("POST", "/nop") in site.asked


@pytest.mark.parametrize("key", ["Enter", "NumpadEnter", "Control+Enter"])
async def test_enter_in_a_form_that_files_is_not_pressed_even_where_filing_is_agreed(
    walk: Walker, site: Portal, key: str
) -> None:
    site.pages["/"] = _FORM % "<button>Nộp hồ sơ</button>"
    fill = {"fill": {"label": "Họ tên", "value": "A"}}
    found = await walk(step("Nộp", {"goto": site.url + "/"}, fill, {"press": {"key": key}}), depth="L4")
    assert held_back(found, site), found


async def test_enter_in_a_search_form_is_pressed(walk: Walker, site: Portal) -> None:
    site.pages |= {
        "/": "<button>Nộp hồ sơ</button><form action=/tim><label>Tìm <input name=q></label><button>Tìm</button></form>",
        "/tim": "<h1>Kết quả</h1>",
    }
    fill = {"fill": {"label": "Tìm", "value": "khai sinh"}}
    found = await walk(
        step("Tìm", {"goto": site.url + "/"}, fill, {"press": {"key": "Enter"}}, until={"text": "Kết quả"})
    )
    assert found.verdict is Verdict.OK, found.message


async def test_space_on_a_button_that_files_is_not_pressed(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _FORM % "<button autofocus>Nộp hồ sơ</button>"
    found = await walk(
        step("Nộp", {"goto": site.url + "/"}, {"expect": {"visible": {"role": "button"}}}, {"press": {"key": "Space"}})
    )
    assert held_back(found, site), found


async def test_a_question_whether_to_file_is_answered_no(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<form method=post action=/nop
      onsubmit="return confirm('Anh/chị có chắc muốn nộp hồ sơ?')"><button>Hoàn thành</button></form>"""
    found = await walk(
        step("Nộp", {"goto": site.url + "/"}, {"click": {"role": "button"}}, until={"text": "Đã tiếp nhận"})
    )
    assert held_back(found, site), found


async def test_a_control_put_in_the_place_of_the_judged_one_is_not_pressed(walk: Walker, site: Portal) -> None:
    site.pages["/"] = (
        _FORM
        % """<button>Tiếp tục</button><script>
      const b = document.querySelector("button");
      b.addEventListener("pointerdown", () => { b.textContent = "Nộp hồ sơ"; });
    </script>"""
    )
    press = {"click": {"role": "button"}}
    for goal in ({"text": "Đã tiếp nhận"}, None):
        assert held_back(await walk(step("Đi", {"goto": site.url + "/"}, press, until=goal)), site)


async def test_a_declaration_that_speaks_of_filing_is_ticked(walk: Walker, site: Portal) -> None:
    site.pages["/"] = """<label><input type=checkbox onchange="document.title='Đã đồng ý'">
      Tôi đồng ý nộp bản giấy</label>"""
    found = await walk(
        step("Đồng ý", {"goto": site.url + "/"}, {"check": {"label": "Tôi đồng ý"}}, until={"title": "Đã đồng ý"})
    )
    assert found.verdict is Verdict.OK, found.message


async def test_a_sign_on_in_production_is_never_typed_into(walk: Walker, site: Portal, outside: Portal) -> None:
    outside.pages["/"] = "<label>Số định danh <input></label>"
    fill = {"fill": {"label": "Số định danh", "value": "051"}}
    steps = step("Vào", {"goto": outside.url + "/"}, fill)
    found = await walk(steps, environment="production")
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG)
    assert found.ux.fields == 0
    assert (await walk(steps, environment="test")).verdict is Verdict.OK


async def test_only_web_addresses_are_opened(walk: Walker) -> None:
    found = await walk(step("Mở", {"goto": "${env:MAT_KHAU}"}))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG)
