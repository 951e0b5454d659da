"""Whole values as JSON text and back."""

import json
from typing import TypeVar

from checks.frozen import Value
from store.columns import storable
from store.protocol import StoreError, UnstorableError

V = TypeVar("V", bound=Value)


def written(value: Value) -> str:
    """Return the JSON document of `value`; half surrogate pairs, which no encoding carries, become `?`.

    Raises:
        UnstorableError: It could not be read back (a number that is not finite). One such row would stop every later
            report, so it is refused while only its own slot suffers.
    """
    try:
        document = value.model_dump_json()
    except ValueError:  # a text of a monitored page that pydantic cannot encode
        document = storable(json.dumps(value.model_dump(mode="json"), ensure_ascii=False))
    try:
        read(type(value), document)
    except StoreError as error:
        raise UnstorableError(str(error)) from error
    return document


def read(kind: type[V], document: str) -> V:
    """Return the value that was written.

    Raises:
        StoreError: The document is not a `kind`.
    """
    try:
        return kind.model_validate_json(document)
    except ValueError as error:
        raise StoreError(f"a stored {kind.__name__} cannot be read: {document[:80]}…: {error}") from error
