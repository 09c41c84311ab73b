"""The compliance record: whoever changes anything is found out, and the first place is named."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.record_chain import (
    GENESIS,
    Fault,
    Finding,
    Link,
    Verified,
    canonical,
    digest_of,
    head_of,
    link_of,
    message_line,
    seal_of,
    signed,
    to_sign,
    verify,
)

_FIRST = date(2026, 11, 1)
_KEY = "key-1"


def _sign(message: bytes, key: bytes = b"ours") -> str:
    return base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()


def _check(message: bytes, signature: str) -> bool:
    return signature == _sign(message)


def _evidence(number: int) -> dict:
    return {"message_id": f"m-{number}", "status": "sent", "text": "안녕 \U0001f600"}


def _day(day: date, messages: int, after: str, *, key: bytes = b"ours", key_id: str = _KEY) -> list:
    lines = [head_of(day, zone="Asia/Seoul", key_id=key_id, after=after)]
    for number in range(messages):
        lines.append(message_line(_evidence(number), link_of(lines[-1])))
    seal = seal_of(day, sealed="2026-11-05T03:00:00+09:00", key_id=key_id, after=link_of(lines[-1]))
    return [*lines, signed(seal, _sign(to_sign(seal), key))]


def _month(*messages: int) -> list[dict]:
    lines, after = [], GENESIS
    for number, count in enumerate(messages):
        lines += _day(_FIRST + timedelta(days=number), count, after)
        after = lines[-1]["digest"]
    return lines


def lines_of(lines: list[dict]) -> list[bytes]:
    return [canonical(line) + b"\n" for line in lines]


def _verified(lines: list[dict]) -> Verified:
    return verify(lines_of(lines), key_id=_KEY, check=_check)


def test_what_was_written_is_found_in_order() -> None:
    found = _verified(_month(2, 0, 3))

    assert found == Verified(
        days=3,
        messages=5,
        first_day="2026-11-01",
        last_day="2026-11-03",
        begins_after=GENESIS,
    )


def test_a_record_may_begin_at_any_day() -> None:
    lines = _month(2, 3)

    found = _verified(lines[4:])

    assert found.finding is None
    assert (found.days, found.begins_after) == (1, lines[3]["digest"])


def _relinked(lines: list[dict], start: int) -> list[dict]:
    """What somebody without the key can do: make all digests from ``start`` on fit again."""
    lines = [dict(line) for line in lines]
    for number in range(start, len(lines)):
        if number and lines[number]["type"] != "head":
            lines[number]["previous"] = lines[number - 1]["digest"]
        lines[number]["digest"] = digest_of(lines[number])
    return lines


def test_an_altered_message_is_named() -> None:
    lines = _month(3)
    lines[2] = {**lines[2], "evidence": {**lines[2]["evidence"], "status": "failed"}}

    assert _verified(lines).finding == Finding(
        fault=Fault.ALTERED, line=3, day="2026-11-01", message_id="m-1"
    )


def test_an_altered_message_with_a_digest_that_fits_is_found_at_the_next_line() -> None:
    lines = _month(3)
    lines[1]["evidence"]["status"] = "failed"
    lines[1]["digest"] = digest_of(lines[1])

    assert _verified(lines).finding == Finding(
        fault=Fault.OUT_OF_PLACE, line=3, day="2026-11-01", message_id="m-1"
    )


def test_a_day_made_anew_is_not_signed_by_the_key() -> None:
    lines = _month(3, 1)
    lines[1]["evidence"]["status"] = "failed"

    finding = _verified(_relinked(lines, 1)).finding

    assert finding == Finding(fault=Fault.BAD_SIGNATURE, line=5, day="2026-11-01")


def test_a_day_that_another_key_signed_is_refused() -> None:
    other = _day(_FIRST, 1, GENESIS, key=b"theirs")
    foreign = _day(_FIRST, 1, GENESIS, key=b"theirs", key_id="key-2")

    assert _verified(other).finding == Finding(fault=Fault.BAD_SIGNATURE, line=3, day="2026-11-01")
    assert _verified(foreign).finding == Finding(fault=Fault.OTHER_KEY, line=1, day="2026-11-01")


def test_a_seal_names_the_day_and_key_of_its_head() -> None:
    lines = _month(1)
    for changed in ({"day": "2026-11-02"}, {"key_id": "key-2"}):
        seal = {**lines[-1], **changed}
        seal["digest"] = digest_of(seal)
        seal = signed(seal, _sign(to_sign(seal)))

        assert _verified([*lines[:-1], seal]).finding is not None


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_record_that_ends_early_is_not_sealed(cut: int) -> None:
    lines = _month(2)

    finding = _verified(lines[:-cut]).finding

    assert finding is not None
    assert (finding.fault, finding.line) == (Fault.NOT_SEALED, len(lines) - cut)


def test_nothing_at_all_is_no_days() -> None:
    assert _verified([]) == Verified()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"{",
        b"[" * 100_000,
        b'{"type":"head"}',
        b'{"digest":"","previous":"","seq":"0","type":"head"}',
        b'{"digest":"","previous":"","seq":0,"type":"head"}',
        b'{"digest":"","evidence":[],"previous":"","seq":0,"type":"message"}',
    ],
)
def test_what_is_no_line_is_unreadable(raw: bytes) -> None:
    found = verify([raw], key_id=_KEY, check=_check)

    assert found.finding == Finding(fault=Fault.UNREADABLE, line=1)


def test_a_thing_said_twice_is_altered() -> None:
    first, *others = lines_of(_month(1))
    twice = first.replace(b'"type"', b'"day":"2026-12-24","type"')

    assert json.loads(twice)["day"] == "2026-12-24"
    found = verify([twice, *others], key_id=_KEY, check=_check)
    assert found.finding is not None
    assert found.finding.fault is Fault.ALTERED


@pytest.mark.parametrize("kind", ["note", "HEAD", ""])
def test_a_line_of_another_type_is_out_of_place(kind: str) -> None:
    lines = _month(1)
    lines[1]["type"] = kind

    found = _verified(_relinked(lines, 1))

    assert found.finding is not None
    assert found.finding.fault is Fault.OUT_OF_PLACE


@given(
    messages=st.lists(st.integers(0, 3), min_size=1, max_size=3),
    data=st.data(),
)
def test_no_single_change_goes_unseen(messages: list[int], data: st.DataObject) -> None:
    raw = list(lines_of(_month(*messages)))
    at = data.draw(st.integers(0, len(raw) - 1))
    what = data.draw(st.sampled_from(["drop", "double", "swap", "bytes"]))
    changed = list(raw)
    match what:
        case "drop":
            del changed[at]
        case "double":
            changed.insert(at, changed[at])
        case "swap":
            other = data.draw(st.integers(0, len(raw) - 1))
            changed[at], changed[other] = changed[other], changed[at]
        case _:
            place = data.draw(st.integers(0, len(raw[at]) - 2))
            byte = data.draw(st.integers(0, 255))
            line = bytearray(raw[at])
            line[place] = byte
            changed[at] = bytes(line)

    found = verify(changed, key_id=_KEY, check=_check)

    whole_days = what == "drop" and len(raw) == 1
    assert (found.finding is None) == (changed == raw or whole_days)


def test_a_day_left_out_is_seen_at_the_next() -> None:
    lines = _month(1, 1, 1)

    finding = _verified(lines[:3] + lines[6:]).finding

    assert finding == Finding(fault=Fault.OUT_OF_PLACE, line=4, day="2026-11-03")


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))
def test_equal_documents_are_equal_bytes(document: dict) -> None:
    turned = dict(reversed(document.items()))

    assert canonical(turned) == canonical(document)
    assert json.loads(canonical(document)) == document


def test_the_digest_is_of_the_line_alone() -> None:
    head = head_of(_FIRST, zone="Asia/Seoul", key_id=_KEY, after=GENESIS)

    assert digest_of(signed(head, "any")) == head["digest"]
    assert link_of(head) == Link(seq=1, digest=head["digest"])
    assert (
        replace(link_of(head), seq=0).digest
        == hashlib.sha256(canonical({k: v for k, v in head.items() if k != "digest"})).hexdigest()
    )
