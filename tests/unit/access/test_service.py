from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from functions.access.service import AccessDeps, authenticate, make_key, revoke
from functions.contracts.errors import NotFound, Unauthenticated
from functions.domain.api_key import StoredKey
from functions.domain.ids import KeyId
from tests.builders import NOON
from tests.fakes.stores import FakeKeys

SECRET = "s" * 32
TOKEN = f"key_1.{SECRET}"
HALF_A_MINUTE = timedelta(seconds=30)


@dataclass
class World:
    keys: FakeKeys = field(default_factory=FakeKeys)

    def __post_init__(self) -> None:
        self.deps = AccessDeps(keys=self.keys)

    def call(self, authorization: str | None, *, now: datetime = NOON) -> StoredKey:
        return authenticate(authorization, deps=self.deps, now=now)


def a_world(key_id: str = "key_1", *, scopes: tuple[str, ...] = ("send", "read")) -> World:
    world = World()
    made = make_key(key_id=KeyId(key_id), secret=SECRET, name="shop", scopes=scopes, now=NOON)
    world.keys.add(made.key)
    return world


def test_new_key_keeps_only_the_hash_of_its_secret() -> None:
    made = make_key(key_id=KeyId("key_1"), secret=SECRET, name="shop", scopes=["send"], now=NOON)

    assert made.token == TOKEN
    assert made.key.scopes == {"send"}
    assert made.key.created == NOON
    assert SECRET not in str(vars_of(made.key))
    assert SECRET not in repr(made)


def vars_of(key: StoredKey) -> dict[str, object]:
    return {name: getattr(key, name) for name in StoredKey.__dataclass_fields__}


def test_right_token_finds_its_key() -> None:
    key = a_world().call(f"Bearer {TOKEN}")

    assert (key.key_id, key.scopes) == ("key_1", {"send", "read"})


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_spelling_of_the_scheme_does_not_matter(scheme: str) -> None:
    assert a_world().call(f"{scheme} {TOKEN}").key_id == "key_1"


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        "Bearer key_1",
        "Bearer key_1.",
        f"Bearer .{SECRET}",
        f"Bearer key_2.{SECRET}",
        f"Bearer key_1.{SECRET}x",
        f"Bearer key_1.{SECRET[:-1]}",
        f"Bearer key_1.{SECRET.upper()}",
        f"Bearer {TOKEN} {TOKEN}",
        "Bearer key_1.비밀",
        f"Bearer {'k' * 5000}.{SECRET}",
    ],
)
def test_anything_else_is_unauthenticated(authorization: str | None) -> None:
    with pytest.raises(Unauthenticated) as refused:
        a_world().call(authorization)

    assert refused.value.code == "unauthenticated"
    assert SECRET not in refused.value.message


def test_id_that_no_key_can_have_is_not_even_looked_up() -> None:
    world = a_world()

    with pytest.raises(Unauthenticated):
        world.call(f"Bearer {'k' * 5000}.{SECRET}")

    assert world.keys.reads == 0


def test_verified_token_is_remembered_for_half_a_minute() -> None:
    world = a_world()

    world.call(f"Bearer {TOKEN}")
    world.call(f"Bearer {TOKEN}", now=NOON + timedelta(seconds=29))
    world.call(f"Bearer {TOKEN}", now=NOON + HALF_A_MINUTE)

    assert world.keys.reads == 2


def test_wrong_token_is_never_remembered() -> None:
    world = a_world()

    for _ in range(2):
        with pytest.raises(Unauthenticated):
            world.call("Bearer key_1.wrong")

    assert world.keys.reads == 2
    assert world.deps.known == {}


def test_wrong_token_does_not_profit_from_a_right_one_remembered() -> None:
    world = a_world()
    world.call(f"Bearer {TOKEN}")

    with pytest.raises(Unauthenticated):
        world.call("Bearer key_1.wrong")


def test_what_is_remembered_is_not_the_token_itself() -> None:
    world = a_world()

    world.call(f"Bearer {TOKEN}")

    assert not any(SECRET in each for each in world.deps.known)


def test_memory_is_bounded() -> None:
    world = World()
    for number in range(1001):
        made = make_key(key_id=KeyId(f"key_{number}"), secret=SECRET, name="", scopes=[], now=NOON)
        world.keys.add(made.key)
        world.call(f"Bearer {made.token}")

    assert len(world.deps.known) == 1


def test_key_revoked_here_stops_at_once() -> None:
    world = a_world()
    world.call(f"Bearer {TOKEN}")

    revoke(KeyId("key_1"), deps=world.deps, now=NOON)

    with pytest.raises(Unauthenticated):
        world.call(f"Bearer {TOKEN}")


def test_key_revoked_elsewhere_works_less_than_half_a_minute_longer() -> None:
    world = a_world()
    world.call(f"Bearer {TOKEN}")
    world.keys.revoke(KeyId("key_1"), now=NOON)

    assert world.call(f"Bearer {TOKEN}", now=NOON + timedelta(seconds=29)).key_id == "key_1"
    with pytest.raises(Unauthenticated):
        world.call(f"Bearer {TOKEN}", now=NOON + HALF_A_MINUTE)


def test_using_a_key_does_not_prolong_its_memory() -> None:
    world = a_world()
    world.call(f"Bearer {TOKEN}")
    world.keys.revoke(KeyId("key_1"), now=NOON)
    world.call(f"Bearer {TOKEN}", now=NOON + timedelta(seconds=20))

    with pytest.raises(Unauthenticated):
        world.call(f"Bearer {TOKEN}", now=NOON + timedelta(seconds=35))


def test_revoking_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        revoke(KeyId("key_9"), deps=a_world().deps, now=NOON)
