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


class FieldValue(Locator):
    """A field, and what stands in it; of a list the label of what is chosen. Either `is` or `contains`."""

    is_: Text | None = Field(default=None, alias="is", description="The whole value; case matters.")
    contains: Text | None = Field(default=None, description="A part of the value; case does not matter.")

    @model_validator(mode="after")
    def _one_text(self) -> "FieldValue":
        if (self.is_ is None) == (self.contains is None):
            raise ValueError("needs either `is` (the whole value) or `contains` (a part of it)")
        return self


class ElementAttribute(Locator):
    """An element, and what one of its attributes says; without `is` and `contains` it is enough that it has it."""

    attribute: str = Field(
        pattern=r"^[A-Za-z_][\w.:-]*$", max_length=100, description="Name of the attribute, such as `href`."
    )
    is_: Text | None = Field(default=None, alias="is", description="The whole value; case matters.")
    contains: Text | None = Field(default=None, description="A part of the value; case does not matter.")

    @model_validator(mode="after")
    def _one_text(self) -> "ElementAttribute":
        if self.is_ is not None and self.contains is not None:
            raise ValueError("needs `is` (the whole value) or `contains` (a part of it), not both")
        return self


class ElementCount(Locator):
    """Elements of one kind, and how many of them are shown. Either `is`, or `at_least`, `at_most` or both."""

    is_: int | None = Field(default=None, alias="is", ge=0, description="Exactly so many.")
    at_least: int | None = Field(default=None, ge=1, description="So many or more.")
    at_most: int | None = Field(default=None, ge=0, description="So many or fewer.")

    @model_validator(mode="after")
    def _one_number(self) -> "ElementCount":
        if (self.is_ is None) == (self.at_least is None and self.at_most is None):
            raise ValueError("needs either `is`, or `at_least`, `at_most` or both")
        if self.nth is not None:
            raise ValueError("`nth` picks one element; leave it out to count them")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("`at_least` must not be more than `at_most`")
        return self

    def fits(self, count: int) -> bool:
        """Whether `count` is as it must be."""
        if self.is_ is not None:
            return count == self.is_
        return count >= (self.at_least or 0) and (self.at_most is None or count <= self.at_most)


class Condition(Frozen):
    """What must be true of the page. Exactly one way."""

    visible: Locator | None = Field(default=None, description="This element is shown.")
    hidden: Locator | None = Field(default=None, description="This element is not shown, or is not there.")
    text: Text | None = Field(default=None, description="The page shows this text.")
    url: Text | None = Field(default=None, description="The page's address contains this.")
    title: Text | None = Field(default=None, description="The page's title contains this.")
    enabled: Locator | None = Field(default=None, description="This control is shown and can be used.")
    disabled: Locator | None = Field(default=None, description="This control is shown and cannot be used.")
    value: FieldValue | None = Field(default=None, description="What stands in a field.")
    attribute: ElementAttribute | None = Field(default=None, description="What an attribute of an element says.")
    count: ElementCount | None = Field(default=None, description="How many elements are shown.")
    not_: "Condition | None" = Field(
        default=None, alias="not", description="This is not true, of a document that has loaded."
    )

    @model_validator(mode="after")
    def _exactly_one_way(self) -> "Condition":
        if len(self.model_fields_set) != 1:
            ways = [field.alias or name for name, field in type(self).model_fields.items()]
            said = " and ".join(sorted(name.rstrip("_") for name in self.model_fields_set)) or "none"
            raise ValueError(f"needs exactly one of {', '.join(ways)}; got {said}")
        if self.not_ is not None and self.not_.not_ is not None:
            raise ValueError("a `not` inside a `not`; write what must be true")
        return self

    @property
    def element(self) -> Locator | None:
        """The element it speaks of, also in a `not`; None when it speaks of the page."""
        if self.not_ is not None:
            return self.not_.element
        (way,) = self.model_fields_set
        value = getattr(self, way)
        return value if isinstance(value, Locator) else None

    @property
    def of_absence(self) -> bool:
        """Whether it could be true of a document only because that has not loaded yet."""
        few = self.count is not None and self.count.fits(0)
        return self.hidden is not None or self.not_ is not None or few

    @property
    def in_page(self) -> bool:
        """Whether it speaks of what the page itself shows; its address and title stand in the browser's own frame."""
        if self.not_ is not None:
            return self.not_.in_page
        return self.url is None and self.title is None

    def __str__(self) -> str:
        """Say it in one line, for messages: `visible button "Nộp hồ sơ"`."""
        if self.not_ is not None:
            return f"not {self.not_}"
        (way,) = self.model_fields_set
        value = getattr(self, way)
        return f"{way} {value}" if isinstance(value, Locator) else f'{way} "{value}"'


Condition.model_rebuild()  # a condition holds the one it negates: whole only now
