"""Histories on the real store: shared pages and a person's own rows tell one story."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.domain.fatigue import Entry
from functions.domain.history import PageName
from functions.domain.ids import BatchNumber, CampaignId, ContactId, MessageNumber
from functions.storage import histories
from functions.storage.contacts import ContactStore
from functions.storage.histories import HistoryStore, PageItem
from functions.storage.recents import RecentStore
from tests.builders import NOON
from tests.integration.account import Account

C1, C2 = ContactId("c1"), ContactId("c2")
Notes = Sequence[tuple[ContactId, MessageNumber]]


def a_number(batch: int, ordinal: int = 0) -> MessageNumber:
    return MessageNumber(batch=BatchNumber(batch), ordinal=ordinal)


def a_page(month: str = "202611", campaign: str = "cmp_1", part: int = 0) -> PageName:
    return PageName(month=month, campaign_id=CampaignId(campaign), part=f"{part:06d}")


def in_month(month: str) -> datetime:
    return datetime.strptime(month, "%Y%m").replace(tzinfo=UTC)


@pytest.mark.parametrize("seed", range(3))
def test_every_message_of_a_contact_is_found_and_no_others(seed: int) -> None:
    chance = random.Random(seed)
    people = [ContactId(f"person-{number}") for number in range(40)]
    expected: defaultdict[ContactId, list[tuple[str, MessageNumber]]] = defaultdict(list)
    batch = 0
    for month in ("202609", "202610", "202611", "202612"):
        for part in range(3):
            batch += 1
            notes = [
                (each, a_number(batch, ordinal))
                for ordinal, each in enumerate(chance.sample(people, 15))
            ]
            HistoryStore().note(a_page(month, "cmp_" + chance.choice("ab"), part), notes)
            batch += 1
            own = {each: a_number(batch, 9) for each in chance.sample(people, 3)}
            ContactStore().remember_sent(own, now=in_month(month))
            for each, number in (*notes, *own.items()):
                expected[each].append((month, number))

    for each in people:
        assert list(HistoryStore().of(each)) == sorted(expected[each], reverse=True)
    assert list(HistoryStore().of(ContactId("stranger"))) == []


def test_a_list_goes_on_from_a_month() -> None:
    for month, batch in (("202609", 1), ("202610", 2), ("202611", 3)):
        HistoryStore().note(a_page(month), [(C1, a_number(batch))])

    assert list(HistoryStore().of(C1, until="202610")) == [
        ("202610", a_number(2)),
        ("202609", a_number(1)),
    ]


def test_advertisements_stand_among_the_others() -> None:
    entry = Entry(
        number=a_number(2).packed, at=int(NOON.timestamp()), channel="sms", template=1, source=1
    )  # type: ignore[arg-type]  # a channel
    RecentStore().take(C1, entry, version=0)
    HistoryStore().note(a_page("202611"), [(C1, a_number(1)), (C1, a_number(3))])

    assert [number.batch for _, number in HistoryStore().of(C1)] == [3, 2, 1]


def test_what_stands_in_both_is_given_once() -> None:
    """As of a merge that died after it wrote the one and before it erased the other."""
    ContactStore().remember_sent({C1: a_number(1)}, now=in_month("202611"))
    HistoryStore().note(a_page("202611"), [(C1, a_number(1))])

    assert list(HistoryStore().of(C1)) == [("202611", a_number(1))]


def test_a_part_noted_again_is_the_same_pages() -> None:
    notes = [(ContactId(f"c{number}"), a_number(1, number)) for number in range(100)]

    HistoryStore().note(a_page(), notes)
    before = {(row.bucket, row.page): row.entries for row in PageItem.scan()}
    HistoryStore().note(a_page(), notes)

    assert {(row.bucket, row.page): row.entries for row in PageItem.scan()} == before


def test_a_part_is_noted_when_all_of_its_pages_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """The worker dies here."""

    def dying(self: Any) -> None:
        raise Killed

    store = HistoryStore()
    assert not store.noted(a_page())
    with monkeypatch.context() as patched:
        patched.setattr(PageItem, "save", dying)
        with pytest.raises(Killed):
            store.note(a_page(), [(C1, a_number(1))])
    assert not store.noted(a_page())

    store.note(a_page(), [(C1, a_number(1))])

    assert store.noted(a_page())
    assert not store.noted(a_page(part=1))


def test_pages_name_nobody(account: Account) -> None:
    HistoryStore().note(a_page(), [(ContactId("somebody"), a_number(1))])

    rows = account.dynamodb.scan(TableName="allim-test-histories")["Items"]

    assert len(rows) == 2
    assert "somebody" not in str(rows)


def test_who_is_erased_is_on_no_page_and_others_are() -> None:
    others = [(ContactId(f"c{number}"), a_number(1, number % 200)) for number in range(2, 600)]
    HistoryStore().note(a_page("202610"), [(C1, a_number(1)), *others])
    HistoryStore().note(a_page("202611"), [(C1, a_number(2)), (C1, a_number(3))])

    assert HistoryStore().erase(C1) == 2

    assert list(HistoryStore().of(C1)) == []
    assert all(list(HistoryStore().of(each)) == [("202610", number)] for each, number in others)
    assert HistoryStore().erase(C1) == 0


def test_two_who_are_erased_at_once_from_one_page_are_both_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = _two_of_a_bucket()
    HistoryStore().note(a_page(), [(one, a_number(1)), (two, a_number(2)), (C2, a_number(3))])
    update, rival = PageItem.update, [two]

    def racing(self: PageItem, *args: Any, **kwargs: Any) -> Any:
        if rival:
            HistoryStore().erase(rival.pop())
        return update(self, *args, **kwargs)

    monkeypatch.setattr(PageItem, "update", racing)

    assert HistoryStore().erase(one) == 1

    assert [list(HistoryStore().of(each)) for each in (one, two)] == [[], []]
    assert len(list(HistoryStore().of(C2))) == 1


def _two_of_a_bucket() -> tuple[ContactId, ContactId]:
    people: dict[int, ContactId] = {}
    for number in range(1_000):
        each = ContactId(f"twin-{number}")
        bucket = histories.bucket_of(histories._mark(each))  # whose page it is
        if bucket in people:
            return people[bucket], each
        people[bucket] = each
    raise AssertionError(people)


def test_two_thousand_messages_are_noted_in_some_250_rows(
    requests_made: Callable[[], list[str]],
) -> None:
    notes = [
        (ContactId(f"customer-{number}"), a_number(number // 200, number % 200))
        for number in range(2_000)
    ]
    requests_made()

    HistoryStore().note(a_page(), notes)

    assert requests_made() == [*["BatchWriteItem"] * 11, "PutItem"]
    rows = [row for row in PageItem.scan() if row.bucket >= 0]
    assert 240 < len(rows) <= 256
    # A row is one write unit.
    assert max(len(row.entries or b"") for row in rows) < 600


def test_a_list_of_the_newest_reads_no_older_pages_than_it_must(
    requests_made: Callable[[], list[str]],
) -> None:
    for month in ("202610", "202611"):
        HistoryStore().note(a_page(month), [(C1, a_number(int(month)))])
    requests_made()

    newest = next(HistoryStore().of(C1))

    assert newest == ("202611", a_number(202611))
    assert requests_made() == ["Query", "Query"]
