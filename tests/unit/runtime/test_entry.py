"""Queue records handled one by one, and ticks; groups are in test_job_groups.py."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from chalice.app import CloudWatchEvent, DynamoDBEvent, SQSEvent

from functions.contracts.codec import ContractError, to_body
from functions.contracts.errors import Unavailable
from functions.contracts.queues import Job, SendJob
from functions.runtime import entry
from functions.runtime.entry import TryLater, on_changes, on_jobs, on_tick

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SECRET = "010-0000-0001"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "utc_now", lambda: NOW)


def an_event(*bodies: Job | str) -> SQSEvent:
    records = [
        {
            "messageId": f"id-{place}",
            "body": body if isinstance(body, str) else to_body(body),
            "attributes": {"ApproximateReceiveCount": "2"},
        }
        for place, body in enumerate(bodies)
    ]
    return SQSEvent({"Records": records}, None)


def outcome_of(fault: BaseException | None, *bodies: Job | str) -> list[str]:
    """Ids of the records that failed when the second job meets this fault."""

    @on_jobs
    def work(job: SendJob, *, now: datetime) -> None:
        if job.batch == 2 and fault is not None:
            raise fault

    return [each["itemIdentifier"] for each in work(an_event(*bodies))["batchItemFailures"]]


def lines(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    return [vars(each) for each in caplog.records if each.getMessage() == event]


def test_each_record_is_decoded_and_handled_with_the_time() -> None:
    handled: list[tuple[Job, datetime]] = []

    @on_jobs
    def work(job: SendJob, *, now: datetime) -> None:
        handled.append((job, now))

    answer = work(an_event(SendJob(batch=1), SendJob(batch=2, attempt=3)))

    assert handled == [(SendJob(batch=1), NOW), (SendJob(batch=2, attempt=3), NOW)]
    assert answer == {"batchItemFailures": []}
    assert work.__name__ == "work"


@pytest.mark.parametrize(
    "fault",
    [
        TryLater("leased"),
        Unavailable("The store answered nothing."),
        ContractError("of a later release"),
        KeyError(SECRET),
        ZeroDivisionError(),
    ],
)
def test_record_that_fails_comes_back_alone(fault: Exception) -> None:
    jobs = [SendJob(batch=batch) for batch in (1, 2, 3)]

    assert outcome_of(fault, *jobs) == ["id-1"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "[]",
        "null",
        '{"kind":"dispatch.send","v":1}',
        '{"kind":"dispatch.send","v":1,"data":[]}',
        '{"kind":"dispatch.send","v":1,"data":{}}',
        '{"kind":"dispatch.send","v":1,"data":{"batch":"7"}}',
        '{"kind":"dispatch.send","v":1,"data":{"batch":true}}',
        '{"kind":"dispatch.send","v":9,"data":{"batch":7}}',
        '{"kind":"nobody.knows","v":1,"data":{}}',
    ],
)
def test_record_that_cannot_be_read_ends_with_the_dead_letters(
    body: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert outcome_of(None, SendJob(batch=1), body, SendJob(batch=3)) == ["id-1"]

    assert [each["outcome"] for each in lines(caplog, "queue.record")] == [
        "done",
        "poison",
        "done",
    ]


def test_field_of_a_later_release_is_ignored() -> None:
    body = '{"kind":"dispatch.send","v":1,"data":{"batch":7,"colour":"red"},"at":1}'

    assert outcome_of(None, body) == []


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (None, "done"),
        (TryLater("leased"), "later"),
        (Unavailable("The store answered nothing."), "later"),
        (KeyError(SECRET), "failed"),
    ],
)
def test_every_record_has_one_line(
    fault: Exception | None, outcome: str, caplog: pytest.LogCaptureFixture
) -> None:
    outcome_of(fault, SendJob(batch=2))

    (line,) = lines(caplog, "queue.record")
    assert line["outcome"] == outcome
    assert line["kind"] == "dispatch.send"
    assert line["sqs_message_id"] == "id-0"
    assert line["received"] == "2"


def test_a_failure_names_its_message_so_that_a_dead_letter_can_be_explained(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outcome_of(KeyError(SECRET), SendJob(batch=2))

    (fault,) = lines(caplog, "queue.record.failed")
    assert fault["sqs_message_id"] == "id-0"


def test_text_of_an_error_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    outcome_of(KeyError(SECRET), SendJob(batch=2))

    (fault,) = lines(caplog, "queue.record.failed")
    assert fault["error"] == "KeyError"
    assert SECRET not in str([vars(each) for each in caplog.records])


def test_body_that_cannot_be_read_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    outcome_of(None, f'{{"phone": "{SECRET}"')

    assert SECRET not in str([vars(each) for each in caplog.records])


def test_the_end_of_the_process_is_not_swallowed() -> None:
    with pytest.raises(SystemExit):
        outcome_of(SystemExit(), SendJob(batch=2))


def a_tick_event() -> CloudWatchEvent:
    facts = dict.fromkeys(
        ["version", "account", "region", "detail", "detail-type", "time", "id", "resources"], ""
    )
    return CloudWatchEvent(facts | {"source": "aws.events"}, None)


def test_tick_is_handled_with_the_time(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[datetime] = []

    @on_tick
    def minute(*, now: datetime) -> None:
        seen.append(now)

    minute(a_tick_event())

    assert seen == [NOW]
    (line,) = lines(caplog, "tick")
    assert line["at"] == "2026-11-20T03:00:00+00:00"
    assert minute.__name__ == "minute"


def test_tick_that_fails_is_seen_to_fail() -> None:
    @on_tick
    def minute(*, now: datetime) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        minute(a_tick_event())


def a_stream_event(*contact_ids: str) -> DynamoDBEvent:
    keys = [{"contact_id": {"S": each}, "kind": {"S": "PROFILE"}} for each in contact_ids]
    return DynamoDBEvent({"Records": [{"dynamodb": {"Keys": key}} for key in keys]}, None)


def test_changes_are_handed_over_together_by_their_keys() -> None:
    seen: list[object] = []

    @on_changes
    def changed(keys: Sequence[Mapping[str, str]], *, now: datetime) -> None:
        seen.append((keys, now))

    changed(a_stream_event("c1", "c2"))

    keys = [{"contact_id": "c1", "kind": "PROFILE"}, {"contact_id": "c2", "kind": "PROFILE"}]
    assert seen == [(keys, NOW)]


def test_changes_that_fail_come_again() -> None:
    @on_changes
    def changed(keys: Sequence[Mapping[str, str]], *, now: datetime) -> None:
        msg = "no"
        raise Unavailable(msg)

    with pytest.raises(Unavailable):
        changed(a_stream_event("c1"))
