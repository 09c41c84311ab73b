from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.contracts.errors import Unavailable
from functions.domain.batch import Batch, BatchMeta, Recipient, Source
from functions.domain.channel import Channel, Purpose
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.ids import (
    MAIN_ACCOUNT,
    MAX_BATCH_NUMBER,
    AccountName,
    BatchNumber,
    ContactId,
    MessageNumber,
    SenderId,
    TemplateId,
)
from functions.domain.message import MAX_ROUNDS, BatchState, MessageStatus, Receipt, Send
from functions.domain.pricing import Money
from functions.domain.reaction import Reaction
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.settled import settled_at
from functions.domain.text_size import MessageType
from functions.storage.batches import BatchItem, BatchStore
from functions.storage.reactions import ReactionStore
from tests.builders import NOON, a_batch, a_phone
from tests.fakes.stores import FakeBatches
from tests.integration.account import Account
from tests.integration.storage.item_size import WRITE_UNIT_BYTES, item_size

N7 = BatchNumber(7)
Batches = BatchStore | FakeBatches


@pytest.fixture(params=[FakeBatches, BatchStore], ids=["fake", "real"])
def batches(request: pytest.FixtureRequest) -> Batches:
    made: Batches = request.param()
    return made


def test_numbers_reserved_are_nobody_elses(batches: Batches) -> None:
    first = batches.reserve(3)
    second = batches.reserve(1)
    third = batches.reserve(5)

    assert first >= 1
    assert second >= first + 3
    assert third >= second + 1


def test_batch_is_read_as_it_was_written(batches: Batches) -> None:
    one = a_batch(7, size=3)
    other = a_batch(8, not_before=NOON + timedelta(hours=1), variant="b")

    batches.create([one, other])

    assert batches.load(N7) == one
    assert batches.load(BatchNumber(8)) == other
    assert batches.meta(N7) == one.meta
    assert batches.meta(N7, consistent=True) == one.meta


def test_batch_that_is_not_there_is_none(batches: Batches) -> None:
    assert batches.load(N7) is None
    assert batches.meta(N7) is None
    with pytest.raises(LookupError):
        batches.change_state(N7, lambda state: state.with_sends({0: Send.CANCELLED}))


def test_change_is_stored_under_a_new_version(batches: Batches) -> None:
    batches.create([a_batch(7, size=2)])

    stored = batches.change_state(
        N7, lambda state: state.claimed({1: Send.SENDING}, now=NOON, lease_s=40)
    )

    loaded = batches.load(N7)
    assert loaded is not None
    assert loaded.state == stored
    assert loaded.state.version == 1
    assert loaded.state.send_of(1) == Send.SENDING
    assert loaded.state.rounds == (int(NOON.timestamp()),)
    assert loaded.state.lease_until == int(NOON.timestamp()) + 40
    assert loaded.state.attempts == 1


@pytest.mark.parametrize("change", [lambda _: None, lambda state: state], ids=["none", "the same"])
def test_change_of_nothing_is_not_stored(batches: Batches, change: Any) -> None:
    batches.create([a_batch(7)])

    assert batches.change_state(N7, change) is None

    loaded = batches.load(N7)
    assert loaded is not None
    assert loaded.state.version == 0


def test_standings_tell_state_and_price_in_the_order_asked_for(batches: Batches) -> None:
    batches.create([a_batch(number, size=2) for number in (7, 8, 9)])

    found = batches.standings([BatchNumber(n) for n in (9, 99, 7)])

    assert [each.number for each in found] == [9, 7]
    assert found[0].unit_price == Money(minor=18)
    assert found[0].clicks == BatchClicks.none(2)
    assert len(found[0].state) == 2


def test_standings_of_nothing_are_nothing(batches: Batches) -> None:
    assert batches.standings([]) == []


def test_number_is_never_given_twice_under_threads(one_request_at_a_time: None) -> None:
    store = BatchStore()
    store.reserve(1)

    def reserve(count: int) -> range:
        first = store.reserve(count)
        return range(first, first + count)

    counts = [1, 2, 3, 5] * 20
    with ThreadPoolExecutor(8) as pool:
        taken = [number for numbers in pool.map(reserve, counts) for number in numbers]

    assert len(taken) == sum(counts)
    assert len(set(taken)) == len(taken)


