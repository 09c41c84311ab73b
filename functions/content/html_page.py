"""Pages that people read in their own language: one frame, and each feature's templates in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from minijinja import Environment

from functions.domain.language import ENGLISH, KOREAN

_FRAME = Path(__file__).parent / "templates"
_OWN_NAME = {KOREAN: "한국어", ENGLISH: "English"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages of a feature: templates in a folder, words by language, and a style sheet."""

    folder: Path
    words: Mapping[str, Mapping[str, str]]
    style: str

    def render(self, template: str, language: str, **facts: Any) -> str:  # noqa: ANN401  # any value
        """Write a page; every value is escaped, and one that is missing is an error."""
        return _environment(self.folder).render_template(
            template,
            w=self.words[language],
            language=language,
            languages=[(each, name, each == language) for each, name in _OWN_NAME.items()],
            style=self.style,
            **facts,
        )


@cache
def _environment(folder: Path) -> Environment:
    def text_of(name: str) -> str:
        own = folder / name
        return (own if own.exists() else _FRAME / name).read_text("utf-8")

    made = Environment(loader=text_of)
    made.auto_escape_callback = lambda _: True
    made.undefined_behavior = "strict"
    return made
