import pytest

from functions.contracts.codec import from_body, to_body
from functions.contracts.errors import Unavailable
from functions.contracts.queues import Queue, SendJob
from functions.runtime import queues
from tests.fakes.sqs import FakeSqs


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> FakeSqs:
    fake = FakeSqs()
    monkeypatch.setattr(queues, "sqs", lambda: fake)
    monkeypatch.setattr(queues, "queue_url", lambda queue: f"https://sqs.example.com/{queue}")
    return fake


def some_jobs(number: int) -> list[SendJob]:
    return [SendJob(batch=batch) for batch in range(1, number + 1)]


def test_job_goes_into_its_queue_as_its_consumer_reads_it(sqs: FakeSqs) -> None:
    queues.send([SendJob(batch=7)], to=Queue.DISPATCH_SMS)

    ((url, body, delay_s),) = sqs.accepted
    assert url == "https://sqs.example.com/dispatch-sms"
    assert from_body(body) == SendJob(batch=7)
    assert delay_s == 0


def test_job_stays_invisible_as_long_as_asked(sqs: FakeSqs) -> None:
    queues.send([SendJob(batch=7)], to=Queue.DISPATCH_SMS, delay_s=900)

    assert [delay_s for _, _, delay_s in sqs.accepted] == [900]


@pytest.mark.parametrize(
    ("number", "requests"),
    [(0, []), (1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])],
)
def test_ten_jobs_travel_in_a_request(sqs: FakeSqs, number: int, requests: list[int]) -> None:
    queues.send(iter(some_jobs(number)), to=Queue.PLAN)

    assert [len(entries) for _, entries in sqs.requests] == requests
    assert [from_body(body) for body in sqs.bodies()] == some_jobs(number)


def test_ids_of_a_request_are_its_own(sqs: FakeSqs) -> None:
    queues.send(some_jobs(12), to=Queue.PLAN)

    assert [[each["Id"] for each in entries] for _, entries in sqs.requests] == [
        [str(place) for place in range(10)],
        ["0", "1"],
    ]


def test_jobs_that_were_refused_are_sent_once_more_alone(sqs: FakeSqs) -> None:
    first, second, third = (to_body(job) for job in some_jobs(3))
    sqs.refuses = [{first, third}]

    queues.send(some_jobs(3), to=Queue.PLAN)

    assert sqs.bodies() == [second, first, third]
    assert [len(entries) for _, entries in sqs.requests] == [3, 2]


def test_job_refused_twice_does_not_go_unnoticed(sqs: FakeSqs) -> None:
    body = to_body(SendJob(batch=2))
    sqs.refuses = [{body}, {body}]

    with pytest.raises(Unavailable):
        queues.send(some_jobs(3), to=Queue.PLAN)

    assert len(sqs.requests) == 2


def test_requests_after_one_that_failed_are_not_made(sqs: FakeSqs) -> None:
    body = to_body(SendJob(batch=1))
    sqs.refuses = [{body}, {body}]

    with pytest.raises(Unavailable):
        queues.send(some_jobs(25), to=Queue.PLAN)

    assert len(sqs.requests) == 2


def test_bodies_are_passed_on_as_they_are(sqs: FakeSqs) -> None:
    queues.send_bodies(["of a later release"], to=Queue.DISPATCH_KAKAO, delay_s=5)

    assert sqs.accepted == [("https://sqs.example.com/dispatch-kakao", "of a later release", 5)]