def test_numbers_end_where_tracking_codes_do() -> None:
    store = BatchStore()
    BatchItem(0, "COUNTER", counter=MAX_BATCH_NUMBER - 4).save()

    assert store.reserve(2) == MAX_BATCH_NUMBER - 3
    with pytest.raises(Unavailable):
        store.reserve(2)


def test_a_state_that_is_known_is_not_read_again(requests_made: Callable[[], list[str]]) -> None:
    store = BatchStore()
    store.create([a_batch(7, size=2)])
    known = store.change_state(N7, lambda state: state.with_sends({0: Send.SENDING}))
    requests_made()

    stored = store.change_state(N7, lambda s: s.with_sends({0: Send.UNKNOWN}), known=known)

    assert requests_made() == ["UpdateItem"]
    assert stored is not None
    assert stored.version == 2


@pytest.mark.parametrize("send", [Send.CANCELLED, Send.SENDING], ids=["something", "nothing"])
def test_a_known_state_that_is_out_of_date_is_read_anew(batches: Batches, send: int) -> None:
    batches.create([a_batch(7, size=2)])
    batches.change_state(N7, lambda state: state.with_sends({0: Send.SENDING}))
    known = a_batch(7, size=2).state.with_sends({0: send})

    # To what was known this changes nothing, or something; to what is there it does.
    stored = batches.change_state(N7, lambda s: s.with_sends({0: Send.CANCELLED}), known=known)

    assert stored is not None
    assert list(stored.sends()) == [Send.CANCELLED, Send.PENDING]
    assert stored.version == 2


def test_change_starts_over_when_somebody_else_wrote_first() -> None:
    store = BatchStore()
    store.create([a_batch(7, size=3)])
    rivals = iter([Send.CANCELLED, Send.UNKNOWN])
    seen: list[int] = []

    def change(state: BatchState) -> BatchState:
        seen.append(state.version)
        for send in rivals:
            store.change_state(N7, lambda newest: newest.with_sends({0: send}))  # noqa: B023
            break
        return state.with_sends({1: Send.SENDING})

    stored = store.change_state(N7, change)

    assert seen == [0, 1, 2]
    assert stored is not None
    assert list(stored.sends()) == [Send.UNKNOWN, Send.SENDING, Send.PENDING]
    assert stored.version == 3


def test_change_of_two_threads_loses_neither(one_request_at_a_time: None) -> None:
    store = BatchStore()
    store.create([a_batch(7, size=20)])

    def cancel(ordinal: int) -> BatchState | None:
        try:
            return store.change_state(N7, lambda state: state.with_sends({ordinal: Send.CANCELLED}))
        except Unavailable:  # the others kept winning; its caller comes again
            return cancel(ordinal)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(cancel, range(20)))

    loaded = store.load(N7)
    assert loaded is not None
    assert loaded.state.ordinals(Send.CANCELLED) == tuple(range(20))
    assert loaded.state.version == 20


def test_rivals_who_keep_winning_are_given_in_to() -> None:
    store = BatchStore()
    store.create([a_batch(7)])
    sends = iter(range(1000))

    def change(state: BatchState) -> BatchState:
        store.change_state(N7, lambda newest: replace(newest, attempts=next(sends) + 1))
        return state.with_sends({0: Send.SENDING})

    with pytest.raises(Unavailable):
        store.change_state(N7, change)


def a_full_batch(number: int = MAX_BATCH_NUMBER) -> Batch:
    """200 messages of a campaign whose texts differ by name, coupon and link."""
    return Batch(
        meta=BatchMeta(
            number=BatchNumber(number),
            source=Source(kind="campaign", source_id="cmp_0123456789abcdef", part="000499"),
            channel=Channel.SMS,
            purpose=Purpose.ADVERTISING,
            message_type=MessageType.LMS,
            unit_price=Money(minor=45),
            sender_id=SenderId("snd_0123456789abcdef"),
            template_id=TemplateId("tpl_0123456789abcdef"),
            template_version=12,
            size=200,
            created=NOON,
            not_before=NOON + timedelta(hours=20),
            expires=NOON + timedelta(days=3),
        ),
        recipients=tuple(a_long_message(number) for number in range(200)),
        state=BatchState.fresh([Send.PENDING] * 200, now=NOON),
    )


