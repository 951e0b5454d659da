"""Drafts, dossiers and payment orders: what an applicant leaves behind."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.catalogue import Service, agency
from sandbox.pace import LOCAL_TIME

PROVINCE_CODE = "M67"
"""Fictitious: no real province has it."""
LIMIT = 20_000


@dataclass
class Draft:
    """A dossier that is being filled in. It belongs to one session."""

    id: str
    service: Service
    unit: str
    case: str
    values: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    order: str = ""
    code: str = ""

    @property
    def first_open(self) -> str:
        """The first step that is not done."""
        return next((step for step in self.service.steps if step not in self.done), "hoan-thanh")

    def may_open(self, step: str) -> bool:
        """True when every step before `step` is done."""
        steps = self.service.steps
        return step in steps and steps.index(step) <= steps.index(self.first_open)


@dataclass(frozen=True)
class Dossier:
    """A submitted dossier."""

    code: str
    service: Service
    unit: str
    applicant: str
    received_at: datetime
    files: int


@dataclass
class Order:
    """A payment that was asked for."""

    id: str
    service: Service
    amount_vnd: int
    return_url: str
    system: str
    paid: bool = False


def new_draft(service: Service, unit: str, case: str) -> Draft:
    """An empty draft with an id that cannot be guessed."""
    return Draft(secrets.token_hex(8), service, unit, case)


class DossierBook:
    """Every dossier that was submitted, by its code; the oldest are forgotten beyond a limit.

    Args:
        now: aware local time.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._dossiers: OrderedDict[str, Dossier] = OrderedDict()
        self._numbers: dict[tuple[int, str], int] = {}

    def submit(self, draft: Draft, applicant: str) -> Dossier:
        """Turn a draft into a dossier with the next mã hồ sơ of its unit and day."""
        moment = self._now().astimezone(LOCAL_TIME)
        unit = agency(draft.unit).number
        key = (unit, f"{moment:%y%m%d}")
        self._numbers[key] = self._numbers.get(key, 0) + 1
        code = f"000.00.{unit:02d}.{PROVINCE_CODE}-{key[1]}-{self._numbers[key]:04d}"
        dossier = Dossier(code, draft.service, draft.unit, applicant, moment, len(draft.files))
        self._dossiers[code] = dossier
        draft.code = code
        while len(self._dossiers) > LIMIT:
            self._dossiers.popitem(last=False)
        return dossier

    def find(self, code: str) -> Dossier | None:
        """The dossier of this code (blanks and case do not matter), or None."""
        return self._dossiers.get(code.strip().upper())


class PaymentDesk:
    """Payment orders of the outside payment page."""

    def __init__(self) -> None:
        self._orders: OrderedDict[str, Order] = OrderedDict()

    def open(self, service: Service, return_url: str, system: str) -> Order:
        """A new order; the payer comes back to `return_url`."""
        order = Order(secrets.token_hex(8), service, service.fee_vnd, return_url, system)
        self._orders[order.id] = order
        while len(self._orders) > LIMIT:
            self._orders.popitem(last=False)
        return order

    def find(self, order_id: str) -> Order | None:
        """The order of this id, or None."""
        return self._orders.get(order_id)


def values_for(service: Service, page: int, account: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """What stands in the controls of form page `page` (from 1): typed before, else prefilled, else empty."""
    fields = service.pages[page - 1].fields
    return {field.name: values.get(field.name, account.get(field.prefill, "")) for field in fields}
