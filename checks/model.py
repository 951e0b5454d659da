"""What checks.yaml may say, key by key. After loading, `checks.config.Config` is what the program works with."""

import re
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from checks.accessibility import Accessibility
from checks.frozen import Frozen
from checks.journey import Journey
from checks.limits import BodySize, Deadline, Every, Wait, WrittenMoment
from checks.ranking import RankingMethod
from checks.reference_targets import ReferenceTarget
from checks.run import Depth
from checks.text import Duration, Id, Label, PlainUrl, SecretText, Size, Text, Url
from checks.wire import (
    DomainName,
    Expression,
    HeaderName,
    HeaderText,
    HostText,
    OneLine,
    Resolver,
    SentHeaderName,
    registered_host,
)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"'{name}' is not a time zone such as Asia/Ho_Chi_Minh") from None
    return name


_EMAIL = r"^[^@\s<>,;:]+@[^@\s<>,;:]+\.[^@\s<>,;:]+$"
_STATUS = re.compile(r"[1-5](\d\d|xx)")


def _recipient(text: str) -> str:
    if text not in ("agency", "operator") and not re.fullmatch(_EMAIL, text):
        raise ValueError(f"must be agency, operator or a mail address, not '{text}'")
    return text


Email = Annotated[str, StringConstraints(pattern=_EMAIL, max_length=254)]
Recipient = Annotated[str, AfterValidator(_recipient)]
"""`agency`: the service's agency; `operator`: who runs the system; or a mail address."""

Host = Annotated[
    str,
    StringConstraints(pattern=r"^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$", max_length=260),
    AfterValidator(registered_host),
]
"""A host that belongs to somebody: `host`, `host:port` or `*.domain`, lower case."""


class BrowserSettings(Frozen):
    """Which browser walks, and how."""

    executable: Text | None = Field(default=None, description="Path; found by itself when absent.")
    sandbox: bool = Field(default=True, description="Chromium's own sandbox; off only where it cannot work.")
    concurrency: int | None = Field(
        default=None, ge=1, le=32, description="Walks at once; one per two cores when absent, and never more."
    )
    patience: Wait = Field(
        default=20.0,
        description="A walk that is due waits this long for free cores, and half of its spare time at most.",
    )
    recycle_after: int = Field(default=200, ge=1, description="Walks after which a fresh browser is started.")
    recycle_age: Duration = Field(default=6 * 3600.0, description="Age at which a fresh one is started.")
    recycle_memory: Size = Field(
        default=1_500_000_000, description="Resident memory, all its processes together, at which one is started."
    )


class Retention(Frozen):
    """How long things are kept; evidence goes first, results last."""

    runs: Duration = Field(default=400 * 86400.0, description="Results older than this are deleted.")
    evidence: Duration = Field(
        default=30 * 86400.0, description="Screenshots and other proof older than this are deleted."
    )
    evidence_count: int = Field(
        default=100, ge=1, description="Slots of one check whose proof is kept; beyond it the oldest goes."
    )
    evidence_bytes: Size = Field(default=2_000_000_000, description="Beyond this the oldest proof is deleted first.")


class Politeness(Frozen):
    """How much any one host is asked of; systems with `environment: test` have no limit, but their wishes are kept."""

    visits_per_minute: int = Field(
        default=12, ge=1, le=600, description="http checks and walks that begin at one host:port within a minute."
    )
    longest_rest: Wait = Field(
        default=600.0, description="A host that asks to be left alone (429, or 503 with Retry-After) is so this long."
    )


class CheckDefaults(Frozen):
    """Values for every check that does not say its own."""

    every: Every | None = Field(default=None, description="Time from slot to slot.")
    deadline: Deadline | None = Field(default=None, description="An attempt still running then is ended; at most 10m.")
    confirm_after: Wait | None = Field(default=None, description="Pause before a failure is confirmed.")
    budget: Duration | None = Field(default=None, description="A whole walk longer than this is slow.")


