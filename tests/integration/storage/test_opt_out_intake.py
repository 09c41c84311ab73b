"""The small rows of opt-out intake: where a sweep stands, and which messages were worked off."""

from datetime import timedelta

import pytest

from functions.domain.sweep import Sweep
from functions.storage.inbox import InboxStore
from functions.storage.requests import RequestItem
from functions.storage.sweeps import SweepStore
from functions.storage.timers import TimerStore
from tests.builders import NOON


@pytest.mark.parametrize(
    "sweep",
    [
        Sweep(),
        Sweep(since=NOON, began=NOON + timedelta(minutes=2), cursor="next", seen=("a", "b")),
        Sweep().after((str(number) * 36 for number in range(3_000)), cursor=None),
    ],
    ids=["new", "under way", "with as many keys as are kept"],
)
def test_sweep_is_read_as_it_was_written(sweep: Sweep) -> None:
    SweepStore().put("solapi", sweep)

    assert SweepStore().get("solapi") == sweep


def test_sweep_that_was_never_written_is_new() -> None:
    assert SweepStore().get("solapi") == Sweep()


def test_sweeps_are_no_timers() -> None:
    SweepStore().put("solapi", Sweep(since=NOON))

    assert list(TimerStore().due_in(NOON)) == []
    assert TimerStore().cursor() is None


def test_message_is_known_once_it_is_remembered() -> None:
    inbox = InboxStore()

    assert not inbox.knows("inbound#1")
    inbox.remember("inbound#1", now=NOON)
    inbox.remember("inbound#1", now=NOON)

    assert inbox.knows("inbound#1")
    assert not inbox.knows("inbound#2")


@pytest.mark.parametrize("key", ["", "긴" * 10_000, "\ud800"], ids=["empty", "long", "surrogate"])
def test_any_name_of_a_message_can_be_remembered(key: str) -> None:
    InboxStore().remember(key, now=NOON)

    assert InboxStore().knows(key)


def test_message_is_forgotten_after_a_month() -> None:
    InboxStore().remember("inbound#1", now=NOON)

    (row,) = RequestItem.scan()
    assert row.expires_at == int((NOON + timedelta(days=30)).timestamp())
    assert "inbound#1" not in row.request_key
