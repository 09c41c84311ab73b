"""Reads what is posted to the page: a choice, or the one click of a mail program."""

from email import message_from_string
from email.message import Message
from urllib.parse import parse_qsl

from functions.domain.one_click import FIELD, WORD
from functions.domain.preferences import Choice

REFUSE = "refuse"
MAX_CHARS = 2_000
"""Far more than the page's own forms and a mail program send."""
_FORM, _PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
_MAX_FIELDS = 20


class OneClick:
    """The post that RFC 8058 describes."""


def read(body: str, *, content_type: str) -> Choice | OneClick | None:
    """Read a post; None for anything that is neither.

    RFC 8058, section 3.2, lets mail programs choose between both types of forms.
    """
    fields = _fields(body, content_type) if len(body) <= MAX_CHARS else []
    if fields == [(FIELD, WORD)]:
        return OneClick()
    if len(fields) != 1 or fields[0][0] != REFUSE:
        return None
    try:
        return Choice.parse(fields[0][1])
    except ValueError:
        return None


def _fields(body: str, content_type: str) -> list[tuple[str, str]]:
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == _FORM:
            return parse_qsl(body.strip(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        return _parts(body, content_type) if kind == _PARTS else []
    except ValueError:
        return []


def _parts(body: str, content_type: str) -> list[tuple[str, str]]:
    if "\r" in content_type or "\n" in content_type:
        return []
    form = message_from_string(f"Content-Type: {content_type}\r\n\r\n{body}")
    return [_field(part) for part in form.walk() if not part.is_multipart()]


def _field(part: Message) -> tuple[str, str]:
    name = part.get_param("name", "", header="content-disposition")
    return str(name), str(part.get_payload()).strip()