FAMILY = "김이박최정강조윤장임"
GIVEN = ["하늘", "바다", "서연", "지후", "도윤", "하은", "민준", "수아", "예준", "유진", "가람"]
BODY = """(광고)알림상점
{name}님, 늘 알림상점을 찾아 주셔서 고맙습니다.
봄을 맞아 {name}님께만 드리는 특별한 할인 소식을 전합니다. 이번 주 일요일 자정까지 전 상품을
최대 40% 할인된 가격으로 만나 보실 수 있으며, 아래 쿠폰을 함께 쓰시면 5,000원을 더 깎아 드립니다.

▶ 쿠폰 번호: {coupon}
▶ 쓸 수 있는 기간: 2026년 11월 20일부터 2026년 11월 29일까지
▶ 적립금 {points:,}원이 11월 말에 사라질 예정이니 잊지 말고 사용해 주세요.
▶ 매장에서는 이 메시지를 보여 주시기만 하면 됩니다. 온라인에서는 결제 화면에 번호를 넣어 주세요.

자세히 보기: https://go.example.com/{code}
문의: 평일 오전 9시부터 오후 6시까지 02-000-0000
무료수신거부 0800123456"""


def a_long_message(number: int) -> Recipient:
    name = FAMILY[number % 10] + GIVEN[number % 11]
    scrambled = f"{number * 2_654_435_761 % 2**52:013x}"
    text = BODY.format(
        name=name, coupon=scrambled[:10].upper(), points=number * 137 % 50_000, code=scrambled[2:]
    )
    return Recipient(
        contact_id=ContactId(f"customer-{100_000 + number * 7}"),
        phone=a_phone(number * 7919),
        text=text,
        subject=f"{name}님께 봄 할인 소식",
    )


def worn(state: BatchState) -> BatchState:
    """The state after everything that can happen to a batch."""
    for round_ in range(MAX_ROUNDS + 4):
        moment = NOON + timedelta(hours=round_)
        state = state.claimed(
            {round_: Send.SENDING}, now=moment, lease_s=40, account=AccountName("a" * 12)
        )
        state = state.released({round_: state.sent_now})
    held = Send.held(HoldReason.SCHEDULED)
    state = state.released({199: held, 198: Send.failed(FailureReason.OTHER)}, lease_until=2**33)
    report = Receipt(delivered=False, reason=FailureReason.OTHER, at=NOON + timedelta(days=40))
    state = state.with_receipts((ordinal, report) for ordinal in range(198))
    return replace(state, attempts=999, version=99_999)


def raw(account: Account, number: int, kind: str) -> dict[str, Any]:
    key = {"batch": {"N": str(number)}, "kind": {"S": kind}}
    item: dict[str, Any] = account.dynamodb.get_item(
        TableName="allim-test-batches", Key=key, ConsistentRead=True
    )["Item"]
    return item


def test_full_batch_is_read_as_it_was_written() -> None:
    batch = a_full_batch()

    BatchStore().create([batch])

    assert BatchStore().load(batch.meta.number) == batch


def test_account_of_an_attempt_is_kept_and_a_row_of_before_means_the_main_one(
    account: Account,
) -> None:
    BatchStore().create([a_batch(7)])
    second = AccountName("second")
    claim = {0: Send.SENDING}

    stored = BatchStore().change_state(
        N7, lambda s: s.claimed(claim, now=NOON, lease_s=40, account=second)
    )

    loaded = BatchStore().load(N7)
    assert loaded is not None
    assert loaded.state == stored
    assert loaded.state.account == second
    account.dynamodb.update_item(
        TableName="allim-test-batches",
        Key={"batch": {"N": "7"}, "kind": {"S": "STATE"}},
        UpdateExpression="REMOVE w",
    )
    of_before = BatchStore().load(N7)
    assert of_before is not None
    assert of_before.state.account == MAIN_ACCOUNT


