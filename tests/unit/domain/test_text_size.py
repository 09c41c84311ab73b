"""Sizes and characters as Korean carriers see them."""

import pytest
from hypothesis import example, given, strategies as st

from functions.domain.text_size import (
    Change,
    MessageType,
    SizeFault,
    SizeProblem,
    UnsendableText,
    check_size,
    normalise,
    size_bytes,
    text_type,
    uncertain,
    unsendable,
)

HANGUL_SYLLABLES = [chr(point) for point in range(0xAC00, 0xD7A4)]
ANY_TEXT = st.text()
TROUBLE = st.text(
    alphabet=st.sampled_from(
        "가똠a 1\n\r\t\x00\x0b\u1100\u1161\u11a8"
        "\u00a0\u2013\u2022\u200b\u2028\u20a9\u2713\u2764\ufe0f\u00e9\U0001f600\ud800"
    )
)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("Sale", 4, id="ascii"),
        pytest.param("봄 세일", 7, id="hangul-and-space"),
        pytest.param("똠뷁햏펲", 8, id="syllables-outside-ks-x-1001"),
        pytest.param("♥★☎①㎡㈜…·€®™", 22, id="signs"),
        pytest.param("\uffe61,000", 7, id="full-width-won"),
        pytest.param("a\nb", 3, id="line-feed"),
        pytest.param("a\r\nb", 4, id="carriage-return-and-line-feed"),
    ],
)
def test_counts_bytes_as_carriers_do(text: str, size: int) -> None:
    assert size_bytes(text) == size


def test_counts_two_bytes_for_every_hangul_syllable() -> None:
    assert {size_bytes(syllable) for syllable in HANGUL_SYLLABLES} == {2}


def test_names_each_unsendable_character_once_in_order() -> None:
    with pytest.raises(UnsendableText) as caught:
        size_bytes("\U0001f600 봄 \u00e9\U0001f600")

    assert caught.value.characters == ("\U0001f600", "\u00e9")
    assert str(caught.value) == "U+1F600 U+00E9"


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\ud800", "\u200b", "\U0001f44b"],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_refuses_what_a_carrier_cannot_show(character: str) -> None:
    assert unsendable(f"봄{character}") == (character,)


def test_finds_nothing_unsendable_in_plain_text() -> None:
    assert unsendable("봄 세일\n~3/31") == ()


@given(ANY_TEXT | TROUBLE)
def test_text_is_measurable_exactly_when_nothing_in_it_is_unsendable(text: str) -> None:
    named = unsendable(text)

    if named:
        with pytest.raises(UnsendableText) as caught:
            size_bytes(text)
        assert caught.value.characters == named
    else:
        assert size_bytes(text) >= len(text)


@given(TROUBLE, TROUBLE)
def test_sizes_add_up(first: str, second: str) -> None:
    sendable = [part for part in (first, second) if not unsendable(part)]

    assert size_bytes("".join(sendable)) == sum(size_bytes(part) for part in sendable)


def test_warns_of_syllables_that_only_the_extension_has() -> None:
    assert uncertain("펲시 똠양 펲 \U0001f600") == ("펲", "똠")


def test_finds_no_doubt_in_common_syllables() -> None:
    assert uncertain("안녕하세요 \u20a91,000 \U0001f600") == ()


def test_knows_the_2350_syllables_of_ks_x_1001() -> None:
    assert len(HANGUL_SYLLABLES) - len(uncertain("".join(HANGUL_SYLLABLES))) == 2_350


@pytest.mark.parametrize("syllable", ["가", "힝"])
def test_edge_syllables_of_the_standard_are_certain(syllable: str) -> None:
    assert uncertain(syllable) == ()


