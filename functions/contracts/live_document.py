"""People of live jobs as JSON: at most 100 a job, each once."""

import json
from collections.abc import Iterable

from functions.contracts.codec import ContractError
from functions.contracts.queues import LiveJob
from functions.domain.ids import ContactId

MOST_PEOPLE = 100
"""Of one job: a worker looks at them in about two seconds."""


def look_jobs(contact_ids: Iterable[ContactId]) -> list[LiveJob]:
    """Write jobs for these people."""
    ids = list(dict.fromkeys(contact_ids))
    return [
        LiveJob(contact_ids=json.dumps(ids[start : start + MOST_PEOPLE], separators=(",", ":")))
        for start in range(0, len(ids), MOST_PEOPLE)
    ]


def people_of(job: LiveJob) -> list[ContactId]:
    """Read them back. Raises ContractError."""
    try:
        ids = json.loads(job.contact_ids)
    except ValueError as error:
        msg = "contact_ids is not JSON"
        raise ContractError(msg) from error
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        msg = "contact_ids is not a list of texts"
        raise ContractError(msg)
    return [ContactId(each) for each in ids]
