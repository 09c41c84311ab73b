"""The compliance record from messages to the auditor's verdict."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from functions.contracts.queues import Queue
from infra.cli.__main__ import main
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import SEOUL, Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import a_contact, a_customer, a_sender, a_template, an_ad, send


@pytest.fixture(scope="module")
def day(api: Api, clock: Clock, pump: Pump) -> str:
    """A day with four messages, sealed five days later."""
    sender = a_sender(api)
    a_customer(api, "yes", 1)
    for number, contact_id in enumerate(("no", "one", "two"), start=2):
        a_contact(api, contact_id, number)
    send(api, an_ad(api), sender, {"contact_id": "yes"}, {"contact_id": "no"})
    send(api, a_template(api), sender, {"contact_id": "one"}, {"contact_id": "two"})
    pump.run()
    made = clock.now().astimezone(SEOUL).date()
    clock.move_by(timedelta(days=5))
    _seal(api, pump)
    return made.isoformat()


def _seal(api: Api, pump: Pump) -> None:
    event = api.client.events.generate_cw_event("aws.events", "compliance", {}, [])
    api.client.lambda_.invoke("compliance_daily", event)
    pump.run()


@pytest.fixture
def record(api: Api, account: Account, day: str, tmp_path: Path) -> Path:
    """The record as an auditor has it: one file, and the key beside it."""
    items = api.get(f"/v1/compliance/records?month={day[:7]}").body["items"]
    (item,) = [each for each in items if each["day"] == day]
    assert item["messages"] == 4
    file = tmp_path / "record.jsonl.gz"
    keys = [
        "compliance/" + url.partition("/compliance/")[2].partition("?")[0] for url in item["files"]
    ]
    file.write_bytes(b"".join(account.get_object(key) for key in keys))
    key = api.get("/v1/compliance/key").body
    (tmp_path / "key.pem").write_text(key["public_key"])
    return file


def _verify(file: Path) -> Result:
    return CliRunner().invoke(main, ["verify", str(file), "--key", str(file.parent / "key.pem")])


def test_the_record_verifies_with_the_public_key_alone(record: Path, day: str) -> None:
    said = _verify(record)

    assert said.exit_code == 0, said.output
    assert f"1 day from {day} to {day}, 4 messages" in said.output


def test_the_first_altered_message_is_named(record: Path) -> None:
    lines = gzip.decompress(record.read_bytes()).splitlines(keepends=True)
    altered = json.loads(lines[2])
    altered["evidence"]["status"] = "delivered"
    lines[2] = json.dumps(altered, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    plain = record.with_name("altered.jsonl")
    plain.write_bytes(b"".join(lines))

    said = _verify(plain)

    assert said.exit_code == 1
    assert f"Line 3 (day {json.loads(lines[0])['day']}, message " in said.output
    assert altered["evidence"]["message_id"] in said.output
    assert "was altered" in said.output


def test_a_record_of_another_key_is_refused(record: Path, account: Account) -> None:
    from functions.runtime.signing import PublicKey

    other = account.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    der = account.kms.get_public_key(KeyId=other["KeyMetadata"]["KeyId"])["PublicKey"]
    (record.parent / "key.pem").write_text(PublicKey(der=der).pem)

    said = _verify(record)

    assert said.exit_code == 1
    assert "another key" in said.output


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PUBLIC KEY-----\nAAAA\n"])
def test_what_is_no_key_is_said(record: Path, content: bytes) -> None:
    (record.parent / "key.pem").write_bytes(content)

    said = _verify(record)

    assert said.exit_code == 2
    assert "no public key" in said.output


def test_a_file_that_was_cut_is_said(record: Path) -> None:
    cut = record.with_name("cut.gz")
    cut.write_bytes(record.read_bytes()[:-20])

    said = _verify(cut)

    assert said.exit_code == 2
    assert "cannot be read" in said.output


def test_each_message_says_what_the_door_saw(record: Path, api: Api, day: str) -> None:
    lines = [json.loads(line) for line in gzip.decompress(record.read_bytes()).splitlines()]
    by_status = {line["evidence"]["status"]: line["evidence"] for line in lines[1:-1]}

    assert set(by_status) == {"refused", "sent"}
    assert by_status["refused"]["reason"] == "no_consent"
    for evidence in by_status.values():
        own = api.get(f"/v1/messages/{evidence['message_id']}/evidence").body
        kept = {k: v for k, v in evidence.items() if k not in ("subject", "receipt", "status")}
        assert kept == {k: own[k] for k in kept}


def test_sealing_again_changes_nothing(api: Api, pump: Pump, day: str) -> None:
    before = api.get(f"/v1/compliance/records?month={day[:7]}").body

    _seal(api, pump)

    after = api.get(f"/v1/compliance/records?month={day[:7]}").body
    assert [each["digest"] for each in after["items"]] == [
        each["digest"] for each in before["items"]
    ]


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-1", "11-2026", "٢٠٢٦-١١"])
def test_the_month_must_be_said(api: Api, month: str) -> None:
    answer = api.get(f"/v1/compliance/records?month={month}")

    assert_problem(answer, 422, "invalid_input", ("/query/month", "invalid_format"))


def test_a_poison_day_goes_to_the_dead_letters(api: Api, account: Account) -> None:
    body = '{"kind": "compliance.record", "v": 1, "data": {"day": "soon"}}'

    assert api.deliver("compliance", body) == ["0"]
    assert account.take_jobs(Queue.COMPLIANCE) == []
