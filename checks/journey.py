"""How a citizen's walk is written: actions, steps, and the journeys made of them."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag

from checks.frozen import Frozen, did_you_mean
from checks.locator import Condition, Locator
from checks.targets import (
    ClickTarget,
    DialogAnswer,
    DownloadTarget,
    DragTarget,
    FillTarget,
    PressTarget,
    SelectTarget,
    StoreTarget,
    TotpTarget,
    UploadTarget,
)
from checks.text import Duration, Id, Label, Text, Url


class OptionalPart(Locator):
    """What may be there, and what is done only then."""

    wait: Duration = Field(default=0.5, le=5, description="How long it may take to come; at most 5s.")
    do: tuple["Action", ...] = Field(min_length=1, description="Actions, when it is there.")


class Goto(Frozen):
    """Open an address in the tab."""

    goto: Url = Field(description="The address, usually `${system.url}/…`.")


class Back(Frozen):
    """Go back to the screen before, with the browser's own button."""

    back: Literal[True] = Field(description="`true`.")


class Reload(Frozen):
    """Load the document again, with the browser's own button."""

    reload: Literal[True] = Field(description="`true`.")


class Click(Frozen):
    """Click or tap an element."""

    click: ClickTarget = Field(description="What to click.")


class DoubleClick(Frozen):
    """Click an element twice."""

    double_click: Locator = Field(description="What to click twice.")


class Hover(Frozen):
    """Point at an element without pressing it."""

    hover: Locator = Field(description="What to point at.")


class ScrollTo(Frozen):
    """Scroll until an element can be seen."""

    scroll_to: Locator = Field(description="What to bring into sight.")


class Drag(Frozen):
    """Drag an element to another one, or some way."""

    drag: DragTarget = Field(description="What to drag, and where to.")


class Fill(Frozen):
    """Type a value into a field, replacing what was there."""

    fill: FillTarget = Field(description="Which field, and what to type.")


class Clear(Frozen):
    """Empty a field."""

    clear: Locator = Field(description="Which field.")


class Type(Frozen):
    """Type a value into a field key by key, after what is there."""

    type: FillTarget = Field(description="Which field, and what to type.")


class Select(Frozen):
    """Choose an option of a list by its visible label."""

    select: SelectTarget = Field(description="Which list, and what to choose.")


class Tick(Frozen):
    """Set a checkbox or a radio button."""

    check: Locator = Field(description="Which checkbox or radio button.")


class Untick(Frozen):
    """Clear a checkbox."""

    uncheck: Locator = Field(description="Which checkbox.")


class Upload(Frozen):
    """Attach a file: one that is made for the walk, or one that lies beside checks.yaml."""

    upload: UploadTarget = Field(description="Which file field, and what file.")


class Press(Frozen):
    """Press a key where the focus is."""

    press: PressTarget = Field(description="Which key.")


class Expect(Frozen):
    """Go on only when this is true; the step fails if it does not become true in time."""

    expect: Condition = Field(description="What must be true.")


class Download(Frozen):
    """Click, and wait for the file that comes; the step fails when it does not come or is not as expected."""

    download: DownloadTarget = Field(description="What to click, and what the file must be like.")


class Totp(Frozen):
    """Type the one-time password of this moment."""

    totp: TotpTarget = Field(description="Which field, and the secret.")


class Store(Frozen):
    """Keep a text of the page for later actions."""

    store: StoreTarget = Field(description="Which element, and the name of the value.")


class NewTab(Frozen):
    """Go on in the tab that has opened, or close this one and return."""

    new_tab: Literal["follow", "close"] = Field(description="`follow` or `close`.")


class Dialogs(Frozen):
    """Say how the dialogs that come later in the step are answered."""

    dialog: DialogAnswer = Field(description="Which dialogs, and the answer.")


class IfVisible(Frozen):
    """Do something only when an element is there: a banner, a question that is not always asked."""

    if_visible: OptionalPart = Field(description="Which element, and what is done then.")


_BY_THE_CLOCK = frozenset({
    "sleep", "wait", "pause", "delay", "wait_for", "wait_for_timeout", "waitForTimeout", "networkidle", "network_idle",
    "wait_for_load_state", "wait_for_networkidle", "wait_for_navigation",
})  # fmt: skip
"""What other languages wait with; a measurement that waits by the clock measures the clock."""


