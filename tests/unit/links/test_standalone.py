"""Standalone links: made once, led elsewhere with their history, never somebody else's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.contracts.errors import AppError, InvalidInput, NotFound
from functions.domain.destination import Destination
from functions.domain.standalone_link import StandaloneLink
from functions.links.standalone import Change, StandaloneDeps, change, find, make, remove

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
A, B = Destination(url="https://a.example"), Destination(url="https://b.example")


class FakeLinks:
    """Links in memory; ``race`` makes somebody else change a link after it was read."""

    def __init__(self) -> None:
        self.links: dict[str, StandaloneLink] = {}
        self.race = False

    def add(self, link: StandaloneLink) -> bool:
        if link.slug in self.links:
            return False
        self.links[link.slug] = link
        return True

    def get(self, slug: str) -> StandaloneLink | None:
        return self.links.get(slug)

    def put(self, link: StandaloneLink, *, before: int) -> bool:
        if self.race or self.links[link.slug].changes != before:
            return False
        self.links[link.slug] = link
        return True


class Scene:
    def __init__(self, *hosts: str) -> None:
        self.store = FakeLinks()
        self.words = iter(["taken", "fresh", "fresher"])
        self.deps = StandaloneDeps(
            links=self.store, hosts=hosts, fresh=lambda: next(self.words, "taken")
        )

    def make(self, slug: str = "summer", to: Destination = A) -> StandaloneLink:
        link = StandaloneLink(
            slug=slug, name="여름", medium="poster", destination=to, utm={}, made=NOW, made_by="k"
        )
        return make(link, deps=self.deps)

    def change(self, to: Change, *, slug: str = "summer", minutes: int = 0) -> StandaloneLink:
        now = NOW + timedelta(minutes=minutes)
        return change(slug, lambda _: to, key_id="key_2", deps=self.deps, now=now)


def code_of(call: object) -> str:
    with pytest.raises(AppError) as refused:
        call()  # type: ignore[operator]
    return refused.value.code


def test_a_slug_is_given_once() -> None:
    scene = Scene()
    scene.make()

    assert code_of(scene.make) == "slug_taken"


def test_a_link_without_a_slug_gets_one_that_is_free() -> None:
    scene = Scene()
    scene.make("taken")

    assert scene.make("").slug == "fresh"


def test_gives_up_when_no_slug_is_free() -> None:
    scene = Scene()
    for slug in ("taken", "fresh", "fresher"):
        scene.make(slug)

    assert code_of(lambda: scene.make("")) == "unavailable"


@pytest.mark.parametrize(
    "slug",
    ["Summer", "abcdefghijk", "a b", "a/b", "~health", "-a", "a-", "한글", "a\n", "a" * 41, "a.b"],
)
def test_refuses_what_is_no_slug(slug: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Scene().make(slug)

    assert refused.value.errors[0].pointer == "/slug"


@pytest.mark.parametrize(
    ("to", "pointer", "code"),
    [
        (Destination(url="javascript:alert(1)"), "/url", "invalid_link"),
        (Destination(url="https://shop.example@evil.example/"), "/url", "invalid_link"),
        (Destination(url="https://evil.example"), "/url", "host_not_allowed"),
        (Destination(url="https://a.example", ios="data:x"), "/ios", "unsafe_scheme"),
    ],
)
def test_leads_only_where_links_may_lead(to: Destination, pointer: str, code: str) -> None:
    scene = Scene("a.example")
    with pytest.raises(InvalidInput) as refused:
        scene.make(to=to)
    assert [(each.pointer, each.code) for each in refused.value.errors] == [(pointer, code)]

    scene.make()
    with pytest.raises(InvalidInput):
        scene.change(Change(destination=to))
    assert scene.store.links["summer"].destination == A


def test_an_earlier_destination_is_kept_with_who_changed_it() -> None:
    scene = Scene()
    scene.make()

    scene.change(Change(destination=B), minutes=1)
    changed = scene.change(Change(destination=A), minutes=2)

    assert [each.destination for each in changed.replaced] == [A, B]
    assert {each.key_id for each in changed.replaced} == {"key_2"}
    assert changed.changes == 2


def test_saying_again_what_holds_changes_nothing() -> None:
    scene = Scene()
    made = scene.make()

    assert scene.change(Change(destination=A, name="여름")) == made


def test_another_name_is_no_other_destination() -> None:
    scene = Scene()
    scene.make()

    changed = scene.change(Change(name="가을", utm={"source": "qr"}))

    assert (changed.name, changed.replaced, dict(changed.utm)) == ("가을", (), {"source": "qr"})


def test_of_two_who_change_at_once_one_is_told() -> None:
    scene = Scene()
    scene.make()
    scene.store.race = True

    assert code_of(lambda: scene.change(Change(name="가을"))) == "busy"
    assert code_of(lambda: remove("summer", key_id="k", deps=scene.deps, now=NOW)) == "busy"


def test_too_many_changes_are_refused() -> None:
    scene = Scene()
    scene.make()

    def often() -> None:
        for number in range(1000):
            scene.change(Change(destination=(B, A)[number % 2]))

    assert code_of(often) == "too_many_changes"


def test_a_removed_link_ends_at_once_and_its_slug_is_nobodys() -> None:
    scene = Scene()
    scene.make()

    remove("summer", key_id="k", deps=scene.deps, now=NOW)

    assert scene.store.links["summer"].destination == replace(A, until=NOW)
    assert code_of(scene.make) == "slug_taken"
    assert code_of(lambda: find("summer", deps=scene.deps)) == "not_found"
    assert code_of(lambda: scene.change(Change(name="가을"))) == "not_found"
    assert code_of(lambda: remove("summer", key_id="k", deps=scene.deps, now=NOW)) == "not_found"


def test_there_is_no_link_under_what_is_no_slug() -> None:
    with pytest.raises(NotFound):
        find("../x", deps=Scene().deps)
