"""What each action is done to, and how: one target for each kind of action."""

from typing import Literal

from pydantic import Field, model_validator

from checks.frozen import Frozen
from checks.locator import Locator
from checks.text import Duration, Id, Size, Text
from checks.wire import Expression


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

    option: Text = Field(description="Visible label of the choice; where no label is so, its value.")


class Offset(Frozen):
    """How far to drag, in pixels of the page."""

    x: int = Field(default=0, ge=-5000, le=5000, description="Pixels to the right; to the left when negative.")
    y: int = Field(default=0, ge=-5000, le=5000, description="Pixels down; up when negative.")

    @model_validator(mode="after")
    def _somewhere(self) -> "Offset":
        if self.x == 0 and self.y == 0:
            raise ValueError("drags nowhere; give x or y")
        return self


class DragTarget(Locator):
    """What to drag, taken at its middle, and where to. Either `to` or `by`."""

    to: Locator | None = Field(default=None, description="The element in whose middle it is let go.")
    by: Offset | None = Field(default=None, description="How far from where it was taken.")

    @model_validator(mode="after")
    def _one_way(self) -> "DragTarget":
        if (self.to is None) == (self.by is None):
            raise ValueError("needs either `to` (an element) or `by` (an offset)")
        return self


class GeneratedFile(Frozen):
    """A file made for the walk, of a given kind and size."""

    type: Literal["pdf", "png", "jpg", "txt"] = Field(default="pdf", description="Kind of file; its content is valid.")
    size: Size = Field(default=20_000, description="How large it is, at least.")
    name: Text = Field(default="giay-to", description="File name without its ending.")


class UploadTarget(Locator):
    """Which file field to attach to, and what file: made as `file` says, unless `path` names one."""

    file: GeneratedFile = Field(default=GeneratedFile(), description="The file that is made and attached.")
    path: str | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="A file that lies in the folder of checks.yaml or below it.",
    )

    @model_validator(mode="after")
    def _one_file(self) -> "UploadTarget":
        if {"file", "path"} <= self.model_fields_set:
            raise ValueError("give either `file` or `path`")
        return self


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
    pattern: Expression | None = Field(
        default=None, description="Regular expression for the part of the text to keep: its first group, or all of it."
    )


class DialogAnswer(Frozen):
    """How the dialogs that come later in the step are answered."""

    answer: Literal["accept", "dismiss"] = Field(default="accept", description="`accept` or `dismiss`.")
    kind: Literal["alert", "confirm", "prompt", "beforeunload"] | None = Field(
        default=None, description="Only dialogs of this kind; others are answered as without this action."
    )
    text: Text | None = Field(default=None, description="The dialog must contain this, or the step fails.")
    value: Text | None = Field(default=None, description="What is typed into a prompt that is accepted.")