def test_state_of_a_full_batch_after_sixteen_rounds_is_one_write_unit(account: Account) -> None:
    batch = a_full_batch()
    BatchStore().create([batch])

    BatchStore().change_state(batch.meta.number, worn)

    item = raw(account, MAX_BATCH_NUMBER, "STATE")
    loaded = BatchStore().load(batch.meta.number)
    assert loaded is not None
    assert len(loaded.state.rounds) == MAX_ROUNDS
    assert len(item["s"]["B"]) == 800
    assert item_size(item) <= WRITE_UNIT_BYTES


def test_state_keeps_everything_of_a_full_batch() -> None:
    batch = a_full_batch()
    BatchStore().create([batch])

    stored = BatchStore().change_state(batch.meta.number, worn)

    loaded = BatchStore().load(batch.meta.number)
    assert loaded is not None
    assert loaded.state == stored
    assert loaded.state.state_of(199).status is MessageStatus.HELD
    assert loaded.state.state_of(3).receipt is not None


@pytest.mark.parametrize("links", [1, 4])
def test_clicks_of_a_full_batch_are_one_write_unit(account: Account, links: int) -> None:
    hits = [
        Hit(ordinal=ordinal, link=link, visitor=visitor, elapsed_s=3_000_000)
        for ordinal in range(200)
        for link in range(links)
        for visitor in Visitor
    ]
    number = BatchNumber(MAX_BATCH_NUMBER)
    BatchStore().create([a_full_batch()])
    opted_out = [(ordinal, Reaction.OPTED_OUT) for ordinal in range(196, 200)]
    for ordinal, reaction in (*opted_out, (199, Reaction.COMPLAINED)):
        message = MessageNumber(batch=number, ordinal=ordinal)
        ReactionStore().of_message(message, reaction, at=NOON)

    BatchStore().change_clicks(number, 200, lambda clicks: clicks.with_hits(hits))

    assert item_size(raw(account, MAX_BATCH_NUMBER, "CLICKS")) <= WRITE_UNIT_BYTES


def test_recipients_of_two_hundred_long_messages_stay_small(account: Account) -> None:
    batch = a_full_batch()

    BatchStore().create([batch])

    item = raw(account, MAX_BATCH_NUMBER, "RECIPIENTS")
    assert all(len(each.text) > 400 for each in batch.recipients)
    assert item_size(item) < 32 * 1024


def test_definition_of_a_batch_is_one_write_unit(account: Account) -> None:
    BatchStore().create([a_full_batch()])

    assert item_size(raw(account, MAX_BATCH_NUMBER, "META")) <= WRITE_UNIT_BYTES


@pytest.mark.parametrize("kind", ["META", "RECIPIENTS", "STATE"])
def test_batch_of_which_a_row_is_missing_is_none(account: Account, kind: str) -> None:
    BatchStore().create([a_batch(7)])

    BatchItem(7, kind).delete()

    assert BatchStore().load(N7) is None


def test_clicks_are_merged_and_counted_with_their_batch() -> None:
    store = BatchStore()
    store.create([a_batch(7, size=2)])
    early, late = (Hit(ordinal=1, link=0, visitor=Visitor.HUMAN, elapsed_s=s) for s in (60, 90))

    store.change_clicks(N7, 2, lambda clicks: clicks.with_hits([late]))
    store.change_clicks(N7, 2, lambda clicks: clicks.with_hits([early]))
    store.change_clicks(N7, 2, lambda clicks: clicks.with_hits([late]))

    (standing,) = store.standings([N7])
    assert standing.clicks.first(1, Visitor.HUMAN) == 60
    assert standing.clicks.count(Visitor.HUMAN) == 1


