"""Tokens of report pages cannot be made up, changed, or used for long."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.ids import CampaignId
from functions.domain.report_token import LIFETIME, ReportToken, ReportTokenCoder
from tests.builders import NOON

CAMPAIGN = CampaignId("cmp_7m2c0000000000aa")
CODER = ReportTokenCoder(b"k" * 32)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001  # UTC below
    lambda at: at.replace(tzinfo=NOON.tzinfo)
)


@given(now=moments)
def test_a_token_names_its_campaign_and_ends_within_an_hour_of_its_lifetime(now: datetime) -> None:
    text, expires = CODER.make(CAMPAIGN, now=now)

    assert CODER.read(text) == ReportToken(campaign_id=CAMPAIGN, expires=expires)
    assert LIFETIME <= expires - now < LIFETIME + timedelta(hours=1)


@given(st.data())
def test_a_token_that_was_changed_is_none(data: st.DataObject) -> None:
    text, _ = CODER.make(CAMPAIGN, now=NOON)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(max_codepoint=0x3000).filter(lambda c: c != text[place]))

    assert CODER.read(text[:place] + other + text[place + 1 :]) is None


@given(st.text(max_size=80))
def test_a_text_that_was_made_up_is_none(text: str) -> None:
    assert CODER.read(text) is None


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "cmp_1.ffffffff.00", "a" * 2_000])
def test_what_is_no_token_is_none(text: str) -> None:
    assert CODER.read(text) is None


def test_a_token_of_another_key_is_none() -> None:
    text, _ = ReportTokenCoder(b"o" * 32).make(CAMPAIGN, now=NOON)

    assert CODER.read(text) is None


def test_a_token_of_another_campaign_or_a_later_hour_cannot_be_put_together() -> None:
    text, _ = CODER.make(CAMPAIGN, now=NOON)
    later, _ = CODER.make(CAMPAIGN, now=NOON + timedelta(days=1))
    mac = text.rpartition(".")[2]

    assert CODER.read(f"{later.rpartition('.')[0]}.{mac}") is None
    assert CODER.read(text.replace(CAMPAIGN, "cmp_other")) is None
