"""Codes of tracked links: short, unique, not to be guessed."""

import random
import string

import pytest
from hypothesis import assume, given, strategies as st

from functions.domain.tracking_code import CODE_LENGTH, Coder, Target

KEY = bytes(range(32))
CODER = Coder(KEY)
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase

BATCHES = st.integers(0, 2**32 - 1)
ORDINALS = st.integers(0, 255)
LINKS = st.integers(0, 7)


def number_of(code: str) -> int:
    """Read base62 the slow way."""
    number = 0
    for digit in code:
        number = number * 62 + BASE62.index(digit)
    return number


def code_of(number: int) -> str:
    """Write base62 the slow way."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits.rjust(CODE_LENGTH, "0")


@given(BATCHES, ORDINALS, LINKS)
def test_reads_back_what_it_made(batch: int, ordinal: int, link: int) -> None:
    code = CODER.encode(batch, ordinal, link)

    assert CODER.decode(code) == Target(batch=batch, ordinal=ordinal, link=link)


@pytest.mark.parametrize("batch", [0, 1, 2**32 - 1])
@pytest.mark.parametrize("ordinal", [0, 199, 255])
@pytest.mark.parametrize("link", [0, 7])
def test_reads_back_the_ends_of_the_ranges(batch: int, ordinal: int, link: int) -> None:
    assert CODER.decode(CODER.encode(batch, ordinal, link)) == (batch, ordinal, link)


@given(BATCHES, ORDINALS, LINKS)
def test_is_eleven_base62_characters(batch: int, ordinal: int, link: int) -> None:
    code = CODER.encode(batch, ordinal, link)

    assert len(code) == CODE_LENGTH == 11
    assert set(code) <= set(BASE62)


@given(BATCHES, ORDINALS, LINKS)
def test_carries_the_target_above_22_bits_of_mac(batch: int, ordinal: int, link: int) -> None:
    number = number_of(CODER.encode(batch, ordinal, link))

    assert number >> 22 == (batch * 256 + ordinal) * 8 + link


def test_codes_in_messages_under_way_stay_valid() -> None:
    # Codes live in phones for years: this one must be read by every later version.
    code = CODER.encode(123_456, 77, 3)

    assert code == "004r8N6LxtW"


@pytest.mark.parametrize(
    ("batch", "ordinal", "link"),
    [(2**32, 0, 0), (-1, 0, 0), (0, 256, 0), (0, -1, 0), (0, 0, 8), (0, 0, -1)],
)
def test_makes_no_code_of_numbers_that_do_not_fit(batch: int, ordinal: int, link: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        CODER.encode(batch, ordinal, link)


@pytest.mark.parametrize("length", [0, 15, 33])
def test_takes_no_key_of_another_length(length: int) -> None:
    with pytest.raises(ValueError, match="16 to 32 bytes"):
        Coder(b"k" * length)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("", id="empty"),
        pytest.param("0", id="one-digit"),
        pytest.param("00000000000", id="zeros"),
        pytest.param("zzzzzzzzzzz", id="more-than-65-bits"),
        pytest.param("0000000000-", id="hyphen"),
        pytest.param("0000000000_", id="underscore"),
        pytest.param("0000000000 ", id="space"),
        pytest.param("0000000000\n", id="line-break"),
        pytest.param("0000000000\x00", id="nul"),
        pytest.param("0000000000가", id="hangul"),
        pytest.param("0000000000\u00e9", id="accented-letter"),
        pytest.param("0000000000\uff11", id="full-width-digit"),
        pytest.param("0000000000\u00b2", id="superscript"),
        pytest.param("0000000000\ud800", id="lone-surrogate"),
    ],
)
def test_reads_nothing_from_what_is_no_code(code: str) -> None:
    assert CODER.decode(code) is None


@given(BATCHES, ORDINALS, LINKS, st.integers(0, 10))
def test_reads_nothing_from_a_truncated_code(
    batch: int, ordinal: int, link: int, length: int
) -> None:
    code = CODER.encode(batch, ordinal, link)

    assert CODER.decode(code[:length]) is None
    assert CODER.decode(code[-length:] if length else "") is None


@given(BATCHES, ORDINALS, LINKS, st.text(alphabet=BASE62 + " =/?", min_size=1, max_size=4))
def test_reads_nothing_from_an_over_long_code(
    batch: int, ordinal: int, link: int, excess: str
) -> None:
    code = CODER.encode(batch, ordinal, link)

    assert CODER.decode(code + excess) is None
    assert CODER.decode(excess + code) is None


@given(BATCHES, ORDINALS, LINKS)
def test_reads_nothing_from_a_number_above_65_bits(batch: int, ordinal: int, link: int) -> None:
    number = number_of(CODER.encode(batch, ordinal, link)) + 2**65
    assume(number < 62**11)

    assert CODER.decode(code_of(number)) is None


def test_accepts_no_code_with_one_character_changed() -> None:
    # One in 2**22 would be accepted by chance; these 20,000 are fixed and hold none.
    chance = random.Random(20261122)
    for _ in range(20_000):
        code = CODER.encode(chance.getrandbits(32), chance.getrandbits(8), chance.getrandbits(3))
        place = chance.randrange(CODE_LENGTH)
        other = chance.choice(BASE62.replace(code[place], ""))

        assert CODER.decode(code[:place] + other + code[place + 1 :]) is None


def test_accepts_no_forged_code() -> None:
    chance = random.Random(20261123)
    for _ in range(20_000):
        assert CODER.decode(code_of(chance.getrandbits(65))) is None


@pytest.mark.parametrize("bit", range(22))
def test_every_bit_of_the_mac_counts(bit: int) -> None:
    number = number_of(CODER.encode(123_456, 77, 3))

    assert CODER.decode(code_of(number ^ 1 << bit)) is None


@given(st.text(alphabet=BASE62, min_size=11, max_size=11) | st.text(max_size=12))
def test_an_accepted_code_is_the_only_one_of_its_target(code: str) -> None:
    target = CODER.decode(code)

    assert target is None or CODER.encode(*target) == code


@given(st.binary(min_size=16, max_size=32), BATCHES, ORDINALS, LINKS)
def test_another_key_rejects_the_code(key: bytes, batch: int, ordinal: int, link: int) -> None:
    code = CODER.encode(batch, ordinal, link)

    # blake2s pads keys with zeros but also hashes their length, so no two keys are one.
    assert (Coder(key).decode(code) is None) is (key != KEY)


def test_a_coder_keeps_no_state_between_codes() -> None:
    first = CODER.encode(1, 2, 3)
    CODER.decode("0" * 11)
    CODER.encode(4, 5, 6)

    assert CODER.encode(1, 2, 3) == first
