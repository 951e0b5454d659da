"""The words in which agencies, services and their forms are written down."""

from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["text", "date", "select", "radio", "checkbox", "textarea", "number", "tel", "email"]
SystemId = Literal["cong-quoc-gia", "mot-cua-tinh", "mot-cua-xa"]
Presentation = Literal["pages", "routed", "framed", "new_tab"]
"""How the form is shown: full pages, client-side routing, inside an iframe, or in a new tab."""


@dataclass(frozen=True)
class Agency:
    """One body that settles dossiers. `number` is its part of every mã hồ sơ."""

    id: str
    name: str
    number: int
    phone: str
    commune: bool = False


@dataclass(frozen=True)
class Field:
    """One form control and the rules its value has to keep.

    Attributes:
        options: the choices of a select or radio group; the value sent is the text shown.
        prefill: key of the account whose value stands in the control when the page opens.
        re_entry: the account knows the value, and the form asks for it again all the same.
        pattern: regular expression the whole value must match, with `hint` as its message.
        min_age: the date must lie at least so many years back.
        refusal: (value, sentence) with which the applicant is not eligible: a correct refusal.
        sample: a value that the form accepts; tests and docs are driven by it.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    required: bool = True
    options: tuple[str, ...] = ()
    prefill: str = ""
    re_entry: bool = False
    pattern: str = ""
    hint: str = ""
    min_age: int = 0
    refusal: tuple[str, str] | None = None
    sample: str = ""


@dataclass(frozen=True)
class FormPage:
    """One page of a tờ khai."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Document:
    """One file of the thành phần hồ sơ."""

    name: str
    label: str
    required: bool = True


@dataclass(frozen=True)
class Quality:
    """How good a service is, by design.

    Attributes:
        base_s: least delay of every page, seconds.
        jitter_s: most seconds added to it, drawn per request.
        slow_steps: steps that take `slow_s` more.
        flaky_hours: hours of the day (local time) in which a page fails with `error_probability`.
        accessible: False leaves controls unlabeled, headings unmarked and the contrast low.
        progress: False leaves out the list of steps.
        late_s: seconds after which a script shows the main button of a dossier step; 0 means at once.
    """

    base_s: float = 0.02
    jitter_s: float = 0.04
    slow_steps: tuple[str, ...] = ()
    slow_s: float = 0.0
    flaky_hours: tuple[int, ...] = ()
    error_probability: float = 0.0
    accessible: bool = True
    progress: bool = True
    late_s: float = 0.0


@dataclass(frozen=True)
class Service:
    """One thủ tục hành chính as it is offered on line.

    Attributes:
        agency: id of the agency in charge (cơ quan chủ trì).
        system: the system that takes the dossier.
        units: ids of the agencies among which the applicant chooses; the first is `agency`.
        cases: the "trường hợp" among which the applicant chooses.
        fee_vnd: fee in đồng; 0 leaves out the fee step.
        otp: the sign-on asks for a one-time code after the password.
        download: the confirmation ends with a file.
    """

    id: str
    code: str
    name: str
    agency: str
    system: SystemId
    topic: str
    pages: tuple[FormPage, ...]
    summary: str
    documents: tuple[Document, ...] = ()
    units: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    fee_vnd: int = 0
    days: int = 3
    quality: Quality = Quality()
    presentation: Presentation = "pages"
    sign_in: bool = True
    otp: bool = False
    download: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field of every form page, in order."""
        return tuple(field for page in self.pages for field in page.fields)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps from the first form page to the confirmation, as in URLs and counters."""
        forms = tuple(f"to-khai-{number}" for number in range(1, len(self.pages) + 1))
        upload = ("giay-to",) if self.documents else ()
        fee = ("le-phi",) if self.fee_vnd else ()
        return (*forms, *upload, *fee, "xem-lai", "hoan-thanh")
