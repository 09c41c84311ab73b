"""Checking the domains of links, once a minute."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from functions.domain.link_domains import DomainHealth, domain_in_use
from functions.timers.domains import DomainDeps, Found, check

A, B = "https://a.kr", "https://b.kr"
NOON = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


class Scene:
    """Domains that answer or do not, and the row that is kept."""

    def __init__(self, *domains: str) -> None:
        self.domains, self.down = domains, set[str]()
        self.kept: Mapping[str, DomainHealth] = {}
        self.asked: list[str] = []
        self.now = NOON

    def health(self) -> Mapping[str, DomainHealth]:
        return self.kept

    def put(self, health: Mapping[str, DomainHealth]) -> None:
        self.kept = health

    def tick(self, times: int = 1) -> Found | None:
        found = None
        for _ in range(times):
            self.now += timedelta(minutes=1)
            deps = DomainDeps(domains=self.domains, store=self, answers=self._answers)
            found = check(deps=deps, now=self.now)
        return found

    def _answers(self, domain: str) -> bool:
        self.asked.append(domain)
        return domain not in self.down

    @property
    def in_use(self) -> str:
        return domain_in_use(self.domains, self.kept)


def test_one_domain_is_never_asked() -> None:
    scene = Scene(A)

    assert scene.tick(5) is None
    assert scene.asked == []


def test_the_second_takes_over_after_three_checks_and_gives_back_after_two() -> None:
    scene = Scene(A, B)
    scene.tick()
    scene.down = {A}

    assert scene.tick(2).failed == []
    assert scene.in_use == A
    assert scene.tick().failed == [A]
    assert scene.in_use == B
    scene.down = set()
    assert scene.tick().healed == []
    assert scene.in_use == B
    assert scene.tick().healed == [A]
    assert scene.in_use == A


def test_the_first_is_kept_while_none_answers() -> None:
    scene = Scene(A, B)
    scene.down = {A, B}

    assert scene.tick(3).failed == [A, B]
    assert scene.in_use == A


def test_only_configured_domains_are_asked_and_others_are_forgotten() -> None:
    scene = Scene(A, B)
    scene.kept = {"http://169.254.169.254": DomainHealth()}

    scene.tick()

    assert set(scene.asked) == {A, B} == set(scene.kept)
