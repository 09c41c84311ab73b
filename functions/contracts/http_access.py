"""Bodies of the key calls."""

from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import Body, Line
from functions.contracts.scope import Scope


class KeyCreate(Body):
    """A new API key."""

    name: Line
    scopes: Annotated[list[Annotated[Scope, Field(strict=False)]], Field(min_length=1)]
