"""What is posted to the page: a choice, one click, or nothing that is known."""

import pytest
from hypothesis import given, strategies as st

from functions.domain.channel import Channel
from functions.domain.preferences import Choice
from functions.preferences.form import MAX_CHARS, OneClick, read

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b0undary"
CLICK = (
    "--b0undary\r\n"
    'Content-Disposition: form-data; name="List-Unsubscribe"\r\n'
    "\r\n"
    "One-Click\r\n"
    "--b0undary--\r\n"
)


def test_reads_a_choice() -> None:
    assert read("refuse=all", content_type=FORM) == Choice()
    assert read("refuse=sms%3Anight_advertising", content_type=f"{FORM}; charset=utf-8") == Choice(
        Channel.SMS, night=True
    )


def test_reads_the_one_click_of_a_mail_program() -> None:
    assert isinstance(read("List-Unsubscribe=One-Click", content_type=FORM), OneClick)
    assert isinstance(read("List-Unsubscribe=One-Click\r\n", content_type=FORM), OneClick)


def test_reads_one_click_sent_in_parts() -> None:
    assert isinstance(read(CLICK, content_type=PARTS), OneClick)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", FORM),
        ("refuse=", FORM),
        ("refuse=everything", FORM),
        ("refuse=all&refuse=sms", FORM),
        ("refuse=all&List-Unsubscribe=One-Click", FORM),
        ("list-unsubscribe=one-click", FORM),
        ("List-Unsubscribe=One-Click", "application/json"),
        ("List-Unsubscribe=One-Click", ""),
        ('{"refuse": "all"}', "application/json"),
        ("&".join("a=b" for _ in range(50)), FORM),
        ("refuse=all" + " " * MAX_CHARS, FORM),
        (CLICK, "multipart/form-data"),
        (CLICK.replace("One-Click", "Two"), PARTS),
        (CLICK, PARTS + "\r\nX: y"),
    ],
)
def test_anything_else_is_nothing(body: str, kind: str) -> None:
    assert read(body, content_type=kind) is None


@given(st.text(max_size=300), st.sampled_from([FORM, PARTS, "multipart/form-data; boundary="]))
def test_no_body_makes_a_fault(body: str, kind: str) -> None:
    read(body, content_type=kind)
