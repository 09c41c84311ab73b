"""Tokens of the preference page: read back whole, never made up, over at a midnight."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.ids import MAX_BATCH_NUMBER, BatchNumber, MessageNumber
from functions.domain.preference_token import (
    LINK_LENGTH,
    MARK,
    MESSAGE_LENGTH,
    LinkToken,
    MessageToken,
    Token,
    TokenCoder,
    fill,
    first_midnight,
)

CODER = TokenCoder(b"k" * 32)
EXPIRES = datetime(2027, 5, 25, tzinfo=UTC)
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
midnights = st.integers(0, (1 << 16) - 1).map(
    lambda day: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
)
numbers = st.builds(
    MessageNumber,
    batch=st.integers(0, MAX_BATCH_NUMBER).map(BatchNumber),
    ordinal=st.integers(0, 255),
)
tokens: st.SearchStrategy[Token] = st.one_of(
    st.builds(MessageToken, number=numbers, expires=midnights),
    st.builds(LinkToken, nonce=st.integers(0, (1 << 64) - 1), expires=midnights),
)


def a_token(batch: int = 7, ordinal: int = 3, expires: datetime = EXPIRES) -> MessageToken:
    number = MessageNumber(batch=BatchNumber(batch), ordinal=ordinal)
    return MessageToken(number=number, expires=expires)


@given(tokens)
def test_a_token_is_read_back_whole(token: Token) -> None:
    assert CODER.decode(CODER.encode(token)) == token


@given(tokens)
def test_a_token_is_short_and_of_letters_and_digits_only(token: Token) -> None:
    text = CODER.encode(token)

    assert re.fullmatch("[0-9A-Za-z]+", text)
    assert len(text) == (MESSAGE_LENGTH if isinstance(token, MessageToken) else LINK_LENGTH) <= 32


@given(tokens, st.data())
def test_a_token_with_any_character_changed_is_refused(token: Token, data: st.DataObject) -> None:
    text = CODER.encode(token)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(ALPHABET).filter(lambda each: each != text[place]))

    assert CODER.decode(text[:place] + other + text[place + 1 :]) is None


@given(st.one_of(st.text(max_size=40), st.text(ALPHABET, min_size=21, max_size=25)))
def test_a_text_that_we_did_not_make_is_refused(text: str) -> None:
    assert CODER.decode(text) is None


@given(tokens)
def test_a_token_of_another_key_is_refused(token: Token) -> None:
    assert TokenCoder(b"?" * 32).decode(CODER.encode(token)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0" * MESSAGE_LENGTH,
        "z" * MESSAGE_LENGTH,
        "0" * LINK_LENGTH,
        "-" * MESSAGE_LENGTH,
        "１" * MESSAGE_LENGTH,
        "가" * LINK_LENGTH,
        "\n" + "0" * 20,
    ],
)
def test_a_hostile_text_is_refused(text: str) -> None:
    assert CODER.decode(text) is None


def test_the_two_kinds_do_not_share_their_macs() -> None:
    short = CODER.encode(a_token(batch=0, ordinal=0))

    assert CODER.decode("0" * (LINK_LENGTH - MESSAGE_LENGTH) + short) is None


@pytest.mark.parametrize(
    "token",
    [
        a_token(batch=MAX_BATCH_NUMBER + 1),
        a_token(batch=-1),
        a_token(ordinal=256),
        a_token(expires=EXPIRES + timedelta(seconds=1)),
        a_token(expires=datetime(1969, 12, 31, tzinfo=UTC)),
        a_token(expires=datetime(2149, 6, 7, tzinfo=UTC)),
    ],
)
def test_makes_no_token_of_what_does_not_fit(token: MessageToken) -> None:
    with pytest.raises(ValueError, match=r"out of range|midnight"):
        CODER.encode(token)


def test_no_digit_of_a_token_tells_whose_it_is() -> None:
    assert CODER.encode(a_token()) != CODER.encode(a_token(ordinal=4))
    assert len({CODER.encode(a_token(ordinal=i)) for i in range(200)}) == 200


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_first_midnight_is_not_before_the_moment(moment: datetime) -> None:
    midnight = first_midnight(moment)

    assert timedelta() <= midnight - moment < timedelta(days=1)
    assert first_midnight(midnight) == midnight


def test_the_mark_is_as_long_as_the_token_and_gives_way_to_it() -> None:
    token = CODER.encode(a_token())

    assert len(MARK) == len(token)
    assert fill(f"see /p/{MARK} now", token_of=lambda: token) == f"see /p/{token} now"


def test_no_token_is_made_for_a_text_without_the_mark() -> None:
    def never() -> str:
        raise AssertionError

    assert fill("no mark", token_of=never) == "no mark"
