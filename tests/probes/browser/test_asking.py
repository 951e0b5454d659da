"""A goal that was true before its step began proves nothing; authors are told so."""

import pytest

from checks.run import Verdict
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from tests.probes.browser.conftest import Walker, a_target
from tests.probes.browser.portal import Portal, step

_PAGE = """<h1>Tra cứu hồ sơ</h1><label>Mã <input></label><button onclick="document.body.append('Trạng thái: xong')">
  Tra cứu</button>"""
_PRESS = {"click": {"role": "button"}}


@pytest.mark.parametrize(
    ("do", "until", "before"),
    [
        ([_PRESS], {"text": "Tra cứu"}, True),
        ([_PRESS], {"visible": {"role": "heading", "or": [{"css": "h1"}]}}, True),
        ([_PRESS], {"not": {"text": "Lỗi"}}, True),
        ([_PRESS], {"text": "Trạng thái: xong"}, False),
        ([{"goto": "${url}/"}], {"text": "Tra cứu"}, False),
        ([{"reload": True}], {"text": "Tra cứu"}, False),
        ([], {"text": "Tra cứu"}, False),
    ],
)
async def test_a_goal_that_was_true_before_is_told(
    chromium: Chromium, secrets: Secrets, site: Portal, do: list[dict[str, object]], until: object, *, before: bool
) -> None:
    site.pages["/"] = _PAGE
    do = [{"goto": site.url + "/"} if "goto" in action else action for action in do]
    steps = [step("Mở", {"goto": site.url + "/"}, until={"text": "Tra cứu"}), step("Làm", *do, until=until)]
    found = await BrowserProbe(chromium, secrets, sign_on=(), asks=True).run(a_target(site, steps))
    assert found.verdict is Verdict.OK, found.message
    assert [one.goal_before for one in found.steps] == [False, before]
    assert found.steps[1].drift == ()


async def test_the_agent_does_not_ask(walk: Walker, site: Portal) -> None:
    site.pages["/"] = _PAGE
    goal = {"text": "Tra cứu"}
    found = await walk(step("Mở", {"goto": site.url + "/"}, until=goal), step("Làm", _PRESS, until=goal))
    assert [one.goal_before for one in found.steps] == [False, False]
