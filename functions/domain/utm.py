"""What is added to an address: UTM parameters, and the code of the link that led there."""

from collections.abc import Mapping
from urllib.parse import quote, unquote_plus

CLICK, CLICK_PARAMETER = "click", "allim_click"
"""Beside UTM parameters: where the name of the parameter stands that gets the link's code."""
UTM_NAMES = ("source", "medium", "campaign", "term", "content")
CAMPAIGN = "{campaign}"
"""Stands in a value for the id of the campaign that sent the message."""


def with_utm(address: str, utm: Mapping[str, str]) -> tuple[str, ...]:
    """Add the parameters that the address's query does not have; nothing else of it changes.

    Gives the pieces between which the campaign's id goes: one piece when it is not asked for.

    >>> with_utm("https://a.example/?q=1#top", {"source": "sms", "campaign": "{campaign}"})
    ('https://a.example/?q=1&utm_source=sms&utm_campaign=', '#top')
    """
    head, mark, fragment = address.partition("#")
    path, _, query = head.partition("?")
    known = _names_in(query)
    added = "&".join(
        f"utm_{name}={_escaped(utm[name])}"
        for name in UTM_NAMES
        if name in utm and f"utm_{name}" not in known
    )
    if not added:
        return (address,)
    joint = "&" if query and not query.endswith("&") else ""
    first, *rest = added.split(CAMPAIGN)
    pieces = [f"{path}?{query}{joint}{first}", *rest]
    pieces[-1] += mark + fragment
    return tuple(pieces)


def with_parameter(address: str, name: str, value: str) -> str:
    """Add a parameter, unless the address's query has it; nothing else of it changes.

    ``value`` needs no escaping.

    >>> with_parameter("https://a.example/?q=1#top", "click", "Z3k")
    'https://a.example/?q=1&click=Z3k#top'
    """
    head, mark, fragment = address.partition("#")
    path, _, query = head.partition("?")
    if name in _names_in(query):
        return address
    joint = "&" if query and not query.endswith("&") else ""
    return f"{path}?{query}{joint}{name}={value}{mark}{fragment}"


def _names_in(query: str) -> frozenset[str]:
    names = (pair.partition("=")[0] for pair in query.split("&"))
    return frozenset(unquote_plus(name).lower() for name in names)


def _escaped(value: str) -> str:
    return CAMPAIGN.join(quote(part, safe="", errors="replace") for part in value.split(CAMPAIGN))
