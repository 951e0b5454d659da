"""`dvcwatch once --audit`: look at the accessibility of every screen of some checks now, without a store."""

import logging
import os
import socket
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from agent import logs
from agent.audit import audit_now
from agent.clock import SystemClock
from agent.errors import OptionError
from agent.measuring import instruments
from agent.once import BAD, GOOD, OURS, Wish, beside_the_bar, progress_bar, show
from agent.runner import Identity
from checks.audit import Audit, Impact, Violation
from checks.axe_words import IMPACT_WORDS, rule_words
from checks.config import Config, Target
from checks.model import BrowserCheck
from checks.secrets import Secrets

_COLOURS: dict[Impact, str] = {"critical": "bold red", "serious": "red", "moderate": "yellow", "minor": "dim"}
_SHOWN = 5


def exit_code(audits: Sequence[Audit]) -> int:
    """0 nothing serious; 1 something critical or serious; 3 not everything could be looked at."""
    if any(audit.severe for audit in audits):
        return BAD
    return GOOD if all(audit.complete for audit in audits) else OURS


async def audit_once(config: Config, wish: Wish, console: Console) -> int:
    """Audit the wished browser checks one after another, print each as it comes, and return the exit code.

    Raises:
        OptionError: A check is named that walks no screens.
    """
    targets = _wished(config, wish)
    secrets = Secrets(os.environ, config.path.parent)
    logs.configure(beside_the_bar(console), secrets.redact, level=logging.WARNING)
    clock, me = SystemClock(), Identity(socket.gethostname(), config.digest)
    audits = []
    async with instruments(config, secrets, clock, None, sandbox=wish.sandbox, headed=wish.headed) as tools:
        with progress_bar(console) as progress:
            bar = progress.add_task("", total=len(targets))
            for target in targets:
                progress.update(bar, description=target.title)
                audit = await audit_now(
                    tools.auditor, target, identity=me, location=config.settings.location, clock=clock
                )
                show(Text(audit.model_dump_json()) if wish.as_json else said(audit), console)
                audits.append(audit)
                progress.advance(bar)
    return exit_code(audits)


def _wished(config: Config, wish: Wish) -> list[Target[BrowserCheck]]:
    targets = [target for name, target in config.targets.items() if name in wish.check_ids or not wish.check_ids]
    others = [target.check.id for target in targets if not isinstance(target.check, BrowserCheck)]
    if wish.check_ids and others:
        raise OptionError(f"--audit looks at the screens of browser checks; {others[0]} is none")
    return [
        target  # type: ignore[misc]  # the condition narrows the check, not the target
        for target in targets
        if isinstance(target.check, BrowserCheck) and (wish.check_ids or target.check.enabled)
    ]


def said(audit: Audit) -> Text:
    """Say an audit for a person at a terminal: screens, what is wrong on them, where."""
    counts = ", ".join(f"{count} {impact}" for impact, count in audit.counts.items() if count) or "nothing found"
    took = (audit.finished_at - audit.started_at).total_seconds()
    word, style = ("complete", "green") if audit.complete else ("INCOMPLETE", "cyan")
    lines = [Text.assemble((f"{word:<12}", style), f" {audit.check:<28} {took:6.2f} s  {counts}  {audit.engine}")]
    if audit.message:
        lines.append(Text(f"    {audit.message}"))
    for number, screen in enumerate(audit.screens, 1):
        lines.append(Text(f"  {number:>2}. {screen.step}  {screen.url}"))
        for violation in screen.violations:
            lines += _violation(audit, violation)
    return Text("\n").join(lines)


def _violation(audit: Audit, violation: Violation) -> Iterator[Text]:
    words = rule_words(violation.rule, violation.help)
    notes = ["best practice" if violation.wcag is None else f"WCAG {violation.wcag}"]
    notes += [] if audit.charged(violation) or violation.best_practice else [violation.owner]
    note = f"  [{', '.join(notes)}]"
    impact = (f"{IMPACT_WORDS[violation.impact]:<17}", _COLOURS[violation.impact])
    yield Text.assemble("      ", impact, f" {words.name} ({violation.rule}) × {violation.count}{note}")
    if words.advice:
        yield Text(f"        → {words.advice}")
    for element in violation.elements[:_SHOWN]:
        yield Text(f"        {element.target}  {element.html}", style="dim")
    if violation.count > _SHOWN:
        yield Text(f"        … {violation.count - _SHOWN} more", style="dim")
