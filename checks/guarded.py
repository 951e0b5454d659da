"""What a walk may never do by mistake: file a dossier for real, carry a password in plain text, hover on a phone."""

import re
import unicodedata

from checks.config import AnyCheck, Target
from checks.journey import Action, Click, DoubleClick, Fill, Hover, Totp, Type, all_actions
from checks.locator import Locator
from checks.model import BrowserCheck
from checks.source import KeyPath, Source
from checks.text import is_secret_reference

_PASSWORD_WORDS = re.compile(r"mật khẩu|password|passwd|passphrase|mã pin|\botp\b|one-time", re.IGNORECASE)


def check_submits(source: Source, path: KeyPath, check: BrowserCheck, target: Target[AnyCheck]) -> None:
    """Refuse a walk that files something without being L4 on a test environment."""
    submits = any(isinstance(a, Click) and a.click.submits for step in target.all_steps for a in all_actions(step.do))
    if submits and check.depth != "L4":
        source.report((*path, "depth"), f"journey '{check.journey}' submits; that needs depth L4, not {check.depth}")
    if (submits or check.depth == "L4") and target.system.environment != "test":
        source.report(
            (*path, "depth"),
            f"system '{target.system.id}' is in production; submitting (L4) needs `environment: test` there",
        )


def check_typed_secrets(source: Source, path: KeyPath, check: BrowserCheck, target: Target[AnyCheck]) -> None:
    """Refuse a password typed from a literal; the literal itself is never repeated."""
    for step in target.all_steps:
        for action in all_actions(step.do):
            if _written_out(action):
                source.report(
                    (*path, "with") if (*path, "with") in source.places else path,
                    f"step '{step.name}' of journey '{check.journey}' types a password that is written out; "
                    "use ${env:NAME} or ${file:PATH}",
                )


def check_device(source: Source, path: KeyPath, check: BrowserCheck, target: Target[AnyCheck]) -> None:
    """Refuse on a phone what needs a mouse: the page could not be blamed for not answering."""
    if check.device != "mobile":
        return
    for step in target.all_steps:
        for action in all_actions(step.do):
            if isinstance(action, Hover | DoubleClick):
                does = "points without pressing" if isinstance(action, Hover) else "clicks twice"
                source.report(
                    (*path, "device"),
                    f"step '{step.name}' of journey '{check.journey}' {does}; a phone has no mouse for that",
                )


def _written_out(action: Action) -> bool:
    if isinstance(action, Totp):
        return not is_secret_reference(action.totp.secret)
    if not isinstance(action, Fill | Type):
        return False
    field = action.fill if isinstance(action, Fill) else action.type
    return not is_secret_reference(field.value) and any(_asks_secret(way) for way in field.alternatives)


def _asks_secret(target: Locator) -> bool:
    words = (target.name, target.label, target.placeholder, target.title, target.test_id, target.css)
    return any(_PASSWORD_WORDS.search(unicodedata.normalize("NFC", word)) for word in words if word)