class Settings(Frozen):
    """What holds for the whole agent."""

    province: Label = Field(default="tỉnh", description="Name on the board and in reports.")
    department: Label = Field(default="Sở Khoa học và Công nghệ", description="Who publishes the ranking.")
    location: Id = Field(default="local", description="Where this agent measures from.")
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default="Asia/Ho_Chi_Minh", description="Where days and months begin, and moments are shown."
    )
    contact: OneLine = Field(description="Who to ask about the walks; named in the User-Agent.")
    board_url: PlainUrl | None = Field(default=None, description="Where people open the board; used in mails.")
    concurrency: int = Field(default=50, ge=1, le=1000, description="http, tls, dns and tcp checks at once.")
    browser: BrowserSettings = Field(default=BrowserSettings(), description="Which browser walks, and how.")
    retention: Retention = Field(default=Retention(), description="How long results and proof are kept.")
    politeness: Politeness = Field(default=Politeness(), description="How much any one host is asked of.")
    reference_targets: tuple[ReferenceTarget, ...] = Field(
        default=(), max_length=10, description="Whom to ask whether our own network works before anybody is accused."
    )
    defaults: CheckDefaults = Field(
        default=CheckDefaults(), description="Values for every check that does not say its own."
    )


class Agency(Frozen):
    """Who answers for services or runs systems."""

    id: Id = Field(description="How others refer to it.")
    name: Label = Field(description="Its official name.")
    kind: Literal["tinh", "so", "xa", "don-vi", "ngoai"] = Field(default="so", description="Table it is ranked in.")
    parent: Id | None = Field(default=None, description="The agency above it.")
    email: tuple[Email, ...] = Field(default=(), description="Who is told when a service of theirs is down.")
    valid_from: date | None = Field(default=None, description="First day it exists.")
    valid_to: date | None = Field(default=None, description="Last day it exists.")


class System(Frozen):
    """A piece of software that citizens meet, owned by one agency."""

    id: Id = Field(description="How others refer to it.")
    name: Label = Field(description="Its official name.")
    agency: Id = Field(description="Who owns it (cơ quan chủ quản).")
    operator: Id | None = Field(default=None, description="Who runs it (đơn vị vận hành).")
    url: PlainUrl = Field(description="Where it is; `${system.url}` in its checks.")
    hosts: tuple[Host, ...] = Field(min_length=1, description="Every host that belongs to this system.")
    environment: Literal["production", "test"] = Field(
        default="production", description="Dossiers are filed only where this is `test`."
    )
    group: Label = Field(default="Hệ thống", description="Only systems of one group are compared.")


class Dependency(Frozen):
    """An outside system that others wait for: sign-on, payment, national portal, CDN."""

    id: Id = Field(description="How blame refers to it: `dependency:<id>`.")
    name: Label = Field(description="Its official name.")
    hosts: tuple[Host, ...] = Field(min_length=1, description="Every host that belongs to it.")
    sign_on: bool = Field(default=False, description="Never typed into in production.")


class Reference(Frozen):
    """The reference route of a procedure: what its shortest honest walk takes."""

    steps: int | None = Field(default=None, ge=1, description="Business steps.")
    clicks: int | None = Field(default=None, ge=1, description="Pointer activations.")
    fields: int | None = Field(default=None, ge=1, description="Controls to be filled in.")
    handling: Duration | None = Field(default=None, description="Estimated handling time.")


class Service(Frozen):
    """An online public service of one agency on one system."""

    id: Id = Field(description="How others refer to it.")
    name: Label = Field(description="The procedure's official name; `${service.name}`.")
    agency: Id = Field(description="Who answers for it (cơ quan chủ trì).")
    system: Id = Field(description="Where it is filed.")
    field: Label | None = Field(default=None, description="Lĩnh vực.")
    essential: bool = Field(default=False, description="Thiết yếu; said on the board.")
    yearly_use: int | None = Field(default=None, ge=0, description="Dossiers a year; weighs the score.")
    reference: Reference = Field(
        default=Reference(), description="What its shortest honest walk takes; effort is scored against it."
    )


class _Check(Frozen):
    id: Id = Field(description="Unique; keep it for ever, history hangs on it.")
    title: Label | None = Field(
        default=None, description="Name on the board; the service's or system's name when absent."
    )
    service: Id | None = Field(default=None, description="The service it measures; or `system`.")
    system: Id | None = Field(default=None, description="What it measures, when no single service is meant.")
    every: Every = Field(description="Time from slot to slot, whole seconds.")
    deadline: Deadline = Field(description="An attempt still running then is ended; at most 10m.")
    confirm_after: Wait = Field(default=10.0, description="Pause before a failure is confirmed by a second walk.")
    budget: Duration | None = Field(default=None, description="A whole walk longer than this is slow.")
    enabled: bool = Field(default=True, description="`false` keeps the check but does not run it.")


