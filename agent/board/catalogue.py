"""The English catalogue: a gettext .po file, read when the board starts."""

from importlib.resources import files
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from agent.board.speech import Language


def english() -> Catalog:
    """Read `translations/en.po`."""
    text = files("agent.board").joinpath("translations/en.po").read_bytes()
    return read_po(BytesIO(text), locale="en")


def translations() -> dict[Language, NullTranslations]:
    """Return what says each language: the sources are Vietnamese already."""
    compiled = BytesIO()
    write_mo(compiled, english())
    compiled.seek(0)
    return {"vi": NullTranslations(), "en": Translations(compiled)}