def test_clicks_that_change_nothing_are_not_written(account: Account) -> None:
    store = BatchStore()
    hit = Hit(ordinal=0, link=0, visitor=Visitor.HUMAN, elapsed_s=60)
    store.change_clicks(N7, 2, lambda clicks: clicks.with_hits([hit]))

    store.change_clicks(N7, 2, lambda clicks: clicks.with_hits([hit]))

    assert raw(account, 7, "CLICKS")["v"] == {"N": "1"}


def test_which_links_were_opened_is_kept_and_forgotten_when_judged_anew(
    account: Account,
) -> None:
    store = BatchStore()
    store.create([a_batch(7, size=2)])
    hit = Hit(ordinal=1, link=3, visitor=Visitor.HUMAN, elapsed_s=60)

    store.change_clicks(N7, 2, lambda clicks: clicks.with_hits([hit]))

    (standing,) = store.standings([N7])
    assert standing.clicks.opened(1, 3)

    machine = replace(hit, visitor=Visitor.MACHINE)
    store.change_clicks(N7, 2, lambda clicks: clicks.judged_anew([machine]))

    (standing,) = store.standings([N7])
    assert not standing.clicks.opened(1, 3)
    assert "k" not in raw(account, 7, "CLICKS")


def a_rival_of(store: BatchStore) -> Iterator[Hit]:
    """Hits that somebody else records just before us."""
    for elapsed_s in (50, 40):
        hit = Hit(ordinal=0, link=0, visitor=Visitor.MACHINE, elapsed_s=elapsed_s)
        store.change_clicks(N7, 2, lambda clicks: clicks.with_hits([hit]))  # noqa: B023
        yield hit


def test_clicks_start_over_when_somebody_else_wrote_first() -> None:
    store = BatchStore()
    rival = a_rival_of(store)

    def change(clicks: BatchClicks) -> BatchClicks:
        next(rival, None)
        return clicks.with_hits([Hit(ordinal=1, link=0, visitor=Visitor.HUMAN, elapsed_s=60)])

    store.change_clicks(N7, 2, change)

    store.create([a_batch(7, size=2)])
    (standing,) = store.standings([N7])
    assert standing.clicks.first(0, Visitor.MACHINE) == 40
    assert standing.clicks.first(1, Visitor.HUMAN) == 60


def test_clicks_of_rivals_who_keep_winning_are_given_in_to() -> None:
    store = BatchStore()
    elapsed = iter(range(60_000, 100, -60))

    def change(clicks: BatchClicks) -> BatchClicks:
        hit = Hit(ordinal=0, link=0, visitor=Visitor.HUMAN, elapsed_s=next(elapsed))
        store.change_clicks(N7, 2, lambda newest: newest.with_hits([hit]))
        return clicks.with_hits([Hit(ordinal=1, link=0, visitor=Visitor.HUMAN, elapsed_s=60)])

    with pytest.raises(Unavailable):
        store.change_clicks(N7, 2, change)


def test_standings_of_many_batches_are_all_read() -> None:
    store = BatchStore()
    store.create([a_batch(number) for number in range(1, 121)])

    found = store.standings([BatchNumber(number) for number in range(1, 121)])

    assert [each.number for each in found] == list(range(1, 121))


def test_times_are_kept_to_the_second_in_utc() -> None:
    moment = datetime(2026, 11, 20, 3, 0, 0, 999_999, tzinfo=UTC)
    BatchStore().create([a_batch(7, created=moment)])

    meta = BatchStore().meta(N7)

    assert meta is not None
    assert meta.created == datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.mark.usefixtures("account")
def test_the_end_of_a_message_is_noted_with_its_moment() -> None:
    store = BatchStore(clock=lambda: NOON + timedelta(hours=2))
    store.create([a_batch(7, size=2)])
    refused = Send.refused(RefusalReason.CAPPED)

    stored = store.change_state(N7, lambda state: state.with_sends({1: refused}))

    loaded = store.load(N7)
    assert loaded is not None
    assert stored is not None
    assert loaded.state.slots == stored.slots
    assert settled_at(loaded.state, 1) == int((NOON + timedelta(hours=2)).timestamp())
    assert settled_at(loaded.state, 0) is None
