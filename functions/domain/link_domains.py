"""Which of the company's domains new messages get their links under.

All of them lead to the same redirect. A domain that several checks in a row did not reach is
passed over until it has answered twice; links that were sent stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

DOWN_AFTER = 3
"""Checks in a row without the right answer, one a minute."""
UP_AFTER = 2
"""Right answers in a row: a domain that comes and goes stays out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainHealth:
    """How a domain was found: usable or not since then, and checks in a row that say otherwise.

    Moments are epoch seconds; 0: never checked.
    """

    usable: bool = True
    against: int = 0
    since: int = 0
    checked: int = 0


UNCHECKED = DomainHealth()


def after_check(health: DomainHealth, *, answered: bool, at: int) -> DomainHealth:
    """Add a check, which was answered as it should be or not."""
    checked = replace(health, checked=at, since=health.since or at)
    if answered == health.usable:
        return replace(checked, against=0)
    against = health.against + 1
    if against < (DOWN_AFTER if health.usable else UP_AFTER):
        return replace(checked, against=against)
    return DomainHealth(usable=answered, since=at, checked=at)


def domain_in_use(domains: Sequence[str], health: Mapping[str, DomainHealth]) -> str:
    """Choose the first domain that is usable; the first of all where none is.

    >>> down = DomainHealth(usable=False)
    >>> domain_in_use(["https://a.kr", "https://b.kr"], {"https://a.kr": down})
    'https://b.kr'
    """
    usable = (each for each in domains if health.get(each, UNCHECKED).usable)
    return next(usable, domains[0])