class TlsTrust(Frozen):
    """Whom to trust when a certificate is checked."""

    ca_file: Text | None = Field(default=None, description="PEM file; the machine's own list when absent.")
    server_name: Text | None = Field(default=None, description="Name on the certificate, if not the host.")


def _status(value: object) -> str:
    text = str(value)
    if not _STATUS.fullmatch(text):
        raise ValueError(f"must be a status code such as 200 or a class such as 2xx, not {value!r}")
    return text


StatusCode = Annotated[
    str,
    BeforeValidator(_status),
    WithJsonSchema({"type": ["integer", "string"], "examples": [200, "2xx"]}),
]
"""A code such as `200`, or a class such as `2xx`; always text after loading."""


class HttpExpect(Frozen):
    """What the answer must be."""

    status: tuple[StatusCode, ...] = Field(default=("200",), description="Any of these codes or classes is right.")
    body_contains: tuple[Text, ...] = Field(default=(), description="Each of these texts must be in the body.")
    body_absent: tuple[Text, ...] = Field(default=(), description="None of these texts may be in the body.")
    body_matches: tuple[Expression, ...] = Field(default=(), description="Regular expressions, found anywhere.")
    headers: dict[HeaderName, Expression] = Field(default_factory=dict, description="Header -> regular expression.")
    certificate_left: Duration | None = Field(default=None, description="Less than this left is slow.")


class HttpCheck(_Check):
    """One request: is the page there, is it the right one, how fast?"""

    type: Literal["http"] = Field(description="Makes it this kind of check.")
    url: Url = Field(description="What is asked for; its host must belong to a system or dependency.")
    method: Literal["GET", "HEAD", "POST"] = Field(default="GET", description="HTTP method.")
    headers: dict[SentHeaderName, HeaderText] = Field(default_factory=dict, description="Further request headers.")
    secret_headers: dict[SentHeaderName, SecretText] = Field(
        default_factory=dict, description="Request headers whose values are secrets."
    )
    body: Text | None = Field(default=None, description="Request body, sent as it is.")
    max_redirects: int = Field(default=5, ge=0, le=20, description="More hops than this fail.")
    max_body: BodySize = Field(default=2_000_000, description="What lies beyond is not read.")
    trust: TlsTrust = Field(default=TlsTrust(), description="Whom to trust when the certificate is checked.")
    expect: HttpExpect = Field(default=HttpExpect(), description="What the answer must be.")
    depth: Depth = Field(default="L0", description="How far it goes; `L0` is a bare signal.")


class TlsCheck(_Check):
    """One TLS handshake: is the certificate valid, for how long, which protocol?"""

    type: Literal["tls"] = Field(description="Makes it this kind of check.")
    host: HostText = Field(description="Name or address to connect to; it must belong to a system or dependency.")
    port: int = Field(default=443, ge=1, le=65535, description="TCP port.")
    trust: TlsTrust = Field(default=TlsTrust(), description="Whom to trust.")
    certificate_left: Duration = Field(default=21 * 86400.0, description="Less than this left is slow.")


class DnsCheck(_Check):
    """One question to one resolver."""

    type: Literal["dns"] = Field(description="Makes it this kind of check.")
    name: DomainName = Field(description="The name that is asked for; it must belong to the check's system.")
    record: Literal["A", "AAAA", "CNAME", "MX", "NS", "TXT", "CAA"] = Field(default="A", description="Kind of record.")
    resolver: Resolver | None = Field(default=None, description="host or host:port; the machine's own when absent.")
    answers: tuple[Text, ...] = Field(default=(), description="Each of these must be among the answers.")


class TcpCheck(_Check):
    """One connection."""

    type: Literal["tcp"] = Field(description="Makes it this kind of check.")
    host: HostText = Field(description="Name or address to connect to; it must belong to a system or dependency.")
    port: int = Field(ge=1, le=65535, description="TCP port.")


class BrowserCheck(_Check):
    """One citizen's walk through a service in a real browser."""

    type: Literal["browser"] = Field(description="Makes it this kind of check.")
    journey: Id = Field(description="The walk it takes.")
    with_: dict[Id, Text] = Field(default_factory=dict, alias="with", description="Parameters of the journey.")
    device: Literal["desktop", "mobile"] = Field(
        default="desktop", description="A desktop screen, or a phone of 360 px."
    )
    cache: Literal["cold", "warm"] = Field(
        default="cold", description="`cold`: empty at the start of the walk; `warm`: after one unmeasured visit."
    )
    depth: Literal["L1", "L2", "L3", "L4"] = Field(
        default="L1",
        description="L1 information pages, L2 to the sign-on page, L3 a form to its review, L4 files it (test only).",
    )
    step_timeout: Duration = Field(default=10.0, description="For steps without a timeout of their own.")
    step_budget: Duration | None = Field(default=None, description="For steps without a budget of their own.")
    accessibility: Accessibility = Field(
        default=Accessibility(), description="How often its screens are looked at for accessibility."
    )


