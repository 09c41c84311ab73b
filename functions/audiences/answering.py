"""Questions about the people of the newest refresh: one audience's members, or a preview."""

from datetime import datetime
from pathlib import Path

from functions.audiences import refresh as refreshing
from functions.audiences.ports import AudienceDeps, Engine
from functions.audiences.questions import Question, questions_from_json, questions_to_json
from functions.content.people_columns import ACTIVITY_FILE, PEOPLE_FILE
from functions.contracts.errors import Conflict
from functions.contracts.queues import AnswerAudienceJob
from functions.domain.ids import AudienceId, ContactId
from functions.domain.preview import Preview, estimated
from functions.domain.refresh import NOBODY, Refresh
from functions.domain.segment import Node

_FILES = (PEOPLE_FILE, ACTIVITY_FILE)
EXACT_SHARDS = 2
"""So many shards a preview asks; of more people it asks a part, and says how far it may be off."""


def answer(job: AnswerAudienceJob, *, deps: AudienceDeps, now: datetime) -> bool:
    """Answer a new or changed audience from the newest refresh; False when it starts one first."""
    refresh = deps.refreshes.newest(done=True)
    audience = deps.audiences.get(AudienceId(job.audience_id))
    if audience is None:
        return True
    if refresh is None:
        if deps.refreshes.newest() is None:
            refreshing.start(deps=deps, now=now)
        return False
    stored = questions_to_json(deps.audiences.all(), [audience.audience_id])
    (question,) = questions_from_json(stored)
    counts = NOBODY
    with deps.engine() as (engine, scratch):
        for shard in range(refresh.shards):
            folder = _fetched(refresh, shard, scratch, deps)
            members = _members(question, refresh, folder, engine)
            counts += refreshing.save_members(
                question, refresh, shard, members, deps=deps, changed=True
            )
    refreshing.use(question, refresh, counts, deps=deps, now=now)
    return True


def _members(question: Question, refresh: Refresh, folder: Path, engine: Engine) -> list[ContactId]:
    found = engine.evaluate(folder, {question.audience_id: question.node}, today=refresh.day)
    return engine.contact_ids(folder, found[question.audience_id])


def preview(node: Node, *, deps: AudienceDeps) -> Preview:
    """Count who would be in an audience at the newest refresh, and name some.

    Raises Conflict ``no_refresh_yet``.
    """
    refresh = deps.refreshes.newest(done=True)
    if refresh is None:
        msg = "Nobody was read yet: start a refresh, or wait for tonight's."
        raise Conflict(msg, code="no_refresh_yet")
    shards = range(min(refresh.shards, EXACT_SHARDS))
    with deps.engine() as (engine, scratch):
        folders = [_fetched(refresh, shard, scratch, deps) for shard in shards]
        found = engine.preview(folders, node, today=refresh.day)
    asked = sum(each.people for each in deps.refreshes.results(refresh.run_id)[: len(folders)])
    return estimated(
        found.count, asked=asked, people=refresh.people, day=refresh.day, sample=found.contact_ids
    )


def _fetched(refresh: Refresh, shard: int, scratch: Path, deps: AudienceDeps) -> Path:
    folder = scratch / refresh.run_id / f"{shard:04d}"
    deps.files.download(refresh.run_id, shard, _FILES, folder)
    return folder
