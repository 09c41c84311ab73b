"""Queue records that are handled in groups: each failure is that record's own."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from chalice.app import SQSEvent

from functions.contracts.codec import ContractError, to_body
from functions.contracts.errors import Unavailable
from functions.contracts.queues import Job, LinkHit, SendJob
from functions.runtime import observe
from functions.runtime.entry import TryLater, on_job_groups


def a_hit(batch: int, ordinal: int = 0) -> LinkHit:
    return LinkHit(
        batch=batch,
        ordinal=ordinal,
        link=0,
        at=1,
        method="GET",
        user_agent="Mozilla/5.0",
        network="203.0.113.0/24",
    )


def an_event(*bodies: Job | str) -> SQSEvent:
    records: list[dict[str, Any]] = [
        {
            "messageId": f"id-{place}",
            "body": body if isinstance(body, str) else to_body(body),
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        for place, body in enumerate(bodies)
    ]
    return SQSEvent({"Records": records}, None)


class Worker:
    """Notes what it is handed and fails as told."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, list[int]]] = []
        self.faults: dict[int, Exception] = {}
        self.nows: list[datetime] = []

    def __call__(self, jobs: Sequence[LinkHit], /, *, now: datetime) -> None:
        self.calls.append((jobs[0].batch, [job.ordinal for job in jobs]))
        self.nows.append(now)
        for job in jobs:
            if job.ordinal in self.faults:
                raise self.faults[job.ordinal]


def consumer_of(worker: Worker) -> Callable[[SQSEvent], dict[str, list[dict[str, str]]]]:
    @on_job_groups(kind=LinkHit, key=lambda hit: hit.batch)
    def work(jobs: Sequence[LinkHit], /, *, now: datetime) -> None:
        worker(jobs, now=now)

    return work


def failed(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return sorted(item["itemIdentifier"] for item in answer["batchItemFailures"])


@pytest.fixture(autouse=True)
def _metrics_have_a_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The template gives it to every function."""
    monkeypatch.setattr(observe.metrics.provider, "namespace", "Allim")


def test_hands_over_the_jobs_of_one_key_together() -> None:
    worker = Worker()

    answer = consumer_of(worker)(an_event(a_hit(7, 1), a_hit(8, 2), a_hit(7, 3)))

    assert worker.calls == [(7, [1, 3]), (8, [2])]
    assert answer == {"batchItemFailures": []}
    assert worker.nows[0].tzinfo is UTC


def test_keeps_the_name_of_the_handler() -> None:
    assert consumer_of(Worker()).__name__ == "work"


def test_an_event_without_records_is_done() -> None:
    assert consumer_of(Worker())(an_event()) == {"batchItemFailures": []}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("not json", id="not-json"),
        pytest.param('{"kind":"links.hit","v":1,"data":{"batch":7}}', id="incomplete"),
        pytest.param(SendJob(batch=7), id="another-kind"),
    ],
)
def test_a_record_that_cannot_be_read_fails_alone(body: Job | str) -> None:
    worker = Worker()

    answer = consumer_of(worker)(an_event(a_hit(7, 1), body, a_hit(7, 2)))

    assert failed(answer) == ["id-1"]
    assert worker.calls == [(7, [1, 2])]


def test_a_record_that_breaks_the_work_fails_alone() -> None:
    worker = Worker()
    worker.faults = {2: KeyError("x")}

    answer = consumer_of(worker)(an_event(a_hit(7, 1), a_hit(7, 2), a_hit(7, 3), a_hit(8, 4)))

    assert failed(answer) == ["id-1"]
    assert worker.calls == [(7, [1, 2, 3]), (7, [1]), (7, [2]), (7, [3]), (8, [4])]


def test_a_record_that_the_work_finds_unreadable_fails_alone() -> None:
    worker = Worker()
    worker.faults = {1: ContractError("no such provider")}

    answer = consumer_of(worker)(an_event(a_hit(7, 1), a_hit(7, 2)))

    assert failed(answer) == ["id-0"]


@pytest.mark.parametrize("fault", [Unavailable("The store answered nothing."), TryLater("leased")])
def test_a_group_comes_back_whole_when_a_part_that_we_need_does_not_answer(
    fault: Exception,
) -> None:
    worker = Worker()
    worker.faults = {2: fault}

    answer = consumer_of(worker)(an_event(a_hit(7, 1), a_hit(7, 2), a_hit(8, 3)))

    assert failed(answer) == ["id-0", "id-1"]
    assert worker.calls == [(7, [1, 2]), (8, [3])]


def test_a_key_that_cannot_be_told_fails_alone() -> None:
    done: list[int] = []

    @on_job_groups(kind=LinkHit, key=lambda hit: 1 // hit.ordinal)
    def work(jobs: Sequence[LinkHit], /, *, now: datetime) -> None:
        done.extend(job.ordinal for job in jobs)

    answer = work(an_event(a_hit(7, 0), a_hit(7, 1)))

    assert failed(answer) == ["id-0"]
    assert done == [1]


def test_takes_jobs_of_any_kind_when_none_is_named() -> None:
    done: list[str] = []

    @on_job_groups(key=lambda job: job.KIND)
    def work(jobs: Sequence[Job], /, *, now: datetime) -> None:
        done.extend(job.KIND for job in jobs)

    work(an_event(a_hit(7), SendJob(batch=7)))

    assert done == ["links.hit", "dispatch.send"]


def test_writes_one_line_a_group_and_nothing_of_what_is_in_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    consumer_of(Worker())(an_event(a_hit(7, 1), a_hit(7, 2)))

    (line,) = caplog.records
    facts = vars(line)
    assert line.getMessage() == "queue.group"
    assert (facts["kind"], facts["outcome"], facts["records"]) == ("links.hit", "done", 2)
    assert facts["sqs_message_ids"] == ["id-0", "id-1"]
    assert "203.0.113" not in str(facts)
