from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.consent import (
    GENESIS,
    Basis,
    ConsentAction,
    ConsentKey,
    ConsentRecord,
    chain_breaks,
    fold,
    months_after,
)
from functions.domain.ids import ContactId
from tests.builders import SMS_ADS

ACTIONS = st.sampled_from(ConsentAction)
BASES = st.sampled_from(Basis)


def a_row(action: ConsentAction = ConsentAction.GRANT, **values: object) -> ConsentRecord:
    facts: dict[str, object] = {
        "contact_id": ContactId("c1"),
        "subject": "0f",
        "seq": 1,
        "key": SMS_ADS,
        "action": action,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "recorded": datetime(2026, 6, 1, tzinfo=UTC),
        "source": "api",
        "actor": "key_1",
        "text_version": "v1",
        "previous": GENESIS,
    }
    return ConsentRecord(**(facts | values))  # type: ignore[arg-type]


def a_trade(goods: str = "books", **values: object) -> ConsentRecord:
    return a_row(basis=Basis.TRANSACTION, goods=goods, **values)


def a_chain(length: int) -> list[ConsentRecord]:
    chain, previous = [], GENESIS
    for seq in range(1, length + 1):
        action = ConsentAction.GRANT if seq % 2 else ConsentAction.WITHDRAW
        at = datetime(2026, 1, seq, tzinfo=UTC)
        chain.append(a_row(action, seq=seq, at=at, previous=previous))
        previous = chain[-1].digest
    return chain


def test_a_whole_chain_has_no_breaks() -> None:
    assert chain_breaks(a_chain(5)) == ()


def test_a_changed_row_breaks_the_one_after_it() -> None:
    chain = a_chain(4)
    chain[1] = replace(chain[1], action=ConsentAction.GRANT)

    assert chain_breaks(chain) == (3,)


@given(st.integers(0, 3))
def test_a_missing_row_shows(missing: int) -> None:
    chain = a_chain(5)
    del chain[missing]

    assert chain_breaks(chain)


def test_the_personal_values_of_a_row_can_be_erased_without_breaking_the_chain() -> None:
    row = a_row(ip="192.0.2.1", ip_hash="1f")

    erased = replace(row, contact_id=ContactId("erased"), ip="")

    assert erased.digest == row.digest


@pytest.mark.parametrize(
    "change",
    [{"subject": "1f"}, {"ip_hash": "2f"}, {"text_hash": "3f"}, {"goods": "shoes"}],
    ids=lambda change: next(iter(change)),
)
def test_every_value_of_evidence_counts(change: dict[str, str]) -> None:
    assert replace(a_row(), **change).digest != a_row().digest


def test_the_newest_row_is_what_is_in_force() -> None:
    granted, withdrawn = a_chain(2)

    assert fold([granted])[SMS_ADS].granted
    assert not fold([granted, withdrawn])[SMS_ADS].granted


@pytest.mark.parametrize(
    "action", [ConsentAction.GRANT, ConsentAction.WITHDRAW, ConsentAction.IMPORT]
)
def test_what_is_in_force_names_its_row_and_moment(action: ConsentAction) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)

    consent = fold([a_row(action, seq=7, at=at)])[SMS_ADS]

    assert (consent.seq, consent.at) == (7, at)
    assert consent.granted == (action is not ConsentAction.WITHDRAW)
    assert consent.imported == (action is ConsentAction.IMPORT)


def test_a_transaction_names_its_row_and_moment() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)

    consent = fold([a_trade(action=ConsentAction.IMPORT, seq=7, at=at)])[SMS_ADS]

    assert (consent.seq, consent.at, consent.basis) == (7, at, Basis.TRANSACTION)
    assert consent.imported is True


def test_a_transaction_does_not_outweigh_a_withdrawal() -> None:
    rows = [a_row(ConsentAction.WITHDRAW), a_trade(seq=2)]

    assert not fold(rows)[SMS_ADS].granted


def test_a_transaction_does_not_narrow_an_explicit_consent() -> None:
    assert fold([a_row(), a_trade(seq=2)])[SMS_ADS].basis is Basis.EXPLICIT


def test_a_transaction_allows_its_kind_of_goods_for_six_months() -> None:
    consent = fold([a_trade("books", at=datetime(2026, 8, 31, 9, tzinfo=UTC))])[SMS_ADS]
    end = datetime(2027, 2, 28, 9, tzinfo=UTC)

    assert consent.permits(goods="books", now=end - timedelta(seconds=1))
    assert not consent.permits(goods="books", now=end)
    assert not consent.permits(goods="shoes", now=datetime(2026, 9, 1, tzinfo=UTC))
    assert not consent.permits(goods=None, now=datetime(2026, 9, 1, tzinfo=UTC))


def test_an_older_transaction_does_not_shorten_the_time() -> None:
    newer, older = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)

    consent = fold([a_trade(at=newer), a_trade(at=older, seq=2)])[SMS_ADS]

    assert consent.trades == {"books": datetime(2027, 2, 1, tzinfo=UTC)}


def test_confirming_keeps_since_when_it_was_agreed() -> None:
    later = datetime(2027, 12, 1, tzinfo=UTC)

    consent = fold([a_row(), a_row(ConsentAction.CONFIRM, seq=2, at=later)])[SMS_ADS]

    assert (consent.at, consent.confirmed) == (datetime(2026, 1, 1, tzinfo=UTC), later)
    assert consent.seq == 2


def test_confirming_what_was_never_agreed_to_agrees_to_nothing() -> None:
    assert fold([a_row(ConsentAction.CONFIRM)]) == {}


def test_what_another_system_says_is_not_the_persons_own_word() -> None:
    assert fold([a_row(ConsentAction.IMPORT)])[SMS_ADS].explicitly_granted is False
    assert fold([a_row()])[SMS_ADS].explicitly_granted is True


@given(st.lists(st.tuples(ACTIONS, BASES)))
def test_after_a_withdrawal_only_a_new_explicit_word_permits(steps) -> None:
    rows = [
        a_row(action, basis=basis, goods="books", seq=seq)
        for seq, (action, basis) in enumerate(steps, start=1)
    ]
    last_no = max(
        (i for i, row in enumerate(rows) if row.action is ConsentAction.WITHDRAW), default=-1
    )
    words = {ConsentAction.GRANT, ConsentAction.IMPORT}
    agreed_since = any(
        row.action in words and row.basis is Basis.EXPLICIT for row in rows[last_no + 1 :]
    )

    consent = fold(rows).get(SMS_ADS)
    permits = consent is not None and consent.permits(
        goods="other", now=datetime(2026, 2, 1, tzinfo=UTC)
    )

    assert permits == agreed_since


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ((2027, 8, 31), (2028, 2, 29)),
        ((2026, 8, 29), (2027, 2, 28)),
        ((2026, 6, 30), (2026, 12, 30)),
        ((2026, 7, 15), (2027, 1, 15)),
    ],
)
def test_six_months_later(start: tuple[int, int, int], end: tuple[int, int, int]) -> None:
    assert months_after(datetime(*start, tzinfo=UTC), 6) == datetime(*end, tzinfo=UTC)


def test_key_reads_back() -> None:
    assert ConsentKey.parse(str(SMS_ADS)) == SMS_ADS


@pytest.mark.parametrize(
    "text", ["", "sms", "sms:", "fax:advertising", "sms:anything", "sms:sms:advertising"]
)
def test_unknown_keys_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        ConsentKey.parse(text)
