"""Bodies of the import calls."""

from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import Body, Line
from functions.domain.contact_file import ImportKind


class ImportPost(Body):
    """A new import. ``filename`` is shown to people and used for nothing else.

    ``kind`` says what the rows are: ``contacts``, or endpoints that Amazon Pinpoint exported.
    """

    filename: Line
    kind: Annotated[ImportKind, Field(strict=False)] = ImportKind.CONTACTS


class ImportStart(Body):
    """Nothing: the file was uploaded to the URL that the import gave."""
