"""The mails about an incident, in Vietnamese: what stands in them is decided here, templates only print it."""

from dataclasses import dataclass
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from alerting.wording import ALL_CLEAR, WORDINGS, asks_of, evidence_phrase, shortened
from checks.config import AnyCheck, Config, Target
from checks.incident import Incident, OutgoingMail, State, Transition
from checks.model import AlertRule
from checks.run import Blame, Run, clean_message
from checks.words_vi import blame_phrase, clock, day, moment, reason_sentence, span

_TITLE_LIMIT = 120
_QUOTE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Case:
    """One change of an incident with all that can be said about it."""

    rule: AlertRule
    transition: Transition
    incident: Incident
    run: Run
    target: Target[AnyCheck]
    config: Config

    @property
    def zone(self) -> ZoneInfo:
        """The readers' time zone."""
        return ZoneInfo(self.config.settings.timezone)

    @property
    def is_over(self) -> bool:
        """Whether this is the all-clear."""
        return self.transition.after is State.UP


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the mail's table."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What the templates print, every text on one line and free of control characters.

    `asks` and `run_url` may be empty; `colour` is a CSS colour of ours.
    """

    subject: str
    greeting: str
    headline: str
    lead: str
    facts: tuple[Fact, ...]
    asks: tuple[str, ...]
    run_url: str
    province: str
    department: str
    contact: str
    colour: str


class Letters:
    """Renders mails; the templates are compiled once and kept."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("alerting"),
            autoescape=select_autoescape(["html.j2"], default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def mail(self, case: Case, receiver: str) -> OutgoingMail:
        """Return the mail that tells `receiver` of the change; same case, same bytes."""
        letter = letter_of(case, receiver)
        kind: Literal["up", "down"] = "up" if case.is_over else "down"
        return OutgoingMail(
            key=f"{case.incident.id}.{kind}.{receiver}",
            incident=case.incident.id,
            kind=kind,
            to=(receiver,),
            subject=letter.subject,
            text=self._templates.get_template("letter.txt.j2").render(letter=letter),
            html=self._templates.get_template("letter.html.j2").render(letter=letter),
            created_at=case.transition.at,
        )


def letter_of(case: Case, receiver: str) -> Letter:
    """Decide every text of the mail."""
    settings = case.config.settings
    wording = WORDINGS[case.rule.when]
    title = _line(case.target.title)
    since = f"{clock(case.transition.began_at, case.zone)} ngày {day(case.transition.began_at, case.zone)}"
    return Letter(
        subject=_subject(case, title),
        greeting=f"Kính gửi: {_addressee(case, receiver)}",
        headline=f"{title}: {ALL_CLEAR.headline if case.is_over else wording.headline}",
        lead=f"{wording.over if case.is_over else wording.lead} từ {since}.",
        facts=tuple(Fact(label, _line(value)) for label, value in (_over(case) if case.is_over else _begun(case))),
        asks=() if case.is_over else asks_of(case.incident.blame, case.rule.when, case.config),
        run_url=f"{settings.board_url.rstrip('/')}/runs/{case.run.id}" if settings.board_url else "",
        province=_line(settings.province),
        department=_line(settings.department),
        contact=_line(settings.contact),
        colour=ALL_CLEAR.colour if case.is_over else wording.colour,
    )


def _line(text: str) -> str:
    # Names come from checks.yaml, messages and step names partly from monitored pages.
    return clean_message(text)


def _subject(case: Case, title: str) -> str:
    word = ALL_CLEAR.subject if case.is_over else WORDINGS[case.rule.when].subject
    at = case.transition.began_at
    agency = shortened(_line(case.target.agency.name), _TITLE_LIMIT)
    when = f"từ {clock(at, case.zone)} {day(at, case.zone)}"
    return f"[dvcwatch] {word}: {shortened(title, _TITLE_LIMIT)} – {agency} ({when})"


def _addressee(case: Case, receiver: str) -> str:
    system = case.target.system
    operator = case.config.agencies[system.operator or system.agency]
    known = (agency for agency in (case.target.agency, operator) if receiver in agency.email)
    agency = next(known, None)
    return _line(agency.name) if agency is not None else "Quý cơ quan"


def _whom(case: Case) -> list[tuple[str, str]]:
    target = case.target
    service = [("Dịch vụ công", target.service.name)] if target.service is not None else []
    answers = "Cơ quan chủ trì" if target.service is not None else "Cơ quan chủ quản"
    title = [("Nội dung kiểm tra", target.title)] if target.check.title is not None else []
    return [*service, *title, ("Hệ thống", target.system.name), (answers, target.agency.name)]


def _begun(case: Case) -> list[tuple[str, str]]:
    run = case.run
    return [
        *_whom(case),
        ("Bắt đầu", moment(case.transition.began_at, case.zone)),
        ("Xác nhận", _confirmation(case)),
        *_place(run),
        *([("Biểu hiện", reason_sentence(run.reason))] if run.reason is not None else []),
        *([("Nội dung ghi nhận", f"“{shortened(run.message, _QUOTE_LIMIT)}”")] if run.message else []),
        ("Nguyên nhân ghi nhận", _cause(run.blame, case)),
        *([("Minh chứng", evidence_phrase(run.evidence))] if run.evidence else []),
        ("Mã lượt kiểm tra", run.id),
    ]


def _over(case: Case) -> list[tuple[str, str]]:
    incident, back = case.incident, case.transition.began_at
    return [
        *_whom(case),
        ("Bắt đầu", moment(incident.began_at, case.zone)),
        ("Trở lại bình thường", moment(back, case.zone)),
        ("Kéo dài", span((back - incident.began_at).total_seconds())),
        ("Nguyên nhân đã ghi nhận", _cause(incident.blame, case)),
        ("Mã lượt kiểm tra", case.run.id),
    ]


def _cause(blame: Blame, case: Case) -> str:
    phrase = blame_phrase(blame, case.config.outsiders)
    return phrase[0].upper() + phrase[1:]


def _confirmation(case: Case) -> str:
    said = [moment(case.transition.at, case.zone)]
    if case.rule.after > 1:
        said.append(f"sau {case.rule.after} lượt kiểm tra liên tiếp")
    if case.run.attempts > 1:
        said.append(f"lượt này đã thử {case.run.attempts} lần")
    return ", ".join(said)


def _place(run: Run) -> list[tuple[str, str]]:
    # A slow step before the one that failed is not where the citizen is stuck.
    stuck = ((place, step.name) for place, step in enumerate(run.steps, 1) if step.verdict is run.verdict)
    return [("Tại bước", f"{place}. {name}") for place, name in islice(stuck, 1)]
