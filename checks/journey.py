"""How a citizen's walk is written: actions, steps, and the journeys made of them."""

import re
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from checks.frozen import Frozen, did_you_mean
from checks.locator import Condition, Locator
from checks.text import Duration, Id, Label, Size, Text, Url


class ClickTarget(Locator):
    """What to click; a control whose name sounds like filing, paying or signing needs `submits` or `opens`."""

    submits: bool = Field(default=False, description="This click files something; L4 on a test system only.")
    opens: bool = Field(
        default=False,
        description="This link only opens a page, though its name sounds like filing. It must be a plain link; the "
        "browser follows it without the page's scripts.",
    )

    @model_validator(mode="after")
    def _either(self) -> "ClickTarget":
        if self.submits and self.opens:
            raise ValueError("a click either submits or opens")
        return self


class FillTarget(Locator):
    """Which field to type into, and what."""

    value: Text = Field(description="What is typed; a password only as `${env:NAME}` or `${file:PATH}`.")


class SelectTarget(Locator):
    """Which list to choose from, and the visible label of the choice."""

    option: Text = Field(description="Visible label of the choice.")


class TickTarget(Locator):
    """Which checkbox or radio button to set."""

    checked: bool = Field(default=True, description="`false` clears a checkbox.")


class GeneratedFile(Frozen):
    """A file made for the walk, of a given kind and size."""

    type: Literal["pdf", "png", "jpg", "txt"] = Field(default="pdf", description="Kind of file; its content is valid.")
    size: Size = Field(default=20_000, description="How large it is, at least.")
    name: Text = Field(default="giay-to", description="File name without its ending.")


class UploadTarget(Locator):
    """Which file field to attach to, and what file."""

    file: GeneratedFile = Field(default=GeneratedFile(), description="The file that is made and attached.")


class PressTarget(Frozen):
    """Which key to press, as in `Enter` or `Control+A`."""

    key: Text = Field(description="Name of the key, as in `Enter` or `Control+A`.")


class ExpectedFile(Frozen):
    """What a downloaded file must be like."""

    name: Text | None = Field(default=None, description="The file's name contains this.")
    type: Literal["pdf", "png", "jpg", "docx", "xlsx", "zip"] | None = Field(
        default=None, description="Kind of file, seen by its content."
    )
    at_least: Size = Field(default=1, description="How large it is, at least.")
    at_most: Size | None = Field(default=None, description="How large it is, at most.")


class DownloadTarget(Locator):
    """What to click so that a file comes, and what the file must be like."""

    file: ExpectedFile = Field(default=ExpectedFile(), description="What the file must be like.")


class TotpTarget(Locator):
    """Which field asks for a one-time password, and where its secret lies."""

    secret: Text = Field(description="The secret in base32, only as `${env:NAME}` or `${file:PATH}`.")
    digits: int = Field(default=6, ge=6, le=8, description="How many digits the password has.")
    period: Duration = Field(default=30.0, description="How long a password lasts.")


class StoreTarget(Locator):
    """Which element to read, and under which name its text is kept."""

    as_: Id = Field(alias="as", description="Name of the value; later actions write it as `${name}`.")
    pattern: Text | None = Field(
        default=None, description="Regular expression for the part of the text to keep: its first group, or all of it."
    )

    @field_validator("pattern")
    @classmethod
    def _readable(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None
        return pattern


class Goto(Frozen):
    """Open an address in the tab."""

    goto: Url = Field(description="The address, usually `${system.url}/…`.")


class Click(Frozen):
    """Click or tap an element."""

    click: ClickTarget = Field(description="What to click.")


class Fill(Frozen):
    """Type a value into a field, replacing what was there."""

    fill: FillTarget = Field(description="Which field, and what to type.")


class Select(Frozen):
    """Choose an option of a list by its visible label."""

    select: SelectTarget = Field(description="Which list, and what to choose.")


class Tick(Frozen):
    """Set a checkbox or a radio button."""

    check: TickTarget = Field(description="Which checkbox or radio button.")


class Upload(Frozen):
    """Attach a generated file."""

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


_ACTIONS: dict[str, type[Frozen]] = {
    "goto": Goto,
    "click": Click,
    "fill": Fill,
    "select": Select,
    "check": Tick,
    "upload": Upload,
    "press": Press,
    "download": Download,
    "totp": Totp,
    "store": Store,
    "new_tab": NewTab,
    "expect": Expect,
}


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
        return f"unknown action '{key}'{did_you_mean(str(key), known)}"
    return f"an action is one key with its target; the keys are {', '.join(known)}"


Action = Annotated[
    Annotated[Goto, Tag("goto")]
    | Annotated[Click, Tag("click")]
    | Annotated[Fill, Tag("fill")]
    | Annotated[Select, Tag("select")]
    | Annotated[Tick, Tag("check")]
    | Annotated[Upload, Tag("upload")]
    | Annotated[Press, Tag("press")]
    | Annotated[Download, Tag("download")]
    | Annotated[Totp, Tag("totp")]
    | Annotated[Store, Tag("store")]
    | Annotated[NewTab, Tag("new_tab")]
    | Annotated[Expect, Tag("expect")],
    Discriminator(_action_key),
]
"""One thing the citizen does."""


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
