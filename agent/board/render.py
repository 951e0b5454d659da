"""Turns contexts into pages: one environment per language, nothing undefined, everything escaped."""

from collections.abc import Mapping

from babel.support import NullTranslations
from jinja2 import Environment, PackageLoader, StrictUndefined

from agent.board.catalogue import translations
from agent.board.looks import Look, look_of
from agent.board.speech import LANGUAGES, Language, Speech


class Pages:
    """Renders the templates in every language the board has."""

    def __init__(self) -> None:
        words = translations()
        self._environments = {language: _environment(words[language]) for language in LANGUAGES}
        self._words = words

    def gettext(self, language: Language, text: str) -> str:
        """Say a Vietnamese source text in `language`."""
        return self._words[language].gettext(text)

    def render(self, template: str, say: Speech, values: Mapping[str, object]) -> str:
        """Render `template` with the page's `values`; `say` prints them in its language."""
        return self._environments[say.language].get_template(template).render(say=say, **values)


def _environment(words: NullTranslations) -> Environment:
    environment = Environment(
        loader=PackageLoader("agent.board"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    environment.globals["look_of"] = look_of
    environment.globals["LOOK"] = Look
    return environment
