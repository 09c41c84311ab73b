"""Forgets a person in the files that audiences are asked of."""

from datetime import datetime, timedelta

from functions.audiences.ports import AudienceDeps
from functions.content.people_columns import ACTIVITY_FILE, PEOPLE_FILE
from functions.contracts.queues import ForgetPersonJob
from functions.domain.audience import shard_of
from functions.domain.ids import ContactId
from functions.domain.refresh import RefreshStatus

_FILES_KEPT_FOR = timedelta(days=5)
"""The bucket drops them after four (template.yaml)."""


def forget(job: ForgetPersonJob, *, deps: AudienceDeps, now: datetime) -> int:
    """Empty the person's row in every refresh that has files yet; tells in how many.

    One that is under way reads no profile of the person any more, or is found by the second sweep.
    """
    contact_id, forgotten = ContactId(job.contact_id), 0
    for refresh in deps.refreshes.since(now - _FILES_KEPT_FOR):
        if refresh.status is not RefreshStatus.DONE:
            continue
        shard = shard_of(contact_id, refresh.shards)
        with deps.engine() as (engine, scratch):
            folder = scratch / refresh.run_id
            deps.files.download(refresh.run_id, shard, (PEOPLE_FILE, ACTIVITY_FILE), folder)
            if engine.forget(folder, contact_id):
                deps.files.upload(refresh.run_id, shard, folder)
                forgotten += 1
    return forgotten
