"""Authentication refuses what SOLAPI refuses, with status 403 and its error codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.carrier.direct import long_ago, minutes

if TYPE_CHECKING:
    from infra.local.carrier.client import CarrierControl
    from tests.contract.carrier.direct import DirectClient

BALANCE = "/cash/v1/balance"
PYTHON_SDK = "HMAC-SHA256 ApiKey={key}, Date={date}, salt={salt}, signature={signature}"
NODE_SDK = "HMAC-SHA256 apiKey={key}, date={date}, salt={salt}, signature={signature}"
TIGHT = "hmac-sha256 APIKEY={key},DATE={date},SALT={salt},SIGNATURE={signature}"


@pytest.mark.parametrize("template", [PYTHON_SDK, NODE_SDK, TIGHT])
def test_reads_parameter_names_in_any_case(direct: DirectClient, template: str) -> None:
    header = direct.authorization(template=template)

    answer = direct.http.get(BALANCE, headers={"authorization": header})

    assert answer.status_code == 200


@pytest.mark.parametrize("late", [-16, 16], ids=["16 minutes ago", "in 16 minutes"])
def test_refuses_a_clock_that_is_off_by_more_than_15_minutes(
    direct: DirectClient, late: int
) -> None:
    header = direct.authorization(date=minutes(late))

    answer = direct.http.get(BALANCE, headers={"authorization": header})

    assert (answer.status_code, answer.json()["errorCode"]) == (403, "RequestTimeTooSkewed")


@pytest.mark.parametrize("late", [-14, 14], ids=["14 minutes ago", "in 14 minutes"])
def test_accepts_a_clock_that_is_off_by_less(direct: DirectClient, late: int) -> None:
    header = direct.authorization(date=minutes(late))

    answer = direct.http.get(BALANCE, headers={"authorization": header})

    assert answer.status_code == 200


def test_measures_the_skew_from_the_simulated_time(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(clock_offset_s=3600)

    now = direct.get(BALANCE)
    in_an_hour = direct.http.get(
        BALANCE, headers={"authorization": direct.authorization(date=minutes(60))}
    )

    assert now.json()["errorCode"] == "RequestTimeTooSkewed"
    assert in_an_hour.status_code == 200


def test_refuses_a_signature_that_was_used_before(direct: DirectClient) -> None:
    header = direct.authorization()

    first = direct.http.get(BALANCE, headers={"authorization": header})
    second = direct.http.get(BALANCE, headers={"authorization": header})

    assert first.status_code == 200
    assert (second.status_code, second.json()["errorCode"]) == (403, "DuplicatedSignature")


def test_forgets_a_used_signature_after_15_minutes(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    header = direct.authorization(date=minutes(10))
    direct.http.get(BALANCE, headers={"authorization": header})
    carrier.configure(clock_offset_s=16 * 60)

    again = direct.http.get(BALANCE, headers={"authorization": header})

    assert again.status_code == 200


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "InvalidAPIKey"),
        ("", "InvalidAPIKey"),
        ("Bearer abc", "InvalidAPIKey"),
        ("HMAC-SHA256 apiKey=SIMULATEDKEY", "SignatureDoesNotMatch"),
        (NODE_SDK.format(key="OTHER", date="x", salt="y", signature="z"), "InvalidAPIKey"),
        (
            NODE_SDK.format(key="SIMULATEDKEY", date="today", salt="y" * 20, signature="z"),
            "RequestTimeTooSkewed",
        ),
    ],
    ids=["absent", "empty", "other scheme", "incomplete", "unknown key", "date not ISO"],
)
def test_refuses_a_malformed_header(direct: DirectClient, header: str | None, code: str) -> None:
    headers = {} if header is None else {"authorization": header}

    answer = direct.http.get(BALANCE, headers=headers)

    assert (answer.status_code, answer.json()["errorCode"]) == (403, code)


def test_refuses_a_salt_of_less_than_12_bytes(direct: DirectClient) -> None:
    header = direct.authorization(salt="short")

    answer = direct.http.get(BALANCE, headers={"authorization": header})

    assert answer.json()["errorCode"] == "SignatureDoesNotMatch"


def test_refuses_an_old_signature_before_looking_at_it(direct: DirectClient) -> None:
    header = direct.authorization(date=long_ago())

    answer = direct.http.get(BALANCE, headers={"authorization": header})

    assert answer.json()["errorCode"] == "RequestTimeTooSkewed"
