"""Faults on demand: what the caller sees, and what the carrier did all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from infra.local.carrier.client import wait_until
from tests.contract.carrier.direct import SEND_MANY, sms

if TYPE_CHECKING:
    from infra.local.carrier.client import CarrierControl
    from tests.contract.carrier.direct import DirectClient
    from tests.contract.carrier.receiver import Receiver


def post_with_timeout(direct: DirectClient, *, timeout_s: float) -> httpx.Response:
    headers = {"authorization": direct.authorization()}
    body = {"messages": [sms(customFields={"ref": "m-1"})]}
    return direct.http.post(SEND_MANY, json=body, headers=headers, timeout=timeout_s)


def test_delivers_what_it_accepted_before_the_timeout(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(fault={"kind": "timeout_after_accept"})

    with pytest.raises(httpx.ReadTimeout):
        post_with_timeout(direct, timeout_s=0.3)

    assert len(wait_until(lambda: carrier.ledger(ref="m-1"))) == 1
    listed = direct.get("/messages/v4/list", to="01000000001").json()["messageList"]
    assert [one["customFields"] for one in listed.values()] == [{"ref": "m-1"}]


def test_accepts_nothing_when_it_times_out_before(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(fault={"kind": "timeout_before_accept"})

    with pytest.raises(httpx.ReadTimeout):
        post_with_timeout(direct, timeout_s=0.3)

    assert carrier.counters()["accepted"] == 0


@pytest.mark.parametrize(
    ("fault", "accepted"),
    [
        ({"kind": "drop_connection"}, 0),
        ({"kind": "timeout_before_accept", "hang_s": 0}, 0),
        ({"kind": "timeout_after_accept", "hang_s": 0}, 1),
    ],
    ids=["dropped", "closed before", "closed after"],
)
def test_closes_the_connection_without_an_answer(
    direct: DirectClient, carrier: CarrierControl, fault: dict[str, object], accepted: int
) -> None:
    carrier.configure(fault=fault)

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        post_with_timeout(direct, timeout_s=5)

    assert carrier.counters()["accepted"] == accepted
    assert direct.refusals(sms()) == []


@pytest.mark.parametrize(
    ("kind", "status"), [("http_429", 429), ("http_500", 500), ("http_503", 503)]
)
def test_answers_the_next_requests_with_an_error(
    direct: DirectClient, carrier: CarrierControl, kind: str, status: int
) -> None:
    carrier.configure(fault={"kind": kind, "count": 2})

    statuses = [post_with_timeout(direct, timeout_s=5).status_code for _ in range(3)]

    assert statuses == [status, status, 200]
    assert carrier.counters()["accepted"] == 1
    assert carrier.counters()["faults"] == {kind: 2}


def test_says_when_to_come_back(direct: DirectClient, carrier: CarrierControl) -> None:
    carrier.configure(fault={"kind": "http_429", "retry_after_s": 7})

    assert post_with_timeout(direct, timeout_s=5).headers["retry-after"] == "7"


def test_spares_the_lists_unless_they_are_named(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(fault={"kind": "http_500", "count": 9})
    spared = direct.get("/messages/v4/list").status_code
    carrier.configure(fault={"kind": "http_500", "path": "/messages/v4/list"})
    hit = direct.get("/messages/v4/list").status_code

    assert (spared, hit) == (200, 500)


def test_takes_faults_in_the_order_given(direct: DirectClient, carrier: CarrierControl) -> None:
    carrier.configure(fault=[{"kind": "http_503"}, {"kind": "http_429"}])

    statuses = [post_with_timeout(direct, timeout_s=5).status_code for _ in range(3)]

    assert statuses == [503, 429, 200]


def test_forgets_faults_that_are_taken_back(direct: DirectClient, carrier: CarrierControl) -> None:
    carrier.configure(fault={"kind": "http_500", "count": 5})
    carrier.configure(fault=None)

    assert post_with_timeout(direct, timeout_s=5).status_code == 200


def test_refuses_a_bad_signature_even_when_a_timeout_is_due(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(fault={"kind": "timeout_after_accept"})

    answer = direct.http.post(SEND_MANY, json={"messages": [sms()]})

    assert answer.status_code == 403


def test_answers_500_although_it_accepted(direct: DirectClient, carrier: CarrierControl) -> None:
    carrier.configure(fault={"kind": "http_500_after_accept"})

    answer = post_with_timeout(direct, timeout_s=5)

    assert answer.status_code == 500
    assert len(wait_until(lambda: carrier.ledger(ref="m-1"))) == 1


def test_answers_unreadably_although_it_accepted(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(fault={"kind": "garbled_after_accept"})

    answer = post_with_timeout(direct, timeout_s=5)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Unterminated string"):
        answer.json()
    assert len(wait_until(lambda: carrier.ledger(ref="m-1"))) == 1


def test_reports_can_overtake_the_answer(
    direct: DirectClient, carrier: CarrierControl, receiver: Receiver
) -> None:
    carrier.configure(answer_delay_ms=60_000)

    with pytest.raises(httpx.ReadTimeout):
        post_with_timeout(direct, timeout_s=0.5)

    assert receiver.wait_for_items(1)[0]["data"]["customFields"] == {"ref": "m-1"}


def test_delays_answers_by_the_latency(direct: DirectClient, carrier: CarrierControl) -> None:
    carrier.configure(latency_ms=400)

    with pytest.raises(httpx.ReadTimeout):
        post_with_timeout(direct, timeout_s=0.2)
