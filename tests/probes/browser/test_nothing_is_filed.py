"""Walks that try to file a dossier in every way there is, against the practice province's real submit endpoints."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
import pytest_asyncio
from jinja2 import BaseLoader, ChoiceLoader, DictLoader

from checks.config import Target
from checks.journey import Step
from checks.model import BrowserCheck
from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.browser import BrowserProbe, Chromium
from sandbox.catalogue import find_service
from sandbox.province import Province, Settings
from tests import samples
from tests.probes.browser.portal import step
from tests.sandbox.conftest import before_noon

_REVIEW = "step_xem_lai.html"
_BUTTON = '<button class="primary" type="submit">Nộp hồ sơ</button>'
_TICK = {"check": {"label": "Tôi cam đoan"}}
_PRESS = {"click": {"css": "[data-nop]"}}
_SAID = {"click": {"css": "[data-nop]", "submits": True}}
_BY_NAME = {"click": {"role": "button", "name": "Nộp hồ sơ"}}

# What stands in the place of the review page's button. Pressed by hand, every one of them files.
BUTTONS = {
    "its own": _BUTTON.replace("<button", "<button data-nop"),
    "named by aria-label": '<button data-nop aria-label="Nộp hồ sơ">→</button>',
    "named by a style": '<style>[data-nop]::before { content: "Nộp hồ sơ" }</style><button data-nop></button>',
    "named by a picture": '<button data-nop><img alt="Nộp hồ sơ"></button>',
    "named by its title": '<button data-nop title="Gửi hồ sơ">→</button>',
    "a link with a script": "<a data-nop href='javascript:document.forms[document.forms.length-1].submit()'>Nộp</a>",
    "the label of a button": '<label data-nop for=b>Tiếp</label><input type=submit id=b value="Nộp hồ sơ">',
    "renamed as it is pressed": """<button data-nop>Tiếp</button><script>
      const button = document.querySelector("[data-nop]");
      button.addEventListener("pointerdown", () => { button.textContent = "Nộp hồ sơ"; });
      </script>""",
    "in a shadow root, renamed": """<x-nop></x-nop><script>
      const inner = document.querySelector("x-nop").attachShadow({mode: "open"});
      inner.innerHTML = "<button data-nop>Tiếp</button>";
      inner.firstChild.addEventListener("pointerdown", () => { inner.firstChild.textContent = "Nộp hồ sơ"; });
      inner.firstChild.addEventListener("click", () => document.querySelector("form.sheet").requestSubmit());
      </script>""",
    "asking first": """<button data-nop>Hoàn thành</button><script>
      document.querySelector("form.sheet").onsubmit = () => confirm("Bạn chắc chắn muốn nộp hồ sơ?");
      </script>""",
    "calling itself a box": "<button data-nop role=checkbox aria-checked=false>Nộp hồ sơ</button>",
}


@dataclass(slots=True)
class Counter:
    """The counter where feedback is filed: its review page can be altered, and it counts what reached it."""

    province: Province
    probe: BrowserProbe

    def show(self, button: str) -> None:
        """Put `button` in the place of the one that files."""
        templates = self.province.world.templates
        shipped = cast("ChoiceLoader", templates.loader).loaders[-1]
        source, _, _ = shipped.get_source(templates, _REVIEW)
        assert _BUTTON in source
        source = source.replace(_BUTTON, button)
        templates.loader = ChoiceLoader([DictLoader({_REVIEW: source}), shipped])

    async def walk(
        self,
        *do: dict[str, Any],
        depth: str = "L4",
        environment: str = "test",
        until: object = None,
        always: tuple[Step, ...] = (),
    ) -> Finding:
        """Fill in the form as a citizen, then do `do` on its review page."""
        url = self.province.url("cong-quoc-gia")
        system = samples.SYSTEM.evolve(url=url, hosts=(url.removeprefix("http://"),), environment=environment)
        fields = [
            {"fill": {"label": "Họ và tên người gửi", "value": "Nguyễn Thị Mai"}},
            {"fill": {"label": "Số điện thoại", "value": "0900000001"}},
            {"select": {"label": "Lĩnh vực", "option": "Hộ tịch"}},
            {"fill": {"label": "Tiêu đề", "value": "Thời gian giải quyết"}},
            {"fill": {"label": "Nội dung", "exact": True, "value": "Đề nghị rút ngắn."}},
            {"click": {"role": "button", "name": "Tiếp tục"}},
        ]
        steps = [
            step("Khai", {"goto": f"{url}/bat-dau/phan-anh-kien-nghi"}, *fields, until={"text": "Tôi cam đoan"}),
            step("Nộp", *do, until=until or {"text": "Nộp hồ sơ thành công"}),
        ]
        check = samples.check(BrowserCheck, journey="nop", depth=depth, step_timeout="3s")
        target: Target[BrowserCheck] = samples.target(
            check, system=system, steps=[Step.model_validate(one) for one in steps]
        )
        return await self.probe.run(replace(target, always=always))

    @property
    def filed(self) -> int:
        return self.province.counters.submissions.total()


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def counter(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Counter]:
    folder = tmp_path_factory.mktemp("counter")
    async with Province(Settings(data=folder, base_port=0), now=before_noon) as province:
        templates = province.world.templates
        templates.loader = ChoiceLoader([cast("BaseLoader", templates.loader)])
        yield Counter(province, BrowserProbe(chromium, Secrets(os.environ, folder), sign_on=frozenset()))


@pytest.fixture(autouse=True)
def fresh(counter: Counter) -> None:
    counter.province.counters.reset()


def refused(found: Finding) -> bool:
    return (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.CONFIG)


@pytest.mark.parametrize("button", BUTTONS)
async def test_no_button_files_unless_the_journey_says_so(counter: Counter, button: str) -> None:
    counter.show(BUTTONS[button])
    found = await counter.walk(_TICK, _PRESS)
    assert refused(found), found.message
    assert counter.filed == 0


@pytest.mark.parametrize("button", BUTTONS)
async def test_every_one_of_them_files_when_the_journey_says_so(counter: Counter, button: str) -> None:
    """So that the tests above are of traps that are armed."""
    counter.show(BUTTONS[button])
    found = await counter.walk(_TICK, _SAID)
    assert (found.verdict, counter.filed) == (Verdict.OK, 1), found.message


ATTEMPTS: dict[str, list[dict[str, Any]]] = {
    "click by name": [_BY_NAME],
    "click that only opens": [{"click": {"role": "button", "name": "Nộp hồ sơ", "opens": True}}],
    "click on another name that is found instead": [{"click": {"text": "Bản in", "or": [{"css": "[data-nop]"}]}}],
    "part that is there only sometimes": [
        {"if_visible": {"role": "button", "name": "Nộp hồ sơ", "wait": "2s", "do": [_BY_NAME]}}
    ],
    "double click": [{"double_click": {"css": "[data-nop]"}}],
    "drag": [{"drag": {"css": "[data-nop]", "by": {"x": 3}}}],
    "drop": [{"drag": {"css": "h1", "to": {"css": "[data-nop]"}}}],
    "scroll, point and press": [{"scroll_to": {"css": "[data-nop]"}}, {"hover": {"css": "[data-nop]"}}, _PRESS],
    "keys typed into a field, then enter": [
        {"type": {"label": "Ghi chú", "value": "x"}}, {"press": {"key": "Enter"}}],
    "after reloading": [{"reload": True}, _TICK, _PRESS],
    "download": [{"download": {"css": "[data-nop]", "file": {"type": "pdf"}}}],
    "enter where the focus is": [{"press": {"key": "Enter"}}],
    "enter in a field": [{"fill": {"label": "Ghi chú", "value": "x"}}, {"press": {"key": "Enter"}}],
    "space on the button": [{"press": {"key": "Tab"}}, {"press": {"key": "Tab"}}, {"press": {"key": "Tab"}},
                            {"press": {"key": "Space"}}],
    "yes to whatever is asked": [{"dialog": {"answer": "accept"}}, _PRESS],
}  # fmt: skip


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_no_action_files(counter: Counter, attempt: str) -> None:
    counter.show('<label>Ghi chú <input name="ghi_chu"></label>' + BUTTONS["its own"])
    found = await counter.walk(_TICK, *ATTEMPTS[attempt])
    assert refused(found), found.message
    assert counter.filed == 0


async def test_a_question_agreed_to_in_the_journey_is_still_answered_no(counter: Counter) -> None:
    counter.show(BUTTONS["asking first"])
    assert refused(await counter.walk({"dialog": {"answer": "accept"}}, _TICK, _PRESS))
    assert counter.filed == 0


async def test_ticking_what_only_calls_itself_a_box_files_nothing(counter: Counter) -> None:
    counter.show(BUTTONS["calling itself a box"])
    assert refused(await counter.walk(_TICK, {"check": {"css": "[data-nop]"}}))
    assert counter.filed == 0


async def test_a_button_swapped_under_the_pointer_files_nothing(counter: Counter) -> None:
    counter.show("""<button type=button data-nop>Xem trước</button><button id=b hidden>Nộp hồ sơ</button><script>
      const swap = document.querySelector("[data-nop]"), real = document.querySelector("#b");
      swap.addEventListener("pointerover", () => {
        const at = swap.getBoundingClientRect();
        real.hidden = false;
        real.style = `position: fixed; left: ${at.x}px; top: ${at.y}px; width: ${at.width}px; height: ${at.height}px`;
      });
      </script>""")
    assert not (await counter.walk(_TICK, _PRESS)).good
    assert counter.filed == 0


@pytest.mark.parametrize(("depth", "environment"), [("L3", "test"), ("L4", "production"), ("L3", "production")])
async def test_one_key_alone_does_not_turn(counter: Counter, depth: str, environment: str) -> None:
    counter.show(BUTTONS["its own"])
    assert refused(await counter.walk(_TICK, _SAID, depth=depth, environment=environment))
    assert counter.filed == 0


async def test_what_always_follows_files_nothing(counter: Counter) -> None:
    counter.show(BUTTONS["its own"])
    clean_up = Step.model_validate(step("Dọn", _TICK, _PRESS))
    found = await counter.walk({"expect": {"text": "không bao giờ có"}}, always=(clean_up,))
    assert not found.good
    assert counter.filed == 0


async def test_a_frame_files_nothing(counter: Counter) -> None:
    counter.show(
        """<iframe id=khung title="Khung"></iframe><script>
      if (top === window) document.querySelector("#khung").src = location.pathname;
      else document.querySelector("#khung").remove();
      </script>"""
        + BUTTONS["its own"]
    )
    inside = {"frame": {"title": "Khung"}}
    tick = {"check": {"label": "Tôi cam đoan", "within": inside}}
    for press in ({"click": {"css": "[data-nop]", "within": inside}}, {"press": {"key": "Enter"}}):
        assert refused(await counter.walk(tick, press))
    assert counter.filed == 0
    said = {"click": {"css": "[data-nop]", "within": inside, "submits": True}}
    goal = {"visible": {"text": "Nộp hồ sơ thành công", "within": inside}}
    assert (await counter.walk(tick, said, until=goal)).verdict is Verdict.OK
    assert counter.filed == 1


async def test_a_new_tab_files_nothing(counter: Counter) -> None:
    counter.show('<a target="_blank" href="{{ path }}" id=moi>Mở thẻ mới</a>' + BUTTONS["its own"])
    opened: list[dict[str, Any]] = [{"click": {"css": "#moi"}}, {"new_tab": "follow"}, _TICK]
    assert refused(await counter.walk(*opened, _PRESS))
    assert counter.filed == 0
    assert (await counter.walk(*opened, _SAID)).good
    assert counter.filed == 1


async def test_the_payment_page_takes_nothing(counter: Counter) -> None:
    world = counter.province.world
    service = find_service("chung-thuc-ban-sao")
    assert service is not None
    order = world.payments.open(service, counter.province.url("mot-cua-xa"), "mot-cua-xa")
    url = counter.province.url("thanh-toan")
    system = samples.SYSTEM.evolve(url=url, hosts=(url.removeprefix("http://"),))
    pay = step(
        "Thanh toán",
        {"goto": f"{url}/don/{order.id}"},
        {"check": {"role": "radio", "name": "Thẻ nội địa"}},
        {"click": {"role": "button", "name": "Thanh toán"}},
    )
    check = samples.check(BrowserCheck, journey="nop", depth="L4", step_timeout="3s")
    found = await counter.probe.run(samples.target(check, system=system, steps=[Step.model_validate(pay)]))
    assert refused(found), found.message
    assert (counter.province.counters.payments.total(), order.paid) == (0, False)
