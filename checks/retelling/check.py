"""A whole check: what, of whom, how often, how deep, with which limits, and then what is done."""

import textwrap
from collections.abc import Iterator

from checks.config import AnyCheck, Config, Target
from checks.elements_vi import quoted
from checks.journey import Click, Step, all_actions
from checks.model import BrowserCheck, HttpCheck, TlsCheck
from checks.retelling.actions import phrases, seen
from checks.retelling.requests import request
from checks.retelling.values import clear
from checks.words_vi import DEPTHS, lasting

_WIDTH = 110
_KINDS = {
    "http": "Gửi một yêu cầu đến trang và xem câu trả lời.",
    "tls": "Bắt tay bảo mật một lần và xem chứng thư số.",
    "dns": "Hỏi địa chỉ của tên miền một lần.",
    "tcp": "Kết nối tới máy chủ một lần.",
}
_SCREENS = {"desktop": "trên màn hình máy tính", "mobile": "trên màn hình điện thoại rộng 360 điểm ảnh"}


def retell(target: Target[AnyCheck], config: Config) -> str:
    """Tell what a check does. Nothing is resolved: a secret is told by where it comes from."""
    check = target.check
    lines = [f"Kiểm tra {quoted(check.id)}: {target.title}", _what(check)]
    if not check.enabled:
        lines.append("Kiểm tra này đang tắt: không tự chạy.")
    lines += ["", *(f"{name}: {text}" for name, text in _frame(target, config)), ""]
    if isinstance(check, BrowserCheck):
        lines += [f"{number}. {_step(step, check)}" for number, step in enumerate(target.steps, 1)]
        lines += [f"Sau cùng, kể cả khi hỏng và không tính giờ: {_step(step, check)}" for step in target.always]
    else:
        lines += [f"- {part}" for part in request(check)]
    return "\n".join(_wrapped(line) for line in lines) + "\n"


def _wrapped(line: str) -> str:
    indent = "   " if line[:1].isdigit() else "  "
    return textwrap.fill(line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _what(check: AnyCheck) -> str:
    if not isinstance(check, BrowserCheck):
        return _KINDS[check.type]
    warm = ", sau một lượt đi thử không tính để trình duyệt đã có sẵn các tệp chung" if check.cache == "warm" else ""
    return f"Đi từng bước như một người dân, bằng trình duyệt thật {_SCREENS[check.device]}{warm}."


def _frame(target: Target[AnyCheck], config: Config) -> Iterator[tuple[str, str]]:
    check = target.check
    yield "Của ai", _whose(target, config)
    yield "Bao lâu một lần", f"{_every(check.every)}, kể cả ban đêm và ngày nghỉ."
    yield "Giới hạn", f"mỗi lượt tối đa {lasting(check.deadline)}; {_confirmed(check.confirm_after)}"
    yield "Chậm", _slow(target)
    if isinstance(check, BrowserCheck | HttpCheck):
        yield "Đi đến đâu", f"mức {check.depth}: {DEPTHS[check.depth]}."
    if isinstance(check, BrowserCheck):
        yield "Nộp hồ sơ", _files(target)
        if check.accessibility.enabled:
            yield (
                "Khả năng tiếp cận",
                f"{_every(check.accessibility.every)} xem từng màn hình bằng axe, trong một lượt riêng.",
            )


def _confirmed(after_s: float) -> str:
    return f"nếu hỏng thì {lasting(after_s)} sau làm lại một lượt nữa, hai lượt đều hỏng mới kết luận là hỏng."


def _whose(target: Target[AnyCheck], config: Config) -> str:
    system = target.system
    where = "môi trường thử nghiệm" if system.environment == "test" else "hệ thống đang vận hành thật"
    parts = [f"hệ thống {quoted(system.name)} tại {system.url} ({where})"]
    if target.service is not None:
        parts.insert(0, f"dịch vụ {quoted(target.service.name)}")
    parts.append(f"cơ quan chịu trách nhiệm: {target.agency.name}")
    if system.agency != target.agency.id:
        parts.append(f"cơ quan chủ quản hệ thống: {config.agencies[system.agency].name}")
    if system.operator is not None and system.operator != system.agency:
        parts.append(f"đơn vị vận hành: {config.agencies[system.operator].name}")
    return "; ".join(parts) + "."


def _every(seconds: float) -> str:
    return f"{lasting(seconds)} một lần"


def _slow(target: Target[AnyCheck]) -> str:
    check = target.check
    if isinstance(check, TlsCheck):
        return f"khi chứng thư số còn hạn dưới {lasting(check.certificate_left)}."
    limits = [f"cả lượt quá {lasting(check.budget)}"] if check.budget is not None else []
    if isinstance(check, BrowserCheck) and any(step.budget or check.step_budget for step in target.steps):
        limits.append("một bước quá ngưỡng ghi ở bước đó")
    if isinstance(check, HttpCheck) and check.expect.certificate_left is not None:
        limits.append(f"chứng thư số còn hạn dưới {lasting(check.expect.certificate_left)}")
    return f"khi {', hoặc '.join(limits)}." if limits else "không đặt ngưỡng, không bao giờ bị coi là chậm."


def _files(target: Target[AnyCheck]) -> str:
    pressed = [
        f"bước {number} bấm {quoted(clear(action.click.name or action.click.text or 'nút'))}"
        for number, step in enumerate(target.all_steps, 1)
        for action in all_actions(step.do)
        if isinstance(action, Click) and action.click.submits
    ]
    if not pressed:
        return "không. Máy đo từ chối bấm mọi nút nộp, gửi, thanh toán, ký."
    return (
        f"có, {'; '.join(pressed)}. Được phép vì đủ ba điều: bước ghi rõ là nộp hồ sơ, kiểm tra ở mức L4, "
        "hệ thống được khai là môi trường thử nghiệm."
    )


def _step(step: Step, check: BrowserCheck) -> str:
    done = phrases(step.do)
    timeout, budget = step.timeout or check.step_timeout, step.budget or check.step_budget
    slow = f", quá {lasting(budget)} là chậm" if budget is not None else ""
    end = seen(step.until) if step.until is not None else _otherwise(step)
    found = " Đến đây là đã tìm thấy dịch vụ." if step.found else ""
    return f"{step.name}: {f'{done}; ' if done else ''}xong khi {end} (tối đa {lasting(timeout)}{slow}).{found}"


def _otherwise(step: Step) -> str:
    return "đã làm xong các việc trên" if step.has_goal else "trang tải xong"