@pytest.mark.parametrize(
    ("original", "replacement"),
    [
        pytest.param("\u20a9", "\uffe6", id="won"),
        pytest.param("\u2013", "-", id="en-dash"),
        pytest.param("\u2014", "-", id="em-dash"),
        pytest.param("\u2212", "-", id="minus"),
        pytest.param("\u00a0", " ", id="no-break-space"),
        pytest.param("\t", " ", id="tab"),
        pytest.param("\u2022", "·", id="bullet"),
        pytest.param("\u30fb", "·", id="katakana-middle-dot"),
        pytest.param("\u2713", "√", id="check-mark"),
        pytest.param("\u2764", "♥", id="heart"),
        pytest.param("\u00a9", "(C)", id="copyright"),
        pytest.param("\u2776", "①", id="black-circled-one"),
        pytest.param("\u2780", "①", id="sans-serif-circled-one"),
        pytest.param("\u278a", "①", id="black-sans-serif-one"),
        pytest.param("\u2794", "→", id="heavy-arrow"),
        pytest.param("\u2793", "⑩", id="black-sans-serif-ten"),
        pytest.param("\u200b", "", id="zero-width-space"),
        pytest.param("\u200d", "", id="zero-width-joiner"),
        pytest.param("\ufe0f", "", id="variation-selector-16"),
        pytest.param("\ufeff", "", id="byte-order-mark"),
        pytest.param("\u2028", "\n", id="line-separator"),
        pytest.param("\x0b", "\n", id="vertical-tab"),
        pytest.param("\r\n", "\n", id="carriage-return-and-line-feed"),
        pytest.param("\r", "\n", id="carriage-return"),
        pytest.param("\u1112\u1161\u11ab", "한", id="decomposed-syllable"),
        pytest.param("\u1100\u1161", "가", id="decomposed-syllable-without-final"),
    ],
)
def test_replaces_by_the_nearest_sign_and_says_so(original: str, replacement: str) -> None:
    normalised = normalise(f"봄{original}꽃{original}")

    assert normalised.text == f"봄{replacement}꽃{replacement}"
    assert normalised.changes == (Change(original=original, replacement=replacement, count=2),)


def test_lists_each_kind_of_change() -> None:
    normalised = normalise("a\r\nb\rc \u2013\u2022\u2013 \u1112\u1161\u11ab")

    assert normalised.text == "a\nb\nc -·- 한"
    assert normalised.changes == (
        Change(original="\r\n", replacement="\n", count=1),
        Change(original="\r", replacement="\n", count=1),
        Change(original="\u1112\u1161\u11ab", replacement="한", count=1),
        Change(original="\u2013", replacement="-", count=2),
        Change(original="\u2022", replacement="·", count=1),
    )


def test_leaves_what_has_no_near_sign_to_be_reported() -> None:
    normalised = normalise("\u2764\ufe0f caf\u00e9 \U0001f600")

    assert normalised.text == "♥ caf\u00e9 \U0001f600"
    assert unsendable(normalised.text) == ("\u00e9", "\U0001f600")


@given(st.text(alphabet=st.characters(codec="cp949", exclude_categories=["Cc"])))
def test_leaves_sendable_text_alone(text: str) -> None:
    normalised = normalise(text)

    assert normalised.text == text
    assert normalised.changes == ()


@given(ANY_TEXT | TROUBLE)
@example("\u1100\ufe00\u1161")
def test_normalising_again_changes_nothing(text: str) -> None:
    once = normalise(text).text

    assert normalise(once).text == once
    assert normalise(once).changes == ()


@given(ANY_TEXT | TROUBLE)
def test_every_replacement_is_sendable(text: str) -> None:
    changes = normalise(text).changes

    assert unsendable("".join(change.replacement for change in changes)) == ()


@given(ANY_TEXT | TROUBLE)
def test_normalising_makes_nothing_unsendable_that_was_not(text: str) -> None:
    before, after = unsendable(text), unsendable(normalise(text).text)

    assert set(after) <= set(before)


def test_every_known_lookalike_becomes_sendable() -> None:
    # The whole Basic Multilingual Plane: what is replaced at all is replaced by something good.
    plane = "".join(chr(point) for point in range(0x10000))

    normalised = normalise(plane)

    assert "" not in {change.original for change in normalised.changes}
    assert all(change.original not in normalised.text for change in normalised.changes)
    assert not any(unsendable(change.replacement) for change in normalised.changes)


@pytest.mark.parametrize(
    ("text", "subject", "has_image", "expected"),
    [
        pytest.param("가" * 45, None, False, MessageType.SMS, id="90-bytes"),
        pytest.param("가" * 45 + "a", None, False, MessageType.LMS, id="91-bytes"),
        pytest.param("가", "", False, MessageType.SMS, id="empty-subject"),
        pytest.param("가", "제목", False, MessageType.LMS, id="subject"),
        pytest.param("가", None, True, MessageType.MMS, id="image"),
        pytest.param("가" * 45 + "a", "제목", True, MessageType.MMS, id="image-and-subject"),
    ],
)
def test_chooses_the_type_by_bytes_subject_and_image(
    text: str,
    subject: str | None,
    has_image: bool,
    expected: MessageType,
) -> None:
    assert text_type(text, subject=subject, has_image=has_image) is expected


