"""The languages of the pages that recipients see, and which of them a visitor gets."""

KOREAN, ENGLISH = "ko", "en"
LANGUAGES = (KOREAN, ENGLISH)
_MAX_HEADER = 200
"""Languages named further on decide nothing."""


def language_of(accept_language: str) -> str:
    """Choose the language that a visitor prefers (RFC 9110, 12.5.4); Korean when in doubt."""
    weights = {KOREAN: 0.0, ENGLISH: 0.0}
    for choice in accept_language[:_MAX_HEADER].lower().split(","):
        tag, _, weight = choice.partition(";")
        language = primary(tag)
        if language in weights:
            weights[language] = max(weights[language], _weight(weight))
    return ENGLISH if weights[ENGLISH] > weights[KOREAN] else KOREAN


def primary(tag: str) -> str:
    """The language of a tag such as ``en-US``, without region and script."""
    return tag.strip().lower().replace("_", "-").partition("-")[0]


def chosen(asked: str, locale: str | None, accept_language: str) -> str:
    """The language asked for, else that of the person's locale, else what the browser prefers."""
    for each in (asked, primary(locale or "")):
        if each in LANGUAGES:
            return each
    return language_of(accept_language)


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
