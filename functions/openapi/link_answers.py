"""What the calls about links and their openings answer, for the description of the API only."""

from datetime import date

from pydantic import AwareDatetime, BaseModel, Field

from functions.domain.clicks import Visitor
from functions.domain.visitor import Sign
from functions.openapi.contact_answers import Page


class LinkDestination(BaseModel):
    """Where a link leads; from ``until`` on nowhere."""

    url: str
    ios: str | None
    android: str | None
    until: AwareDatetime | None


class EarlierDestination(LinkDestination):
    """Where it led until it was changed."""

    changed: AwareDatetime
    changed_by: str


class Link(LinkDestination):
    """A link of its own. ``address`` is what to print."""

    slug: str
    address: str
    name: str
    medium: str
    utm: dict[str, str]
    created: AwareDatetime
    created_by: str
    history: list[EarlierDestination]


class LinkPage(Page):
    """Some links."""

    items: list[Link]


class Openings(BaseModel):
    """How often a link was opened, by who it was; ``first`` and ``last`` are of people."""

    human: int
    machine: int
    unknown: int
    first: AwareDatetime | None
    last: AwareDatetime | None


class OpeningsOfDay(Openings):
    """Those of a day of the company's zone."""

    day: date


class OpeningsOfHour(Openings):
    """Those of an hour."""

    hour: AwareDatetime


class LinkReport(Openings):
    """Openings from one day to another, both included; those without any are left out."""

    from_: date = Field(alias="from")
    to: date
    slug: str
    days: list[OpeningsOfDay]
    hours: list[OpeningsOfHour]


class LinkDomain(BaseModel):
    """A domain of links; ``checks_against`` is how many checks in a row say otherwise."""

    address: str
    in_use: bool
    usable: bool
    since: AwareDatetime | None
    checked: AwareDatetime | None
    checks_against: int


class LinkDomains(BaseModel):
    """All domains, the preferred one first."""

    items: list[LinkDomain]


class Click(BaseModel):
    """One opening of a link, as judged by the rules of ``rules_version``."""

    at: AwareDatetime
    link: int
    visitor: Visitor
    reasons: list[Sign]
    rules_version: int
    method: str
    user_agent: str
    purpose: str


class Clicks(BaseModel):
    """The openings of a message's links in 90 days."""

    items: list[Click]
