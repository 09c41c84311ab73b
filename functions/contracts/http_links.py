"""Bodies of the calls about standalone links."""

from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import PRINTABLE, Body, Line, Moment
from functions.contracts.http_templates import Utm
from functions.domain.slug import MAX_SLUG_CHARS
from functions.domain.web_address import MAX_ADDRESS_CHARS

_Address = Annotated[str, Field(min_length=1, max_length=MAX_ADDRESS_CHARS), PRINTABLE]
_Slug = Annotated[str, Field(min_length=1, max_length=MAX_SLUG_CHARS), PRINTABLE]


class LinkPost(Body):
    """A link of its own, for a poster, a QR code or a profile.

    ``slug`` is what stands behind the domain: words of a-z and 0-9 joined by hyphens, of which the
    first has 10 characters at most; without one it gets eight random ones. ``medium`` says where
    it is shown. ``ios``, ``android`` and ``until`` are as in templates; ``{campaign}`` in a value
    of ``utm`` becomes the slug.
    """

    url: _Address
    slug: _Slug | None = None
    name: Line
    medium: Line
    ios: _Address | None = None
    android: _Address | None = None
    until: Moment | None = None
    utm: Utm = Utm()


class LinkPatch(Body):
    """What is to be another way; what is left out stays, and null takes away.

    The slug stays, because it may have been printed.
    """

    url: _Address | None = None
    name: Line | None = None
    medium: Line | None = None
    ios: _Address | None = None
    android: _Address | None = None
    until: Moment | None = None
    utm: Utm | None = None
