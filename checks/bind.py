"""Puts values in the place of `${…}` references. Secrets stay references until a walk needs them."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from checks.config import AnyCheck
from checks.frozen import Frozen
from checks.journey import Journey, Step
from checks.model import Agency, BrowserCheck, Service, System
from checks.text import REFERENCE

F = TypeVar("F", bound=Frozen)


def is_secret(name: str) -> bool:
    """Whether a reference names a secret."""
    return name.startswith(("env:", "file:"))


def surroundings(check: AnyCheck, system: System, agency: Agency, service: Service | None) -> dict[str, str]:
    """Return the references every check may use, with their values."""
    values = {
        "check.id": check.id,
        "system.id": system.id,
        "system.name": system.name,
        "system.url": system.url,
        "agency.name": agency.name,
    }
    if service is not None:
        values |= {"service.id": service.id, "service.name": service.name}
    return values


SURROUNDINGS = ("check.id", "system.id", "system.name", "system.url", "agency.name", "service.id", "service.name")


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Replace the references that `values` knows; others (secrets) stay as they are."""
    return REFERENCE.sub(lambda match: values.get(match[1], match[0]), text)


def strings(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every text inside plain data with the path to it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from strings(item, (*path, index))


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return substitute(value, values) if "${" in value else value
    if isinstance(value, dict):
        return {key: _filled(item, values) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item, values) for item in value]
    return value


def _bind(model: F, values: Mapping[str, str]) -> F:
    return type(model).model_validate(_filled(model.model_dump(by_alias=True, exclude_unset=True), values))


def bind_check(check: AnyCheck, values: Mapping[str, str]) -> AnyCheck:
    """Return the check with its references replaced.

    Raises:
        pydantic.ValidationError: A value does not fit where it was put, such as a URL that is none.
    """
    return _bind(check, values)


def bind_walk(
    journey: Journey, check: BrowserCheck, values: Mapping[str, str]
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Return the journey's steps, and those that always follow, with the check's parameters or their defaults in them.

    Raises:
        pydantic.ValidationError: A value does not fit where it was put.
    """
    given = {name: parameter.default for name, parameter in journey.parameters.items()} | dict(check.with_)
    parameters = {name: substitute(text, values) for name, text in given.items() if text is not None}
    known = {**values, **parameters}
    return tuple(_bind(step, known) for step in journey.steps), tuple(_bind(step, known) for step in journey.always)
