"""References that nothing stands behind: unknown names, and values of a page used before they are stored."""

from collections.abc import Collection, Iterable

from checks.bind import SURROUNDINGS, is_secret, strings
from checks.frozen import did_you_mean
from checks.journey import Action, IfVisible, Journey, Step, Store, all_actions
from checks.source import KeyPath, Source
from checks.text import is_unclosed, references


def known_references(source: Source, path: KeyPath, known: Collection[str], later: Collection[str] = ()) -> None:
    """Report references below `path` that are cut off or not `known`; names in `later` are stored, only not yet."""
    for inside, text in strings(source.at(path)):
        if is_unclosed(text):
            source.report((*path, *inside), "`${` is not closed by `}`")
        for name in references(text):
            if name in known or is_secret(name):
                continue
            if name in later:
                source.report((*path, *inside), f"'${{{name}}}' is used before a `store` has kept it")
            else:
                hint = did_you_mean(name, sorted({*known, *later}))
                source.report((*path, *inside), f"nothing is called '${{{name}}}'{hint}")


def check_stored(source: Source, path: KeyPath, journey: Journey) -> None:
    """Report the references of a journey that would be empty when the walk comes to them."""
    given = {*SURROUNDINGS, *journey.parameters}
    later = {name for step in journey.steps for name in _names(all_actions(step.do))}
    _steps(source, (*path, "steps"), journey.steps, set(given), later)
    # Nobody knows how far a walk got; what always follows is left out when a value that it needs was not stored.
    later |= {name for step in journey.always for name in _names(all_actions(step.do))}
    _steps(source, (*path, "always"), journey.always, given | later, later)
    for name in sorted(later & given):
        source.report((*path, "parameters", name), f"'{name}' is also the name of a `store`; give it another")


def _steps(source: Source, path: KeyPath, steps: Iterable[Step], known: set[str], later: Collection[str]) -> None:
    for i, step in enumerate(steps):
        here: KeyPath = (*path, i)
        known_references(source, (*here, "name"), known - set(later))
        _actions(source, (*here, "do"), step.do, known, later)
        known_references(source, (*here, "until"), known, later)


def _names(actions: Iterable[Action]) -> set[str]:
    return {action.store.as_ for action in actions if isinstance(action, Store)}


def _actions(source: Source, path: KeyPath, actions: Iterable[Action], known: set[str], later: Collection[str]) -> None:
    """Look at actions in their order; what they store for certain is added to `known`."""
    for i, action in enumerate(actions):
        if isinstance(action, IfVisible):
            part: KeyPath = (*path, i, "if_visible")
            for key in set(source.at(part) or ()) - {"do"}:
                known_references(source, (*part, key), known, later)
            _actions(source, (*part, "do"), action.if_visible.do, set(known), later)
            continue
        known_references(source, (*path, i), known, later)
        known |= _names((action,))
