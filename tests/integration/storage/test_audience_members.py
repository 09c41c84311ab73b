"""Members of audiences: whoever is erased is found in whichever shards are written so far."""

import pytest

from functions.domain.audience import answer_id, shard_of
from functions.domain.ids import AudienceId, ContactId
from functions.storage.audience_members import MemberStore

AUDIENCE = AudienceId("aud_1")
JIMIN = ContactId("c-1024")
SHARDS = 4
MINE = shard_of(JIMIN, SHARDS)
OTHERS = tuple(shard for shard in range(SHARDS) if shard != MINE)


def test_members_are_read_sorted() -> None:
    answer = answer_id("20261126T001000-k1", 1, 1)
    MemberStore().save(AUDIENCE, answer, 0, [ContactId("c-2"), ContactId("c-1")])

    assert MemberStore().load(AUDIENCE, answer, 0) == ("c-1", "c-2")


def test_nobody_is_nobody() -> None:
    answer = answer_id("20261126T001000-k2", 1, 1)
    MemberStore().save(AUDIENCE, answer, 0, [])

    assert MemberStore().load(AUDIENCE, answer, 0) == ()


@pytest.mark.parametrize("number", range(SHARDS))
def test_whoever_is_erased_is_found_while_other_shards_are_not_written(number: int) -> None:
    answer = answer_id(f"20261126T00100{number}-k3", 1, SHARDS)
    for shard in (MINE, *OTHERS[:number]):
        MemberStore().save(AUDIENCE, answer, shard, [ContactId("c-1"), JIMIN])

    assert MemberStore().erase(JIMIN) == 1
    assert MemberStore().load(AUDIENCE, answer, MINE) == ("c-1",)


def test_a_shard_that_is_not_written_yet_is_passed_over() -> None:
    answer = answer_id("20261126T001000-k4", 1, SHARDS)
    MemberStore().save(AUDIENCE, answer, OTHERS[0], [ContactId("c-1")])

    assert MemberStore().erase(JIMIN) == 0
