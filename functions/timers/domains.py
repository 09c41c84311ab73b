"""Checks, once a minute, whether each domain of links leads to this deployment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.domain.link_domains import UNCHECKED, DomainHealth, after_check


class Domains(Protocol):
    """Keeps how domains were found."""

    def health(self) -> Mapping[str, DomainHealth]:
        """How each domain was found that was ever checked."""

    def put(self, health: Mapping[str, DomainHealth]) -> None:
        """Keep it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainDeps:
    """What checking needs. ``answers`` asks a domain, of those that are configured only."""

    domains: Sequence[str]
    store: Domains
    answers: Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a round of checks showed."""

    health: Mapping[str, DomainHealth]
    failed: Sequence[str]
    healed: Sequence[str]


def check(*, deps: DomainDeps, now: datetime) -> Found | None:
    """Ask every domain and keep what is found; None with one domain, where nothing depends on it.

    Domains that are no longer configured are forgotten.
    """
    if len(deps.domains) < 2:  # noqa: PLR2004  # two make a choice
        return None
    before, at = deps.store.health(), int(now.timestamp())
    after = {
        domain: after_check(before.get(domain, UNCHECKED), answered=deps.answers(domain), at=at)
        for domain in deps.domains
    }
    deps.store.put(after)
    turned = [each for each in after if before.get(each, UNCHECKED).usable != after[each].usable]
    return Found(
        health=after,
        failed=[each for each in turned if not after[each].usable],
        healed=[each for each in turned if after[each].usable],
    )
