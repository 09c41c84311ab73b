from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.breaker import Breaker
from functions.domain.public_address import is_loopback, is_public
from functions.domain.webhook import OVERLAP, OffReason, UrlFault, url_fault
from functions.domain.webhook_retry import DELAYS_S, LONGEST_S, TRIED_FOR, next_try
from tests.builders import NOON
from tests.fakes.webhooks import a_webhook

NOON_S = int(NOON.timestamp())


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1"),
        *("169.254.169.254", "169.254.170.2", "100.64.0.1", "192.0.0.192", "198.18.0.1"),
        *("192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::7f00:1", "64:ff9b::a9fe:a9fe"),
        *("64:ff9b:1::1", "2002:a9fe:a9fe::1", "2001:0:1::1", "2001:db8::1", "fec0::1", "100::1"),
        *("", "shop.example", "127.1", "0x7f000001", "2130706433", "1.1.1.1.1"),
    ],
)
def test_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:1.1.1.1"]
)
def test_is_public(address: str) -> None:
    assert is_public(address)
    assert not is_loopback(address)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://crm.example.com", None),
        ("https://crm.example.com:8443/a?b=c", None),
        ("https://1.1.1.1/", None),
        ("http://localhost:8000/", None),
        ("http://127.0.0.1:8000/a", None),
        ("http://[::1]:8000/a", None),
        ("https://localhost/", UrlFault.NOT_PUBLIC),
        ("https://shop/", UrlFault.NOT_PUBLIC),
        ("https://a.localhost/", UrlFault.NOT_PUBLIC),
        ("https://db.internal./", UrlFault.NOT_PUBLIC),
        ("http://10.0.0.1/", UrlFault.HTTPS_ONLY),
        ("http://crm.example.com/", UrlFault.HTTPS_ONLY),
        ("https://한글.kr/", UrlFault.INVALID_LINK),
        ("https://a.example.com/#a", UrlFault.INVALID_LINK),
        ("//crm.example.com", UrlFault.INVALID_LINK),
    ],
)
def test_a_url_on_the_local_stage(url: str, fault: UrlFault | None) -> None:
    assert url_fault(url, local=True) is fault


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://127.0.0.1/", "http://[::1]/"])
def test_this_machine_is_for_the_local_stage_only(url: str) -> None:
    assert url_fault(url, local=False) is UrlFault.HTTPS_ONLY


def test_two_secrets_sign_for_a_day_after_a_new_one() -> None:
    webhook = a_webhook()
    rotated = webhook.rotated(now=NOON)

    assert webhook.secrets(now=NOON) == (1,)
    assert rotated.secrets(now=NOON) == (2, 1)
    assert rotated.secrets(now=NOON + OVERLAP - timedelta(seconds=1)) == (2, 1)
    assert rotated.secrets(now=NOON + OVERLAP) == (2,)
    assert rotated.secrets(now=NOON - timedelta(days=9)) == (2,), "a clock that was wrong"
    assert rotated.rotated(now=NOON).secrets(now=NOON) == (3, 2)


def _changed(webhook, *, types=("message.sent",), enabled=True, at=NOON + timedelta(hours=1)):
    return webhook.changed(
        url=webhook.url, types=types, enabled=enabled, description="", batched=True, now=at
    )


def test_a_type_is_told_from_when_it_was_asked_for() -> None:
    changed = _changed(a_webhook("w", "message.sent"), types=("message.sent", "message.clicked"))

    assert changed.since_by_type == {"message.sent": NOON_S, "message.clicked": NOON_S + 3600}


def test_switched_on_again_it_is_told_from_then_on() -> None:
    off = a_webhook().switched_off(OffReason.GONE, now=NOON)
    on = _changed(off)

    assert (off.enabled, off.off, off.off_since) == (False, OffReason.GONE, NOON_S)
    assert (on.enabled, on.off, on.off_since) == (True, None, 0)
    assert on.since_by_type == {"message.sent": NOON_S + 3600}


def test_switched_off_by_hand_has_no_reason() -> None:
    off = _changed(a_webhook(), enabled=False)

    assert (off.enabled, off.off) == (False, None)


def test_failing_is_noted_once() -> None:
    failing = a_webhook().failed(Breaker(), now=NOON)

    assert failing.failing_since == NOON_S
    assert failing.failed(Breaker(openings=99), now=NOON + timedelta(days=4)) == failing
    assert failing.failed(Breaker(openings=9), now=NOON + timedelta(days=9)) == failing
    off = failing.failed(Breaker(openings=10), now=NOON + timedelta(days=5))
    assert off.off is OffReason.FAILING
    assert failing.failed(Breaker(openings=99), now=NOON - timedelta(days=9)).enabled


@given(
    attempt=st.integers(0, 60),
    since=st.integers(-200_000, 200_000),
    asked_s=st.none() | st.integers(0, 10**9),
    share=st.floats(0.5, 1),
)
def test_the_next_try_is_within_the_day_and_not_too_far(
    attempt: int, since: int, asked_s: int | None, share: float
) -> None:
    at = next_try(
        attempt=attempt,
        since=NOON_S + since,
        now=NOON,
        jitter=lambda s: round(s * share),
        asked_s=asked_s,
    )

    if at is None:
        assert since <= -TRIED_FOR.total_seconds()
    else:
        assert timedelta(seconds=1) <= at - NOON <= timedelta(seconds=LONGEST_S)
        assert at.timestamp() <= max(NOON_S + since, NOON_S) + TRIED_FOR.total_seconds()


def test_distances_grow() -> None:
    assert sorted(DELAYS_S) == list(DELAYS_S)
