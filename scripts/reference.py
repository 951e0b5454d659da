"""Tables of the generated pages: every key of a model with its type, its default and what it means.

A page is written by hand; `renewed` writes what stands between `<!-- keys: Model -->` (what people write),
`<!-- fields: Model -->` (what the program prints) or `<!-- list: name -->` and `<!-- end -->`.
"""

import re
import types
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, MinLen
from pydantic.fields import FieldInfo

from checks.frozen import Frozen, Value
from checks.journey import Action
from checks.locator import Role
from checks.model import CheckDefaults, Email, Host, Recipient, StatusCode
from checks.ranking import INDICATORS, PILLARS, IndicatorId
from checks.run import Blame, Cause, Message, Moment, Reason, Verdict
from checks.text import Duration, Id, Label, SecretText, Size, Text, Url, spoken, spoken_size

_TABLE = re.compile(r"(<!-- (keys|fields|list): ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
Model = type[Value]

_WORDS: tuple[tuple[Any, str], ...] = (
    (Duration, "duration"),
    (Size, "size"),
    (Id, "id"),
    (Label, "text"),
    (Text, "text"),
    (Message, "text"),
    (Url, "address"),
    (SecretText, "secret reference"),
    (Email, "mail address"),
    (Recipient, "`agency`, `operator` or mail address"),
    (Host, "host"),
    (Moment, "moment"),
    (StatusCode, "code or class"),
    (Verdict, "[verdict](measures.md#verdicts)"),
    (Reason, "[reason](measures.md#reasons)"),
    (Cause, "[cause](measures.md#degraded)"),
    (Blame, "[blame](measures.md#blame)"),
    (Action, "[action](#actions)"),
    (Role, "[role](#roles)"),
    (IndicatorId, "[indicator](#indicators)"),
    (str, "text"),
    (int, "whole number"),
    (float, "number"),
    (bool, "`true` or `false`"),
    (date, "date"),
)


def models_of(root: Model) -> dict[str, Model]:
    """Return every model that can stand inside `root`, itself and shared bases included, by name."""
    found: dict[str, Model] = {}
    waiting = [root]
    while waiting:
        model = waiting.pop()
        if model in (Value, Frozen) or name_of(model) in found:
            continue
        found[name_of(model)] = model
        waiting += [base for base in model.__bases__ if issubclass(base, Value)]
        for hint in get_type_hints(model, include_extras=True).values():
            waiting += _models_in(hint)
    return found


def name_of(model: Model) -> str:
    """Return the name under which a model's table is known."""
    return model.__name__.removeprefix("_")


def renewed(page: str, models: Mapping[str, Model]) -> str:
    """Return `page` with every marked table written anew. KeyError: it names a table that nothing is known of."""
    lists = {"roles": _roles, "indicators": _indicators}

    def table(mark: re.Match[str]) -> str:
        makers = {"keys": _keys, "fields": _fields}
        rows = makers[mark[2]](models[mark[3]]) if mark[2] in makers else lists[mark[3]]()
        return "\n".join((mark[1], *rows, "", mark[4]))

    return _TABLE.sub(table, page)


def _models_in(hint: Any) -> list[Model]:
    if isinstance(hint, type) and issubclass(hint, Value):
        return [hint]
    return [model for part in get_args(hint) for model in _models_in(part)]


def _keys(model: Model) -> Iterator[str]:
    yield from (f'<a id="{name_of(model).lower()}"></a>', "", "| key | type | default | meaning |", "|---|---|---|---|")
    for name, hint, field in _own(model):
        default = _default(name, hint, field)
        yield f"| `{field.alias or name}` | {_typed(hint, field)} | {default} | {field.description} |"


def _fields(model: Model) -> Iterator[str]:
    yield from (f'<a id="{name_of(model).lower()}"></a>', "", "| field | type | meaning |", "|---|---|---|")
    for name, hint, field in _own(model):
        null = " or `null`" if types.NoneType in get_args(hint) else ""
        yield f"| `{name}` | {_typed(hint, field)}{null} | {field.description} |"


def _own(model: Model) -> Iterator[tuple[str, Any, FieldInfo]]:
    """Yield name, type and field of what a model adds; what its base has stands in the base's table."""
    inherited = {key for base in model.__bases__ if issubclass(base, Value) for key in base.model_fields}
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        if name not in inherited:
            yield name, hints[name], field


def _typed(hint: Any, field: FieldInfo) -> str:
    limits = {type(limit): limit for limit in field.metadata}
    least, most = limits.get(Ge), limits.get(Le)
    said = _word(hint)
    if isinstance(least, Ge) and isinstance(most, Le):
        return f"{said}, {least.ge}–{most.le}"
    if isinstance(least, Ge):
        return f"{said}, at least {least.ge}"
    if isinstance(above := limits.get(Gt), Gt):
        return f"{said}, more than {above.gt}"
    return f"{said}, at least one" if MinLen in limits else said


def _word(hint: Any) -> str:
    """Say a type in words: its alias, a link to the table of a model, or what a container holds."""
    for alias, word in _WORDS:
        if hint == alias or _refines(hint, alias):
            return word
    if isinstance(hint, type) and issubclass(hint, Value):
        return f"[{name_of(hint)}](#{name_of(hint).lower()})"
    return _built(hint)


def _built(hint: Any) -> str:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _either(f"`{one}`" for one in parts)
    if origin in (Union, types.UnionType):
        return _either(_word(part) for part in parts if part is not types.NoneType)
    if origin is tuple:
        return f"list of {_word(parts[0])}"
    if origin is dict:
        return f"mapping of {_word(parts[0])} to {_word(parts[1])}"
    return _word(parts[0])  # an annotation that limits, but has no name of its own


def _refines(hint: Any, alias: Any) -> bool:
    """Whether `hint` is `alias` with further limits."""
    marks = getattr(alias, "__metadata__", ())
    same = getattr(hint, "__origin__", None) == getattr(alias, "__origin__", alias)
    return bool(marks) and same and getattr(hint, "__metadata__", ())[: len(marks)] == marks


def _default(name: str, hint: Any, field: FieldInfo) -> str:
    if field.is_required():
        return "**required**, here or in `settings.defaults`" if name in CheckDefaults.model_fields else "**required**"
    value = field.default
    if field.default_factory is not None or value in (None, (), "") or isinstance(value, Value):
        return "–"
    return f"`{_written(value, _word(hint))}`"


def _written(value: Any, word: str) -> str:
    """Write a value as it would stand in YAML."""
    if isinstance(value, bool):
        return str(value).lower()
    if word.startswith("duration"):
        return spoken(value)
    if word.startswith("size"):
        return spoken_size(value)
    if isinstance(value, Value):
        pairs = (f"{key}: {_written(one, '')}" for key, one in value.model_dump().items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(_written(one, word) for one in value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _either(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def _roles() -> Iterator[str]:
    yield ", ".join(f"`{role}`" for role in get_args(Role))


def _indicators() -> Iterator[str]:
    yield "| indicator | pillar | meaning | points | full at | zero at | basis |"
    yield "|---|---|---|---|---|---|---|"
    for name, one in INDICATORS.items():
        numbers = f"{one.points:g} | {one.full:g} | {one.zero:g}"
        yield f"| `{name}` | {PILLARS[one.pillar]} | {one.title} | {numbers} | {one.basis} ({one.status}) |"
