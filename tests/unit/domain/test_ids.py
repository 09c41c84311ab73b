import pytest
from hypothesis import given, strategies as st

from functions.domain.ids import MAX_BATCH_NUMBER, BatchNumber, MessageNumber

numbers = st.builds(
    MessageNumber,
    batch=st.integers(1, MAX_BATCH_NUMBER).map(BatchNumber),
    ordinal=st.integers(0, 199),
)


@given(numbers)
def test_text_form_reads_back_and_fits_every_provider(number: MessageNumber) -> None:
    text = str(number)

    assert MessageNumber.parse(text) == number
    assert len(text) <= 30
    assert set(text) <= set("0123456789abcdefm-")


@given(numbers)
def test_packed_form_reads_back_and_fits_63_bits(number: MessageNumber) -> None:
    assert MessageNumber.unpack(number.packed) == number
    assert number.packed < 2**63


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m-",
        "m-1",
        "m-1-0",
        "m-01-00",
        "M-1-00",
        "m-1-c8",
        "m-1-000",
        "m-100000000-00",
        "m-1-0G",
    ],
)
def test_other_texts_are_no_message(text: str) -> None:
    assert MessageNumber.parse(text) is None


@given(st.text())
def test_any_accepted_text_is_canonical(text: str) -> None:
    number = MessageNumber.parse(text)

    assert number is None or str(number) == text
