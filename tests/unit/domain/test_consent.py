from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from functions.domain.consent import (
    GENESIS,
    ConsentAction,
    ConsentKey,
    ConsentRecord,
    chain_breaks,
)
from functions.domain.ids import ContactId
from tests.builders import SMS_ADS


def a_chain(length: int) -> list[ConsentRecord]:
    chain, previous = [], GENESIS
    for seq in range(1, length + 1):
        record = ConsentRecord(
            contact_id=ContactId("c1"),
            seq=seq,
            key=SMS_ADS,
            action=ConsentAction.GRANT if seq % 2 else ConsentAction.WITHDRAW,
            at=datetime(2026, 1, seq, tzinfo=UTC),
            source="api",
            actor="key_1",
            text_version="v1",
            previous=previous,
        )
        previous = record.digest
        chain.append(record)
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


def test_the_newest_row_is_what_is_in_force() -> None:
    granted, withdrawn = a_chain(2)

    assert granted.consent.granted
    assert not withdrawn.consent.granted


def test_key_reads_back() -> None:
    assert ConsentKey.parse(str(SMS_ADS)) == SMS_ADS


@pytest.mark.parametrize("text", ["", "sms", "sms:", "fax:advertising", "sms:anything"])
def test_unknown_keys_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        ConsentKey.parse(text)
