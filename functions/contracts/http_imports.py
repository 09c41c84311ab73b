"""Bodies of the import calls."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from functions.contracts.http_base import Body, Line
from functions.domain.contact_columns import MEANINGS, is_meaning, repeated_meanings
from functions.domain.contact_file import MAX_COLUMNS, ImportKind


def _known(meaning: str) -> str:
    if not is_meaning(meaning):
        code = "unknown_field"
        msg = "Use one of {meanings}; a name has letters, digits and _, in lower case."
        raise PydanticCustomError(code, msg, {"meanings": ", ".join(MEANINGS)})
    return meaning


def _each_once(mapping: dict[str, str]) -> dict[str, str]:
    if headers := repeated_meanings(mapping):
        code = "duplicate"
        msg = "These headers mean the same: {headers}."
        raise PydanticCustomError(code, msg, {"headers": ", ".join(headers)})
    return mapping


Meaning = Annotated[Line, AfterValidator(_known)]
ColumnMapping = Annotated[
    dict[Line, Meaning], Field(max_length=MAX_COLUMNS), AfterValidator(_each_once)
]


class ImportPost(Body):
    """A new import. ``filename`` is shown to people and used for nothing else.

    ``kind`` says what the rows are: ``contacts``, or endpoints that Amazon Pinpoint exported.
    ``mapping`` says by header what a column of contacts holds (``contact_id``, ``phone``,
    ``email``, ``advertising``, ``night``, ``consent_date``, ``group``, ``attribute:<name>`` or
    ``ignore``); what it does not say is guessed.
    """

    filename: Line
    kind: Annotated[ImportKind, Field(strict=False)] = ImportKind.CONTACTS
    mapping: ColumnMapping = Field(default_factory=dict)


class ImportStart(Body):
    """Nothing: the file was uploaded to the URL that the import gave."""
