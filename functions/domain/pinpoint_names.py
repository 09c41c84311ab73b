"""Under which attribute something that Amazon Pinpoint knew is kept.

The import of endpoints writes these names and the import of segments asks for them, so that a
moved audience looks at what was moved.
"""

import re
import unicodedata
from enum import StrEnum

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9가-힣]+")
_MAX_NAME_CHARS = 50


class Kept(StrEnum):
    """Where in an endpoint it stood; the value begins the attribute's name."""

    ATTRIBUTE = ""
    USER_ATTRIBUTE = "user_"
    METRIC = "metric_"
    DEVICE = "device_"
    LOCATION = "location_"


_PREFIXES = tuple(str(kept) for kept in Kept if kept)


def attribute_name(kept: Kept, name: str) -> str:
    """Give the attribute for ``name``; empty for a name without a letter or digit.

    An attribute of the endpoint keeps its name, unless it begins as those of another place do:
    so no two places ever share a name.

    >>> attribute_name(Kept.USER_ATTRIBUTE, "Favourite colour")
    'user_Favourite_colour'
    >>> attribute_name(Kept.ATTRIBUTE, "user_name")
    'endpoint_user_name'
    """
    plain = _NOT_IN_NAMES.sub("_", unicodedata.normalize("NFKC", name)).strip("_")
    if not plain:
        return ""
    if kept is Kept.ATTRIBUTE and plain.startswith((*_PREFIXES, "endpoint_")):
        plain = f"endpoint_{plain}"
    if kept is Kept.ATTRIBUTE and plain[0].isdigit():
        plain = f"_{plain}"
    return f"{kept}{plain}"[:_MAX_NAME_CHARS]


def device_name(field: str) -> str:
    """Give the attribute for a field of ``Demographic``: ``AppVersion`` is ``device_app_version``.

    >>> device_name("AppVersion")
    'device_app_version'
    """
    return f"{Kept.DEVICE}{_snake(field)}"


def location_name(field: str) -> str:
    """Give the attribute for a field of ``Location``: ``Country`` is ``location_country``."""
    return f"{Kept.LOCATION}{_snake(field)}"


def _snake(field: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field).lower()
