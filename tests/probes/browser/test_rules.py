"""The pure rules of the walk: names, error codes, refusals, the critical path."""

import unicodedata
from pathlib import Path
from typing import Any, cast

import pytest

from checks.elements_vi import wish
from checks.locator import Condition, Locator
from checks.owners import HostOwners
from checks.run import Reason
from probes.browser.locate import name_pattern
from probes.browser.neterrors import UNTOLD, code_of, meaning
from probes.browser.outline import candidates, without_values
from probes.browser.traffic import Sent, Traffic, critical_path


@pytest.mark.parametrize(
    "text", ["Hộ tịch", "Đăng nhập", "Thuế (VNĐ) – 50%/năm?", "Cấp lại giấy chứng nhận quyền sử dụng đất"]
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_matches_in_every_composition(text: str, form: Any) -> None:
    shown = unicodedata.normalize(form, text)
    assert name_pattern(text, exact=True).search(shown)
    assert name_pattern(unicodedata.normalize("NFD", text), exact=True).search(shown)
    assert name_pattern(text, exact=False).search(f"… {shown.upper()}\u00a0…")
    assert not name_pattern(text, exact=True).search(shown + "x")


def test_half_composed_letters_of_old_keyboards_match() -> None:
    assert name_pattern("Việt", exact=True).search("Viê\u0323t")
    assert name_pattern("tiếng", exact=True).search("tiê\u0301ng")
    assert not name_pattern("Việt", exact=True).search("Viêt")


@pytest.mark.parametrize(
    ("code", "reason", "blame"),
    [
        ("ERR_NAME_NOT_RESOLVED", Reason.DNS, None),
        ("ERR_CONNECTION_REFUSED", Reason.TCP, None),
        ("ERR_ADDRESS_UNREACHABLE", Reason.TCP, None),
        ("ERR_ADDRESS_IN_USE", Reason.AGENT_OVERLOAD, "agent"),
        ("ERR_CERT_DATE_INVALID", Reason.TLS, None),
        ("ERR_SSL_PROTOCOL_ERROR", Reason.TLS, None),
        ("ERR_TOO_MANY_REDIRECTS", Reason.REDIRECT, None),
        ("ERR_TIMED_OUT", Reason.TIMEOUT, None),
        ("ERR_INVALID_HTTP_RESPONSE", Reason.HTTP_STATUS, None),
        ("ERR_INVALID_URL", Reason.CONFIG, "agent"),
        ("ERR_INTERNET_DISCONNECTED", Reason.TCP, "network"),
        ("ERR_NETWORK_CHANGED", Reason.TCP, "network"),
        ("ERR_INSUFFICIENT_RESOURCES", Reason.AGENT_OVERLOAD, "agent"),
    ],
)
def test_a_network_error_is_ours_or_theirs(code: str, reason: Reason, blame: str | None) -> None:
    error = meaning(code)
    assert error is not None
    assert (error.reason, error.blame) == (reason, blame)


def names_of_chromium() -> list[str]:
    lines = (Path(__file__).parent / "net-errors.txt").read_text(encoding="ascii").splitlines()
    return [f"ERR_{name}" for line in lines if not line.startswith("#") for name in line.split()]


def test_every_network_error_of_chromium_has_a_row_or_is_told_to_be_unknown() -> None:
    names = names_of_chromium()
    assert len(names) == len(set(names)) > 200
    known = {name for name in names if meaning(name) is not None}
    assert known & UNTOLD == set()
    assert set(names) - known == UNTOLD


def test_an_error_nobody_described_has_no_meaning() -> None:
    assert meaning("ERR_SOMETHING_NEW") is None
    assert code_of("Page.goto: net::ERR_NAME_NOT_RESOLVED at http://x/") == "ERR_NAME_NOT_RESOLVED"
    assert code_of("Timeout 30000ms exceeded") is None


def _sent(owner: str, started: float, ended: float | None) -> Sent:
    return Sent(
        cast("Any", None), "http://x/", owner, "xhr", 0, started, None, main=False, redirected=False, ended=ended
    )


def test_time_is_charged_along_the_critical_path_and_never_twice() -> None:
    sent = [
        _sent("system:a", 0.0, 1.0),
        _sent("system:a", 0.2, 0.9),  # beside the first
        _sent("dependency:b", 1.1, 2.5),
        _sent("dependency:c", 1.2, 9.0),  # the goal did not wait for it
        _sent("dependency:d", 1.2, None),
    ]
    spent = critical_path(sent, 0.5, 2.52)
    assert spent == pytest.approx({"system:a": 0.5, "dependency:b": 1.4})


def test_what_our_own_resolver_took_on_the_critical_path_is_nobodys() -> None:
    waited_for, beside = _sent("dependency:b", 1.0, 3.0), _sent("system:a", 1.2, 2.9)
    waited_for.lookup, beside.lookup = (0.9, 2.5), (1.2, 2.8)
    assert critical_path([waited_for, beside], 0.5, 3.0) == pytest.approx({"dependency:b": 0.5})
    traffic = Traffic(HostOwners({}), lambda: 9.0, cast("Any", None), sent=[waited_for, beside])
    assert traffic.lookup_s(0.5, 3.0) == pytest.approx(1.5)


def test_an_outline_keeps_names_and_drops_what_was_typed_and_addresses() -> None:
    snapshot = [
        '- form "Khai":',
        '  - textbox "Họ tên": Nguyễn Văn A',
        '  - combobox "Xã":',
        '    - option "Bình Sơn" [selected]',
        '  - button "Gửi" [disabled]',
        '  - link "Sau":',
        "    - /url: /sau?ten=A",
    ]
    kept = ['- form "Khai":', '  - textbox "Họ tên"', '  - combobox "Xã"', *snapshot[4:6]]
    assert without_values("\n".join(snapshot)).splitlines() == kept


def test_a_name_with_a_colon_or_a_brace_hides_neither_itself_nor_what_was_typed() -> None:
    snapshot = """\
- 'textbox "Họ: ''tên''"': "Nguyễn: An"
- 'button "Gửi: {{7}} \\"a\\" \\u001b[31m"'
- 'link "đi: đó"':
  - /url: /x"""
    kept = """\
- textbox "Họ: 'tên'"
- button "Gửi: {{7}} \\"a\\" \\u001b[31m"
- link "đi: đó":"""
    assert without_values(snapshot) == kept
    assert candidates(kept, Locator(role="button", name="Gửi")) == ['nút “Gửi: {{7}} "a" [31m”']


def test_the_nearest_candidates_come_first_and_are_five_at_most() -> None:
    snapshot = "\n".join(f'- button "Tiếp tục {n}"' for n in range(9)) + '\n- link "Liên hệ"\n- button "Tiếp tục"'
    near = candidates(snapshot, Locator(role="button", name="Tiếp tụt"))
    assert near[0] == "nút “Tiếp tục”"
    assert len(near) == 5
    assert "liên kết “Liên hệ”" not in near


def test_on_a_page_of_thousands_of_links_a_button_is_still_compared() -> None:
    snapshot = "\n".join(f'- link "Tiếp tục {n}"' for n in range(3000)) + '\n- button "Tiếp tục"'
    near = candidates(snapshot, Locator(role="button", name="Tiếp tụt"))
    assert near[0] == "nút “Tiếp tục”"
    assert "liên kết “Tiếp tục 2999”" not in candidates(snapshot, Locator(role="button", name="Tiếp tục 2999"))


def test_a_secret_reference_is_said_as_it_was_written() -> None:
    assert wish(Condition(text="${env:MAT_KHAU}")) == "trang không hiện chữ “${env:MAT_KHAU}”"
