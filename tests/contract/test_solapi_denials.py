"""Our reader of SOLAPI's list of refusals against the carrier simulator, over real HTTP."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from functions.channels.base import OptOutPage, RetryLater
from functions.channels.solapi import Credentials, SolapiChannel
from functions.channels.solapi_denials import SolapiDenials
from functions.domain.reason import SuppressionReason
from infra.local.carrier.client import CarrierControl
from infra.local.carrier.clock import real_time
from infra.local.carrier.testing import running_carrier
from tests.builders import a_phone

SENDER = "0200001234"
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def shared() -> Iterator[CarrierControl]:
    with running_carrier() as carrier:
        yield carrier


@pytest.fixture
def carrier(shared: CarrierControl) -> CarrierControl:
    shared.reset()
    return shared


@pytest.fixture
def denials(carrier: CarrierControl) -> SolapiDenials:
    credentials = Credentials(api_key=carrier.api_key, api_secret=carrier.api_secret)
    return SolapiDenials(SolapiChannel(credentials, base_url=carrier.base_url))


def refuse(carrier: CarrierControl, count: int) -> None:
    for number in range(1, count + 1):
        carrier.add_denial(f"010{number:08d}", sender=SENDER)


def test_who_called_is_listed_with_when(carrier: CarrierControl, denials: SolapiDenials) -> None:
    refuse(carrier, 1)

    page = denials.opt_outs(since=None, cursor=None, now=real_time())

    (event,) = page.events
    assert page.cursor is None
    assert (event.phone, event.reason) == (a_phone(1), SuppressionReason.OPT_OUT_CALL)
    assert abs(event.at - real_time()) < MINUTE
    assert event.key


def test_nobody_called(denials: SolapiDenials) -> None:
    page = denials.opt_outs(since=None, cursor=None, now=real_time())

    assert page == OptOutPage(events=(), cursor=None)


def test_long_list_is_read_page_by_page(carrier: CarrierControl, denials: SolapiDenials) -> None:
    refuse(carrier, 501)

    first = denials.opt_outs(since=None, cursor=None, now=real_time())
    second = denials.opt_outs(since=None, cursor=first.cursor, now=real_time())

    assert (len(first.events), len(second.events)) == (500, 1)
    assert second.cursor is None
    assert len({event.phone for event in (*first.events, *second.events)}) == 501


def test_only_what_is_new_is_listed(carrier: CarrierControl, denials: SolapiDenials) -> None:
    refuse(carrier, 1)
    now = real_time()

    assert denials.opt_outs(since=now + MINUTE, cursor=None, now=now).events == ()
    assert len(denials.opt_outs(since=now - MINUTE, cursor=None, now=now).events) == 1


def test_list_that_cannot_be_read_now_is_read_later(
    carrier: CarrierControl, denials: SolapiDenials
) -> None:
    carrier.configure(fault={"kind": "http_429", "count": 1, "path": "/iam/v1/black"})

    with pytest.raises(RetryLater):
        denials.opt_outs(since=None, cursor=None, now=real_time())
