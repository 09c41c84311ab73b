import base64
from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.contracts.errors import InvalidInput
from functions.runtime import cursor
from tests.builders import NOON

_DAY = timedelta(days=1)
_FORGED = ["", "x", "=", "====", "a" * 500, "가", "\ud800", "-_-_", "%00", "\x00"]


@pytest.fixture(scope="module", autouse=True)
def key() -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cursor, "derived_key", lambda purpose: purpose.encode().ljust(32, b"."))
        yield


def test_a_position_comes_back_as_it_was_sealed() -> None:
    sealed = cursor.seal({"id": "c1", "n": 7}, of="contacts", now=NOON)

    assert cursor.unseal(sealed, of="contacts", now=NOON) == {"id": "c1", "n": 7}


@given(st.dictionaries(st.text(), st.text() | st.integers()), st.text())
def test_any_position_of_any_list_comes_back(position: dict[str, object], name: str) -> None:
    sealed = cursor.seal(position, of=name, now=NOON)

    assert cursor.unseal(sealed, of=name, now=NOON) == position


def test_the_end_of_a_list_has_no_cursor() -> None:
    assert cursor.seal(None, of="contacts", now=NOON) is None
    assert cursor.unseal(None, of="contacts", now=NOON) is None


def test_a_cursor_is_safe_in_a_url() -> None:
    sealed = cursor.seal({"after": "가/나+다?&="}, of="contacts", now=NOON) or ""

    assert set(sealed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    ("age", "good"),
    [(timedelta(0), True), (_DAY, True), (_DAY + timedelta(seconds=1), False)],
    ids=["new", "a day", "older"],
)
def test_a_cursor_lasts_for_a_day(age: timedelta, good: bool) -> None:
    sealed = cursor.seal({"after": "c1"}, of="contacts", now=NOON)

    assert (_problem(sealed, now=NOON + age) is None) == good


@pytest.mark.parametrize("forged", _FORGED)
def test_refuses_a_cursor_that_is_made_up(forged: str) -> None:
    assert _problem(forged) == "The cursor is not a cursor of this list."


@given(st.text(max_size=100))
def test_refuses_any_text_that_is_made_up(forged: str) -> None:
    assert _problem(forged) == "The cursor is not a cursor of this list."


@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=1, max_value=255))
def test_refuses_a_cursor_with_any_byte_changed(place: int, change: int) -> None:
    sealed = cursor.seal({"after": "c1"}, of="contacts", now=NOON) or ""
    raw = bytearray(base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)))
    raw[place % len(raw)] ^= change

    assert _problem(base64.urlsafe_b64encode(bytes(raw)).decode()) is not None


def test_refuses_a_cursor_of_another_list() -> None:
    sealed = cursor.seal({"after": "c1"}, of="senders", now=NOON)

    assert _problem(sealed) == "The cursor is not a cursor of this list."


def test_refuses_a_cursor_that_another_key_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = cursor.seal({"after": "c1"}, of="contacts", now=NOON)

    monkeypatch.setattr(cursor, "derived_key", lambda _: b"?" * 32)

    assert _problem(sealed) == "The cursor is not a cursor of this list."


def test_says_which_parameter_is_wrong() -> None:
    with pytest.raises(InvalidInput) as raised:
        cursor.unseal("x", of="contacts", now=NOON)

    (error,) = raised.value.errors
    assert (error.pointer, error.code) == ("/query/cursor", "invalid_cursor")


def _problem(sealed: str | None, *, now: datetime = NOON) -> str | None:
    try:
        cursor.unseal(sealed, of="contacts", now=now)
    except InvalidInput as error:
        return error.errors[0].message
    return None
