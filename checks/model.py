"""What checks.yaml may say, key by key. After loading, `checks.config.Config` is what the program works with."""

import re
from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from checks.frozen import Frozen
from checks.journey import Journey
from checks.ranking import RankingMethod
from checks.run import Depth, Moment
from checks.text import Duration, Id, Label, SecretText, Size, Text, Url


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

Host = Annotated[str, StringConstraints(pattern=r"^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$", max_length=260)]
"""A host that belongs to somebody: `host`, `host:port` or `*.domain`, lower case."""


class BrowserSettings(Frozen):
    """Which browser walks, and how."""

    executable: Text | None = Field(default=None, description="Path; found by itself when absent.")
    sandbox: bool = Field(default=True, description="Chromium's own sandbox; off only where it cannot work.")
    concurrency: int = Field(default=1, ge=1, le=32, description="Walks at once; more measures the queue.")
    recycle_after: int = Field(default=200, ge=1, description="Walks after which a fresh browser is started.")


class Retention(Frozen):
    """How long things are kept; evidence goes first, results last."""

    runs: Duration = 400 * 86400.0
    evidence: Duration = 30 * 86400.0
    evidence_bytes: Size = 2_000_000_000


class CheckDefaults(Frozen):
    """Values for every check that does not say its own."""

    every: Duration | None = None
    deadline: Duration | None = None
    confirm_after: Duration | None = None
    budget: Duration | None = None


class Settings(Frozen):
    """What holds for the whole agent."""

    province: Label = Field(default="tỉnh", description="Name on the board and in reports.")
    department: Label = Field(default="Sở Khoa học và Công nghệ", description="Who publishes the ranking.")
    location: Id = Field(default="local", description="Where this agent measures from.")
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Ho_Chi_Minh"
    contact: Label = Field(description="Who to ask about the walks; named in the User-Agent.")
    board_url: Url | None = Field(default=None, description="Where people open the board; used in mails.")
    concurrency: int = Field(default=50, ge=1, le=1000, description="http, tls, dns and tcp checks at once.")
    browser: BrowserSettings = BrowserSettings()
    retention: Retention = Retention()
    defaults: CheckDefaults = CheckDefaults()


class Agency(Frozen):
    """Who answers for services or runs systems."""

    id: Id
    name: Label
    kind: Literal["tinh", "so", "xa", "don-vi", "ngoai"] = Field(default="so", description="Table it is ranked in.")
    parent: Id | None = None
    email: tuple[Email, ...] = Field(default=(), description="Who is told when a service of theirs is down.")
    valid_from: date | None = None
    valid_to: date | None = None


class System(Frozen):
    """A piece of software that citizens meet, owned by one agency."""

    id: Id
    name: Label
    agency: Id = Field(description="Who owns it (cơ quan chủ quản).")
    operator: Id | None = Field(default=None, description="Who runs it (đơn vị vận hành).")
    url: Url
    hosts: tuple[Host, ...] = Field(min_length=1, description="Every host that belongs to this system.")
    environment: Literal["production", "test"] = "production"
    group: Label = Field(default="Hệ thống", description="Only systems of one group are compared.")


class Dependency(Frozen):
    """An outside system that others wait for: sign-on, payment, national portal, CDN."""

    id: Id
    name: Label
    hosts: tuple[Host, ...] = Field(min_length=1)
    sign_on: bool = Field(default=False, description="Never typed into in production.")


class Reference(Frozen):
    """The reference route of a procedure: what its shortest honest walk takes."""

    steps: int | None = Field(default=None, ge=1)
    clicks: int | None = Field(default=None, ge=1)
    fields: int | None = Field(default=None, ge=1)
    handling: Duration | None = None


class Service(Frozen):
    """An online public service of one agency on one system."""

    id: Id
    name: Label
    agency: Id = Field(description="Who answers for it (cơ quan chủ trì).")
    system: Id
    field: Label | None = Field(default=None, description="Lĩnh vực.")
    essential: bool = False
    yearly_use: int | None = Field(default=None, ge=0, description="Dossiers a year; weighs the score.")
    reference: Reference = Reference()


def _whole_seconds(interval: float) -> float:
    if interval < 1 or interval != int(interval):
        raise ValueError("must be whole seconds, at least 1s: slots lie on a grid of seconds")
    return interval


class _Check(Frozen):
    id: Id
    title: Label | None = None
    service: Id | None = Field(default=None, description="The service it measures; or `system`.")
    system: Id | None = Field(default=None, description="What it measures, when no single service is meant.")
    every: Annotated[Duration, AfterValidator(_whole_seconds)]
    deadline: Duration = Field(description="An attempt still running then is ended.")
    confirm_after: Duration = Field(default=10.0, description="Pause before a failure is confirmed by a second walk.")
    budget: Duration | None = Field(default=None, description="A whole walk longer than this is slow.")
    enabled: bool = True


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

    status: tuple[StatusCode, ...] = ("200",)
    body_contains: tuple[Text, ...] = ()
    body_absent: tuple[Text, ...] = ()
    body_matches: tuple[Text, ...] = Field(default=(), description="Regular expressions, found anywhere.")
    headers: dict[str, Text] = Field(default_factory=dict, description="Header -> regular expression.")
    certificate_left: Duration | None = Field(default=None, description="Less than this left is slow.")


