"""Steps whose end proves nothing: no goal, or one that was true before the step began."""

from collections.abc import Iterator

from checks.journey import Action, Click, Expect, Fill, Step, all_actions
from checks.lint.finding import Finding
from checks.load import Loaded
from checks.locator import Condition, Locator
from checks.source import KeyPath


def look(whole: Loaded) -> Iterator[Finding]:
    """Yield what is to be said about the goals of every journey's steps."""
    for index, journey in whole.parts.journeys.items():
        for number, step in enumerate(journey.steps):
            path: KeyPath = ("journeys", index, "steps", number)
            before = journey.steps[number - 1] if number else None
            yield from _goal(path, step, before)


def _goal(path: KeyPath, step: Step, before: Step | None) -> Iterator[Finding]:
    if not step.has_goal:
        yield Finding(path, "has no `until`: it is over as soon as the document has loaded, whatever that shows")
    if step.until is None:
        return
    until: KeyPath = (*path, "until")
    if before is not None and step.until == before.until:
        yield Finding(until, "is the goal of the step before: it was true when this step began")
    if step.until.url in ("/", "http", "https", "http://", "https://"):
        yield Finding(until, "every address contains this; name the page that is reached")
    said = _said(step.until)
    for action in all_actions(step.do):
        if isinstance(action, Expect):
            said = "" if action.expect == step.until else said
        elif said and _was_there(action, step.until, said):
            yield Finding(
                until, f"'{said}' is what this step itself {_verb(action)}: it may be there before anything happened"
            )
            return


def _said(condition: Condition) -> str:
    """Return the text that a condition looks for in the page; empty when it looks for something more definite."""
    if condition.text is not None:
        return condition.text
    shown = condition.visible
    return (shown.text or shown.name or shown.label or "") if shown is not None else ""


def _was_there(action: Action, until: Condition, said: str) -> bool:
    """Whether what the step did shows that its goal was true before."""
    if isinstance(action, Fill):
        shown = until.visible
        anywhere = until.text is not None or (shown is not None and shown.text is not None and shown.within is None)
        return anywhere and _holds(action.fill.value, said)
    if not isinstance(action, Click):
        return False
    clicked = action.click
    if until.visible is not None:
        return _same(until.visible, clicked)
    return any(_holds(name, said) for name in (clicked.name, clicked.text) if name)


def _same(one: Locator, other: Locator) -> bool:
    ways = ("role", "name", "label", "placeholder", "text", "title", "test_id", "css", "within", "nth")
    return all(getattr(one, way) == getattr(other, way) for way in ways)


def _holds(text: str, part: str) -> bool:
    return " ".join(part.split()).casefold() in " ".join(text.split()).casefold()


def _verb(action: Action) -> str:
    return "types" if isinstance(action, Fill) else "presses"