def test_chooses_no_type_for_unsendable_text() -> None:
    with pytest.raises(UnsendableText):
        text_type("\U0001f600", has_image=True)


@given(TROUBLE)
def test_chosen_sms_always_fits(text: str) -> None:
    sendable = "".join(character for character in text if not unsendable(character)) * 9

    message_type = text_type(sendable)

    assert message_type is MessageType.LMS or check_size(message_type, sendable) == ()


@pytest.mark.parametrize(
    ("message_type", "text", "subject"),
    [
        pytest.param(MessageType.SMS, "a" * 90, None, id="sms"),
        pytest.param(MessageType.LMS, "가" * 1_000, "가" * 20, id="lms"),
        pytest.param(MessageType.MMS, "가" * 1_000, "a" * 40, id="mms"),
        pytest.param(MessageType.ALIMTALK, "\U0001f600" * 1_000, None, id="alimtalk"),
    ],
)
def test_accepts_a_message_at_the_limit(
    message_type: MessageType, text: str, subject: str | None
) -> None:
    assert check_size(message_type, text, subject=subject) == ()


@pytest.mark.parametrize(
    ("message_type", "text", "subject", "fault", "size", "limit"),
    [
        (MessageType.SMS, "a" * 91, None, SizeFault.TEXT_TOO_LONG, 91, 90),
        (MessageType.LMS, "가" * 1_000 + "a", None, SizeFault.TEXT_TOO_LONG, 2_001, 2_000),
        (MessageType.MMS, "a" * 2_001, None, SizeFault.TEXT_TOO_LONG, 2_001, 2_000),
        (MessageType.ALIMTALK, "가" * 1_301, None, SizeFault.TEXT_TOO_LONG, 1_301, 1_300),
        (MessageType.ALIMTALK, "가" * 1_300, None, SizeFault.TEXT_NEAR_LIMIT, 1_300, 1_000),
        (MessageType.ALIMTALK, "가" * 1_001, None, SizeFault.TEXT_NEAR_LIMIT, 1_001, 1_000),
        (MessageType.SMS, "a", "제목", SizeFault.SUBJECT_NOT_ALLOWED, 2, 0),
        (MessageType.ALIMTALK, "a", "\U0001f600", SizeFault.SUBJECT_NOT_ALLOWED, 1, 0),
        (MessageType.LMS, "a", "가" * 20 + "a", SizeFault.SUBJECT_TOO_LONG, 41, 40),
        (MessageType.MMS, "a", "a" * 41, SizeFault.SUBJECT_TOO_LONG, 41, 40),
    ],
)
def test_reports_what_is_over_the_limit(
    message_type: MessageType,
    text: str,
    subject: str | None,
    fault: SizeFault,
    size: int,
    limit: int,
) -> None:
    problems = check_size(message_type, text, subject=subject)

    assert problems == (SizeProblem(fault=fault, size=size, limit=limit),)


def test_reports_all_problems_at_once() -> None:
    problems = check_size(MessageType.LMS, "a" * 2_001, subject="a" * 41)

    assert [problem.fault for problem in problems] == [
        SizeFault.TEXT_TOO_LONG,
        SizeFault.SUBJECT_TOO_LONG,
    ]


def test_only_the_drafting_limit_does_not_block() -> None:
    blocking = {fault for fault in SizeFault if SizeProblem(fault=fault, size=2, limit=1).blocks}

    assert set(SizeFault) - blocking == {SizeFault.TEXT_NEAR_LIMIT}


@pytest.mark.parametrize("message_type", [MessageType.SMS, MessageType.LMS, MessageType.MMS])
def test_cannot_check_what_cannot_be_measured(message_type: MessageType) -> None:
    with pytest.raises(UnsendableText):
        check_size(message_type, "\U0001f600")


def test_cannot_check_a_subject_that_cannot_be_measured() -> None:
    with pytest.raises(UnsendableText):
        check_size(MessageType.LMS, "봄", subject="\U0001f600")


def test_types_have_stable_names() -> None:
    assert [str(message_type) for message_type in MessageType] == ["sms", "lms", "mms", "alimtalk"]
