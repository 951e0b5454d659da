"""The frozen value every word of checks.yaml and every result is made of."""

from difflib import get_close_matches
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError


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


class Frozen(BaseModel):
    """An immutable value with known keys only.

    Unknown keys are reported beside all other problems of the same mapping, with the nearest known key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def evolve(self, **changes: Any) -> Self:
        """Return a copy with `changes` applied; the changes are trusted, not validated again."""
        return self.model_copy(update=changes)

    @model_validator(mode="wrap")
    @classmethod
    def _name_unknown_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, dict):
            return handler(data)
        known = [field.alias or name for name, field in cls.model_fields.items()]
        unknown = [key for key in data if key not in known]
        if not unknown:
            return handler(data)
        errors = [
            InitErrorDetails(
                type=PydanticCustomError(
                    "unknown_key", "{text}", {"text": f"unknown key{did_you_mean(str(key), known)}"}
                ),
                loc=(str(key),),
                input=data[key],
            )
            for key in unknown
        ]
        try:
            handler({key: value for key, value in data.items() if key not in unknown})
        except ValidationError as error:
            errors += _kept(error)
        raise ValidationError.from_exception_data(cls.__name__, errors)