class HttpCheck(_Check):
    """One request: is the page there, is it the right one, how fast?"""

    type: Literal["http"]
    url: Url
    method: Literal["GET", "HEAD", "POST"] = "GET"
    headers: dict[str, Text] = Field(default_factory=dict)
    secret_headers: dict[str, SecretText] = Field(default_factory=dict)
    body: Text | None = None
    max_redirects: int = Field(default=5, ge=0, le=20)
    max_body: Size = 2_000_000
    trust: TlsTrust = TlsTrust()
    expect: HttpExpect = HttpExpect()
    depth: Depth = "L0"


class TlsCheck(_Check):
    """One TLS handshake: is the certificate valid, for how long, which protocol?"""

    type: Literal["tls"]
    host: Label
    port: int = Field(default=443, ge=1, le=65535)
    trust: TlsTrust = TlsTrust()
    certificate_left: Duration = Field(default=21 * 86400.0, description="Less than this left is slow.")


class DnsCheck(_Check):
    """One question to one resolver."""

    type: Literal["dns"]
    name: Label
    record: Literal["A", "AAAA", "CNAME", "MX", "NS", "TXT", "CAA"] = "A"
    resolver: Label | None = Field(default=None, description="host or host:port; the machine's own when absent.")
    answers: tuple[Text, ...] = Field(default=(), description="Each of these must be among the answers.")


class TcpCheck(_Check):
    """One connection."""

    type: Literal["tcp"]
    host: Label
    port: int = Field(ge=1, le=65535)


class BrowserCheck(_Check):
    """One citizen's walk through a service in a real browser."""

    type: Literal["browser"]
    journey: Id
    with_: dict[Id, Text] = Field(default_factory=dict, alias="with", description="Parameters of the journey.")
    device: Literal["desktop", "mobile"] = "desktop"
    cache: Literal["cold", "warm"] = "cold"
    depth: Literal["L1", "L2", "L3", "L4"] = "L1"
    step_timeout: Duration = Field(default=10.0, description="For steps without a timeout of their own.")
    step_budget: Duration | None = Field(default=None, description="For steps without a budget of their own.")


Check = Annotated[
    HttpCheck | TlsCheck | DnsCheck | TcpCheck | BrowserCheck,
    Field(discriminator="type"),
]
"""What is measured, of whom, how often."""


class Maintenance(Frozen):
    """An announced stop, laid over the runs when they are scored; the runs keep what they saw."""

    id: Id
    systems: tuple[Id, ...] = ()
    services: tuple[Id, ...] = ()
    starts: Moment
    ends: Moment
    announced: Moment
    force_majeure: bool = False
    note: Label


class Mail(Frozen):
    """The SMTP server that takes our mail."""

    host: Label
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    sender: Email
    username: Text | None = None
    password: SecretText | None = None


class Match(Frozen):
    """Which checks a rule looks at: all of them when empty, else those that fit every key given."""

    checks: tuple[Id, ...] = ()
    types: tuple[Literal["http", "tls", "dns", "tcp", "browser"], ...] = ()
    services: tuple[Id, ...] = ()
    systems: tuple[Id, ...] = ()
    agencies: tuple[Id, ...] = ()


class AlertRule(Frozen):
    """When somebody is told, and who."""

    id: Id
    on: Literal["failed", "slow", "blocked"] = "failed"
    match: Match = Match()
    after: int = Field(default=1, ge=1, le=100, description="Confirmed results in a row before the alert.")
    within: Duration | None = Field(default=None, description="… all inside this span.")
    recover_after: int = Field(default=1, ge=1, le=100, description="Good results before the all-clear.")
    to: tuple[Recipient, ...] = Field(min_length=1, description="Who is told.")


class Alerts(Frozen):
    """The `alerts:` section."""

    mail: Mail | None = None
    rules: tuple[AlertRule, ...] = ()


class ConfigFile(Frozen):
    """A whole checks.yaml."""

    version: Literal[1]
    include: tuple[Text, ...] = Field(default=(), description="Further files, relative to this one.")
    settings: Settings
    agencies: tuple[Agency, ...] = Field(min_length=1)
    systems: tuple[System, ...] = Field(min_length=1)
    dependencies: tuple[Dependency, ...] = ()
    services: tuple[Service, ...] = ()
    journeys: tuple[Journey, ...] = ()
    checks: tuple[Check, ...] = Field(min_length=1)
    maintenance: tuple[Maintenance, ...] = ()
    alerts: Alerts = Alerts()
    ranking: RankingMethod = RankingMethod()


def schema() -> dict[str, Any]:
    """Return the JSON Schema of checks.yaml, for editors."""
    return ConfigFile.model_json_schema(by_alias=True)
