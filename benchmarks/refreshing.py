"""What the daily refresh of audiences costs: a small one is counted, a million people follow.

Reading people grows with the people. Everything else (steps, their rows, jobs and files) grows
with the steps, of which a table of a million people has so many more; and each shard fetches a
file of each segment.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from benchmarks.capacity import Meter, attach
from benchmarks.spent import Spent
from benchmarks.units import NOON, Run, an_account, looker
from functions.audiences import refresh, service, wiring
from functions.audiences.service import AudienceRequest
from functions.contracts.queues import AnswerAudienceJob, BuildShardJob, Job, Queue, ScanPeopleJob
from functions.domain.ids import AudienceId
from functions.domain.refresh import segments_for, shards_for
from functions.runtime.aws import session
from functions.workers.events import TURN
from tests.integration.account import Account

PEOPLE = 1_000_000
_ROWS_A_PERSON = 5
"""Profile, advertisements, events by month; as ``functions/domain/refresh.py`` reckons."""
_AUDIENCES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """A refresh of a million people, answering 20 audiences."""

    people: int
    jobs: float
    requests: Counter[str]
    units: Counter[str]
    cpu_ms_per_thousand: float


def measure(people: int) -> Refreshed:
    """Count a refresh of so many people, and reckon that of a million."""
    spent = Spent()
    with an_account() as account, spent.without_the_emulator():
        wiring.deps.cache_clear()
        meter = Meter()
        attach(meter, session(), spent.aside(looker(account)), aside=spent.aside)
        Run(account, meter, recipients=people).prepare()
        _define(account)
        meter.reset()
        spent.began()
        jobs = _refresh(account, meter, spent)
        return _for_a_million(meter, jobs, people, spent.taken())


def _define(account: Account) -> None:
    for number in range(_AUDIENCES):
        wanted = AudienceRequest(
            name=f"bench {number}", definition={"attribute": "grade", "equals": f"VIP{number}"}
        )
        audience_id = AudienceId(f"aud_{number}")
        service.create(wanted, audience_id=audience_id, deps=wiring.deps(), now=NOON)
    account.take_jobs(Queue.AUDIENCES)


def _refresh(account: Account, meter: Meter, spent: Spent) -> int:
    refresh.start(deps=wiring.deps(), now=NOON)
    done = 0
    while jobs := spent.aside(account.take_jobs)(Queue.AUDIENCES):
        meter.delivered(len(jobs))
        done += len(jobs)
        for job in jobs:
            _work(job)
    return done


def _work(job: Job) -> None:
    deps = wiring.deps()
    match job:
        case ScanPeopleJob():
            refresh.scan(job, deps=deps, now=NOON, clock=lambda: NOON, until=NOON + TURN)
        case BuildShardJob():
            refresh.build(job, deps=deps, now=NOON)
        case AnswerAudienceJob() | _:
            msg = f"a refresh makes no {job.KIND}"
            raise ValueError(msg)


def _for_a_million(meter: Meter, jobs: int, people: int, cpu_s: float) -> Refreshed:
    rows = PEOPLE * _ROWS_A_PERSON
    segments, shards = segments_for(rows) + 1, shards_for(rows)
    steps = math.ceil((segments + shards) / jobs)
    contacts = next(reads for name, reads in meter.rru_by_table.items() if "contacts" in name)
    other_reads = meter.rru - contacts
    units = Counter(
        dynamodb_write=meter.wru * steps,
        dynamodb_read=contacts * PEOPLE / people + other_reads * steps,
        sqs_request=meter.sqs * steps,
        s3_put=meter.s3_put * steps,
        s3_get=meter.s3_get * steps + segments * shards,
    )
    requests = Counter({name: math.ceil(n * steps) for name, n in meter.requests.items()})
    return Refreshed(
        people=PEOPLE,
        jobs=segments + shards,
        requests=requests,
        units=units,
        cpu_ms_per_thousand=round(cpu_s * 1e6 / people, 1),
    )
