"""The immutable values that every word of checks.yaml and every result is made of."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Any, LiteralString, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

_WHOLE, _ANY = "must be a whole number", "must be a number"
_NUMBERS: Mapping[Any, str] = MappingProxyType({int: _WHOLE, int | None: _WHOLE, float: _ANY, float | None: _ANY})


def did_you_mean(word: str, known: list[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest known word, or an empty string."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


def _kept(error: ValidationError) -> list[InitErrorDetails]:
    return [
        InitErrorDetails(
            type=PydanticCustomError(e["type"], "{text}", {"text": e["msg"], **e.get("ctx", {})}),
            loc=e["loc"],
            input=e["input"],
        )
        for e in error.errors(include_url=False)
    ]


def _detail(kind: LiteralString, key: str, text: str, value: object) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError(kind, "{text}", {"text": text}), loc=(key,), input=value)


@cache
def _known(model: type[BaseModel]) -> Mapping[str, str | None]:
    """Return key -> what it wants if that is a bare number, for every key of a model: asked for each value made."""
    return {field.alias or name: _wants_number(field) for name, field in model.model_fields.items()}


def _wants_number(field: FieldInfo) -> str | None:
    """Say what a field of bare numbers wants; `true` would otherwise pass for 1."""
    return _NUMBERS.get(field.annotation) if not any(isinstance(m, BeforeValidator) for m in field.metadata) else None


class Value(BaseModel):
    """An immutable value with known keys only: what the program itself makes, keeps and reads back."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def evolve(self, **changes: Any) -> Self:
        """Return a copy with `changes` applied; the changes are trusted, not validated again."""
        return self.model_copy(update=changes)


class Frozen(Value):
    """A value that people write, whose numbers are not written `true`.

    Unknown keys are reported beside all other problems of the same mapping, with the nearest known key. That is asked
    of each value made, and costs more than making one: results, of which every run makes and reads many, are `Value`s.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _name_wrong_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, dict):
            return handler(data)
        known = _known(cls)
        if data.keys() <= known.keys() and bool not in map(type, data.values()):  # nearly always, and asked very often
            return handler(data)
        odd = [key for key, value in data.items() if key not in known or (known[key] and isinstance(value, bool))]
        if not odd:
            return handler(data)
        wrong = [
            _detail("unknown_key", str(key), f"unknown key{did_you_mean(str(key), list(known))}", data[key])
            for key in odd
            if key not in known
        ]
        wrong += [_detail("number_type", key, known[key] or "", data[key]) for key in odd if key in known]
        try:
            handler(data)
        except ValidationError as error:
            told = {detail["loc"] for detail in wrong}
            wrong += [detail for detail in _kept(error) if detail["loc"] not in told]
        raise ValidationError.from_exception_data(cls.__name__, wrong)