Check = Annotated[
    HttpCheck | TlsCheck | DnsCheck | TcpCheck | BrowserCheck,
    Field(discriminator="type"),
]
"""What is measured, of whom, how often."""


class Maintenance(Frozen):
    """An announced stop, laid over the runs when they are scored; the runs keep what they saw."""

    id: Id = Field(description="Unique.")
    systems: tuple[Id, ...] = Field(default=(), description="Which systems stop.")
    services: tuple[Id, ...] = Field(default=(), description="Which services stop.")
    starts: WrittenMoment = Field(description="From when.")
    ends: WrittenMoment = Field(description="Until when.")
    announced: WrittenMoment = Field(description="When citizens were told; too late is not left out of the score.")
    force_majeure: bool = Field(
        default=False, description="Bất khả kháng: left out of the score even when announced late."
    )
    note: Label = Field(description="What is being done; shown on the board and in reports.")


class Mail(Frozen):
    """The SMTP server that takes our mail."""

    host: HostText = Field(description="Name or address of the server.")
    port: int = Field(default=587, ge=1, le=65535, description="TCP port.")
    security: Literal["none", "starttls", "tls"] = Field(
        default="starttls", description="How the connection is encrypted."
    )
    sender: Email = Field(description="From whom the mails come.")
    username: Text | None = Field(default=None, description="Signs in when given.")
    password: SecretText | None = Field(default=None, description="Its password.")


class Match(Frozen):
    """Which checks a rule looks at: all of them when empty, else those that fit every key given."""

    checks: tuple[Id, ...] = Field(default=(), description="Ids of checks.")
    types: tuple[Literal["http", "tls", "dns", "tcp", "browser"], ...] = Field(
        default=(), description="Kinds of checks."
    )
    services: tuple[Id, ...] = Field(default=(), description="Ids of services.")
    systems: tuple[Id, ...] = Field(default=(), description="Ids of systems.")
    agencies: tuple[Id, ...] = Field(default=(), description="Ids of agencies that answer for the result.")


class AlertRule(Frozen):
    """When somebody is told, and who."""

    id: Id = Field(description="Unique.")
    when: Literal["failed", "slow", "blocked"] = Field(default="failed", description="Which verdict alerts.")
    match: Match = Field(default=Match(), description="Which checks it looks at; all when absent.")
    after: int = Field(default=1, ge=1, le=100, description="Confirmed results in a row before the alert.")
    within: Duration | None = Field(default=None, description="… all inside this span.")
    recover_after: int = Field(default=1, ge=1, le=100, description="Good results before the all-clear.")
    to: tuple[Recipient, ...] = Field(min_length=1, description="Who is told.")


class Alerts(Frozen):
    """The `alerts:` section."""

    mail: Mail | None = Field(default=None, description="How mails leave.")
    rules: tuple[AlertRule, ...] = Field(default=(), description="When somebody is told.")


class ConfigFile(Frozen):
    """A whole checks.yaml."""

    version: Literal[1] = Field(description="Version of this language.")
    include: tuple[Text, ...] = Field(default=(), description="Further files, relative to this one.")
    settings: Settings = Field(description="What holds for the whole agent.")
    agencies: tuple[Agency, ...] = Field(min_length=1, description="Who answers for services and runs systems.")
    systems: tuple[System, ...] = Field(min_length=1, description="What citizens meet.")
    dependencies: tuple[Dependency, ...] = Field(default=(), description="Outside systems that others wait for.")
    services: tuple[Service, ...] = Field(default=(), description="What citizens come for.")
    journeys: tuple[Journey, ...] = Field(default=(), description="Walks that checks share.")
    checks: tuple[Check, ...] = Field(min_length=1, description="What is measured, of whom, how often.")
    maintenance: tuple[Maintenance, ...] = Field(default=(), description="Announced stops.")
    alerts: Alerts = Field(default=Alerts(), description="Who is told, when.")
    ranking: RankingMethod = Field(default=RankingMethod(), description="The numbers a published score depends on.")
