"""How things on a page are named: locators, where to look for them, and what must be true of the page."""

from typing import Literal

from pydantic import Field, model_validator

from checks.frozen import Frozen
from checks.text import Text

Role = Literal[
    "alert", "banner", "button", "cell", "checkbox", "columnheader", "combobox", "dialog", "form", "group",
    "heading", "img", "link", "list", "listbox", "listitem", "main", "menu", "menuitem", "navigation", "option",
    "progressbar", "radio", "radiogroup", "region", "row", "search", "searchbox", "slider", "spinbutton", "status",
    "switch", "tab", "table", "tabpanel", "textbox",
]  # fmt: skip
"""The ARIA roles a locator may name."""

WAYS = ("role", "label", "placeholder", "text", "title", "test_id", "css")
"""The ways to find an element, of which a locator uses one."""


def _one_of(holder: Frozen, ways: tuple[str, ...]) -> None:
    said = [way for way in ways if getattr(holder, way) is not None]
    if len(said) != 1:
        raise ValueError(f"needs exactly one of {', '.join(ways)}; got {' and '.join(said) or 'none'}")


class FrameName(Frozen):
    """Which frame of the page. Exactly one way."""

    title: Text | None = Field(default=None, description="The frame's title, as read out to the blind.")
    name: Text | None = Field(default=None, description="The frame's name in the page's source.")
    css: Text | None = Field(default=None, description="CSS selector of the frame; the last resort.")

    @model_validator(mode="after")
    def _exactly_one_way(self) -> "FrameName":
        _one_of(self, ("title", "name", "css"))
        return self

    def __str__(self) -> str:
        """Say it in one line, for messages: `frame "Biểu mẫu"`."""
        return f'frame "{self.title or self.name or self.css}"'


class Locator(Frozen):
    """How to find one element, as a citizen would name it. Exactly one way; `name` belongs to `role`."""

    role: Role | None = Field(default=None, description="ARIA role, together with `name`.")
    name: Text | None = Field(default=None, description="Accessible name of the element with that role.")
    label: Text | None = Field(default=None, description="Text of the form control's label.")
    placeholder: Text | None = Field(default=None, description="Placeholder text of the form control.")
    text: Text | None = Field(default=None, description="Visible text of the element.")
    title: Text | None = Field(default=None, description="The element's tooltip.")
    test_id: Text | None = Field(default=None, description="Value of data-testid.")
    css: Text | None = Field(default=None, description="CSS selector; the last resort.")
    exact: bool = Field(default=False, description="Whole text and case must match, not a part of it.")
    nth: int | None = Field(default=None, ge=0, description="Which of several matches, from 0.")
    within: "Region | None" = Field(default=None, description="The part of the page, or the frame, to look in.")
    or_: tuple["Locator", ...] = Field(
        default=(),
        alias="or",
        description="Other ways to find it, tried in this order while the one before finds nothing. Which one found it "
        "is told in the result.",
    )

    @model_validator(mode="after")
    def _exactly_one_way(self) -> "Locator":
        _one_of(self, self._ways())
        if self.name is not None and self.role is None:
            raise ValueError("name belongs to role; for a form control use label")
        if any(other.or_ for other in self.or_):
            raise ValueError("an `or` inside an `or`; write one list")
        return self

    @classmethod
    def _ways(cls) -> tuple[str, ...]:
        return WAYS

    @property
    def alternatives(self) -> "tuple[Locator, ...]":
        """This locator and those of `or`, in the order in which they are tried."""
        return (self, *self.or_)

    @property
    def way(self) -> str:
        """Which of the ways it uses."""
        return next(way for way in self._ways() if getattr(self, way) is not None)

    def __str__(self) -> str:
        """Say it in one line, for messages: `button "Nộp hồ sơ"`."""
        if self.role is not None:
            return f'{self.role} "{self.name}"' if self.name else self.role
        return f'{self.way} "{getattr(self, self.way)}"'


class Region(Locator):
    """A part of the page to look in: an element, or a frame. Regions may lie in regions."""

    frame: FrameName | None = Field(default=None, description="A frame instead of an element.")

    @model_validator(mode="after")
    def _one_place(self) -> "Region":
        if self.or_:
            raise ValueError("`or` belongs to what is looked for, not to where")
        return self

    @classmethod
    def _ways(cls) -> tuple[str, ...]:
        return ("frame", *WAYS)


Locator.model_rebuild()  # a locator holds a region and a region is a locator: whole only now


class Condition(Frozen):
    """What must be true of the page. Exactly one way."""

    visible: Locator | None = Field(default=None, description="This element is shown.")
    hidden: Locator | None = Field(default=None, description="This element is not shown, or is not there.")
    text: Text | None = Field(default=None, description="The page shows this text.")
    url: Text | None = Field(default=None, description="The page's address contains this.")
    title: Text | None = Field(default=None, description="The page's title contains this.")

    @model_validator(mode="after")
    def _exactly_one_way(self) -> "Condition":
        if len(self.model_fields_set) != 1:
            said = " and ".join(sorted(self.model_fields_set)) or "none"
            raise ValueError(f"needs exactly one of visible, hidden, text, url, title; got {said}")
        return self

    def __str__(self) -> str:
        """Say it in one line, for messages: `visible button "Nộp hồ sơ"`."""
        (way,) = self.model_fields_set
        value = getattr(self, way)
        return f"{way} {value}" if isinstance(value, Locator) else f'{way} "{value}"'