def _action_key(value: Any) -> str | None:
    if isinstance(value, Frozen):
        return next(key for key, kind in _ACTIONS.items() if type(value) is kind)
    if not isinstance(value, dict) or len(value) != 1:
        return None
    (key,) = value
    return key if key in _ACTIONS else None


def action_fault(value: object) -> str:
    """Say what is wrong with a mapping that is no action."""
    known = list(_ACTIONS)
    if isinstance(value, dict) and len(value) == 1:
        (key,) = value
        if str(key) in _BY_THE_CLOCK:
            return f"there is no '{key}': say what the citizen sees when it is over, with `until` or `expect`"
        return f"unknown action '{key}'{did_you_mean(str(key), known)}"
    return f"an action is one key with its target; the keys are {', '.join(known)}"


Action = Annotated[
    Annotated[Goto, Tag("goto")]
    | Annotated[Back, Tag("back")]
    | Annotated[Reload, Tag("reload")]
    | Annotated[Click, Tag("click")]
    | Annotated[DoubleClick, Tag("double_click")]
    | Annotated[Hover, Tag("hover")]
    | Annotated[ScrollTo, Tag("scroll_to")]
    | Annotated[Drag, Tag("drag")]
    | Annotated[Fill, Tag("fill")]
    | Annotated[Clear, Tag("clear")]
    | Annotated[Type, Tag("type")]
    | Annotated[Select, Tag("select")]
    | Annotated[Tick, Tag("check")]
    | Annotated[Untick, Tag("uncheck")]
    | Annotated[Upload, Tag("upload")]
    | Annotated[Press, Tag("press")]
    | Annotated[Download, Tag("download")]
    | Annotated[Totp, Tag("totp")]
    | Annotated[Store, Tag("store")]
    | Annotated[NewTab, Tag("new_tab")]
    | Annotated[Dialogs, Tag("dialog")]
    | Annotated[IfVisible, Tag("if_visible")]
    | Annotated[Expect, Tag("expect")],
    Discriminator(_action_key),
]
"""One thing the citizen does."""

_ACTIONS: dict[str, type[Frozen]] = {
    tag.tag: kind for kind, tag in (get_args(one) for one in get_args(get_args(Action)[0]))
}

OptionalPart.model_rebuild()  # an action may hold actions: whole only now


def all_actions(actions: Iterable[Action]) -> Iterator[Action]:
    """Yield actions and those of their optional parts, in order."""
    for action in actions:
        yield action
        if isinstance(action, IfVisible):
            yield from all_actions(action.if_visible.do)


class Step(Frozen):
    """One business step: its actions, and the goal that ends it."""

    name: Label = Field(description="What the citizen would call it; shown on board, metrics and mails.")
    do: tuple[Action, ...] = Field(default=(), description="Actions, in order.")
    until: Condition | None = Field(default=None, description="The goal; the step's clock stops when it is met.")
    budget: Duration | None = Field(default=None, description="Longer than this is slow.")
    timeout: Duration | None = Field(default=None, description="Longer than this is failed.")
    found: bool = Field(default=False, description="After this step the service's form is open.")

    @property
    def has_goal(self) -> bool:
        """Whether anything is expected of the page."""
        return self.until is not None or any(isinstance(action, Expect | Download) for action in self.do)


class Parameter(Frozen):
    """A value that each check gives to the journey it shares with others."""

    description: Label | None = Field(default=None, description="What the value means.")
    default: Text | None = Field(default=None, description="Without one, every check must give the value.")


class Journey(Frozen):
    """A walk that several checks share: one walk, many portals."""

    id: Id = Field(description="How checks refer to it.")
    title: Label = Field(description="Its name for people.")
    parameters: dict[Id, Parameter] = Field(
        default_factory=dict, description="Values that each check gives; `${name}` in the steps."
    )
    steps: tuple[Step, ...] = Field(
        min_length=1, description="Business steps, in order; the last one says how success is seen."
    )
    always: tuple[Step, ...] = Field(
        default=(),
        description="What follows every walk, also a failed one: signing out, cleaning up. Neither timed nor judged.",
    )
