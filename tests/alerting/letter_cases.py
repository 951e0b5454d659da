"""One mail of every kind."""

from collections.abc import Mapping, Sequence

from alerting.changes import changes_for
from alerting.letters import Letters
from alerting.standing import Standing
from checks.config import Config
from checks.incident import Changes, OutgoingMail
from checks.model import BrowserCheck, HttpCheck
from checks.run import Reason, Run, Verdict
from tests.alerting.province import broken_walk, config, rule, slot_run
from tests.samples import check, target


def walked(a_config: Config, runs: Sequence[Run], letters: Letters) -> list[Changes]:
    """Feed the runs one after the other; return what each changed."""
    standing, found = Standing(), []
    for run in runs:
        changes = changes_for(run, a_config, standing, letters)
        standing = standing.after(run, changes)
        found.append(changes)
    return found


def mails() -> Mapping[str, OutgoingMail]:
    """Return the mails whose exact form is kept in `golden/`, by name."""
    letters = Letters()
    ok = slot_run(0, Verdict.OK)
    cases = {
        "failed": (config(rule()), [ok, broken_walk(1), broken_walk(2)]),
        "over": (config(rule()), [ok, broken_walk(1), broken_walk(2), slot_run(26, Verdict.OK)]),
        "dependency": (config(rule(after=1, to=["operator"])), [broken_walk(1, blame="dependency:dinh-danh")]),
        "slow": (config(rule(id="cham", when="slow", after=1)), [ok, slot_run(1, Verdict.SLOW, reason=Reason.BUDGET)]),
        "blocked": (_bare_http(), [slot_run(1, Verdict.BLOCKED, type="http", service=None, reason=Reason.WAF)]),
        "hostile": (_hostile(), [broken_walk(1, message=_SCRIPT)]),
    }
    return {name: walked(a_config, runs, letters)[-1].mails[-1] for name, (a_config, runs) in cases.items()}


_SCRIPT = '<script>alert("x")</script>\r\nBcc: a@b.example\u202e {{ 7 * 7 }} ' + "dài " * 100


def _bare_http() -> Config:
    """A system's page, by a rule that tells a fixed address, on an agent without a board."""
    page = target(check(HttpCheck, service=None, system="mot-cua-tinh", url="http://127.0.0.1/"), service=None)
    to = ["truc-ban@anbinh.example"]
    return config(rule(id="chan", when="blocked", after=1, to=to), targets={page.check.id: page}, board_url=None)


def _hostile() -> Config:
    walk = target(check(BrowserCheck, journey="ho-so", title="<b>Khai sinh</b>\r\nBcc: a@b.example"))
    return config(rule(after=1), targets={walk.check.id: walk})
