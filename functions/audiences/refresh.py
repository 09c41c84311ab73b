"""The daily refresh: read all people once, write them in shards, ask each shard everything.

Every step may die or come twice. A chunk of a segment counts once the segment's row says so,
under a condition, and its files have names of their own; a shard's files and answers are the same
whenever they are made. Audiences change only at the end, all answers being there: until then,
and when a refresh fails, the one before stays in use.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from functions.audiences.ports import AudienceDeps, Chunk
from functions.audiences.questions import Question, questions_from_json, questions_to_json
from functions.contracts.person_document import subjects_from_lines
from functions.contracts.queues import AnswerAudienceJob, AudienceJob, BuildShardJob, ScanPeopleJob
from functions.domain.audience import Audience, Membership, answer_id, shard_of
from functions.domain.ids import AudienceId, ContactId
from functions.domain.people_scan import Scanned, ScanPlace
from functions.domain.refresh import (
    NOBODY,
    Counts,
    Refresh,
    RefreshStatus,
    SegmentProgress,
    ShardResult,
    due_day,
    run_id_at,
    segments_for,
    shards_for,
)
from functions.domain.segment import Node
from functions.domain.usage import NOTHING_USED, Usage

KEPT_FOR = timedelta(days=30)
"""So long the rows of a refresh are kept, and members for campaigns that were launched on them."""
USUAL = timedelta(minutes=30)
"""One that takes longer may have lost a job; the jobs of a sound one are not done twice."""
CHUNK_PEOPLE = 100_000
"""So many people a worker reads before it writes them down."""
_FILES_A_SHARD = 2


def start_due(*, deps: AudienceDeps, now: datetime) -> Refresh | None:
    """Start today's refresh, or wake up one that runs long; None when there is nothing to do."""
    newest = deps.refreshes.newest()
    if newest is not None and newest.status is not RefreshStatus.DONE:
        if now >= newest.started + USUAL:
            deps.enqueue(_open_jobs(newest, deps=deps))
        return newest
    day = due_day(now, zone=deps.zone)
    if day is None or (newest is not None and newest.day >= day):
        return None
    return start(deps=deps, now=now)


def start_since(since: datetime, *, deps: AudienceDeps, now: datetime) -> Refresh | None:
    """Start a refresh, unless one began since then or runs (None); ask again when it is done."""
    newest = deps.refreshes.newest()
    if newest is not None and (newest.status is not RefreshStatus.DONE or newest.started >= since):
        return None
    return start(deps=deps, now=now)


def start(*, deps: AudienceDeps, now: datetime) -> Refresh:
    """Start a refresh at once, of all audiences whose answer may have changed."""
    items = deps.subjects.items()
    refresh = Refresh(
        run_id=run_id_at(now, deps.fresh("r")),
        day=now.astimezone(deps.zone).date(),
        started=now,
        people_segments=segments_for(items),
        message_segments=segments_for(deps.messages.items()),
        shards=shards_for(items),
    )
    audiences = deps.audiences.all()
    asked = [each.audience_id for each in audiences if _is_asked(each)]
    deps.files.save_questions(refresh.run_id, questions_to_json(audiences, asked))
    deps.refreshes.add(refresh, expires_at=_expiry(now))
    deps.enqueue(_open_jobs(refresh, deps=deps))
    return refresh


def _is_asked(audience: Audience) -> bool:
    return audience.members is None or not audience.fixed


def _open_jobs(refresh: Refresh, *, deps: AudienceDeps) -> list[AudienceJob]:
    if refresh.status is RefreshStatus.DONE:
        return []
    if refresh.status is RefreshStatus.BUILDING:
        answered = {each.shard for each in deps.refreshes.results(refresh.run_id)}
        return [_build(refresh, each) for each in range(refresh.shards) if each not in answered]
    known = {each.segment: each for each in deps.refreshes.segments(refresh.run_id)}
    fresh = SegmentProgress(segment=0, files={})
    progress = {each: known.get(each, fresh) for each in range(refresh.segments)}
    return [
        ScanPeopleJob(run_id=refresh.run_id, segment=each, chunk=found.chunks)
        for each, found in progress.items()
        if not found.finished
    ]


def _build(refresh: Refresh, shard: int) -> BuildShardJob:
    return BuildShardJob(run_id=refresh.run_id, shard=shard)


def scan(
    job: ScanPeopleJob,
    *,
    deps: AudienceDeps,
    now: datetime,
    clock: Callable[[], datetime],
    until: datetime,
) -> int:
    """Read a segment on, to its end or until ``clock`` passes ``until``; tells how many people."""
    refresh = deps.refreshes.get(job.run_id)
    if refresh is None or refresh.status is not RefreshStatus.SCANNING:
        # Whoever moved it on may have died before it put the next steps into the queue.
        deps.enqueue([] if refresh is None else _open_jobs(refresh, deps=deps))
        return 0
    before = deps.refreshes.segment(job.run_id, job.segment)
    if before.finished or before.chunks != job.chunk:
        # Whoever wrote this chunk may have died before it put the next step into the queue.
        _go_on(refresh, before, deps=deps)
        return 0
    chunks: defaultdict[int, Chunk] = defaultdict(deps.chunk)
    people, position, read_units, began = 0, before.position, 0.0, deps.gb_s()
    for scanned, after_it in _pages(refresh, before, deps=deps):
        position = after_it
        people += _take(scanned, chunks, refresh.shards)
        read_units += scanned.read_units
        if people >= CHUNK_PEOPLE or clock() >= until:
            break
    saved = {n: c.save(job.run_id, n) for n, c in chunks.items()}
    written = sum(map(len, saved.values()))
    used = Usage(read_units=read_units, gb_s=deps.gb_s() - began, written=written)
    after = replace(
        before,
        chunks=before.chunks + 1,
        position=position,
        finished=position is None,
        files=_merged(before.files, saved),
        usage=before.usage + used,
    )
    if not deps.refreshes.advance_segment(job.run_id, before, after, expires_at=_expiry(now)):
        return 0
    _go_on(refresh, after, deps=deps)
    return people


def _go_on(refresh: Refresh, progress: SegmentProgress, *, deps: AudienceDeps) -> None:
    if progress.finished:
        _build_when_read(refresh, deps=deps)
        return
    segment, chunk = progress.segment, progress.chunks
    deps.enqueue([ScanPeopleJob(run_id=refresh.run_id, segment=segment, chunk=chunk)])


def _pages(
    refresh: Refresh, progress: SegmentProgress, *, deps: AudienceDeps
) -> Iterator[tuple[Scanned, str | None]]:
    number = progress.segment - refresh.people_segments
    if number < 0:
        of, number, source = refresh.people_segments, progress.segment, deps.subjects.scan
    else:
        of, source = refresh.message_segments, deps.messages.scan
    place = ScanPlace(segment=number, segments=of, position=progress.position)
    return source(place, now=refresh.started)


def _take(scanned: Scanned, chunks: Mapping[int, Chunk], shards: int) -> int:
    for subject in scanned.whole:
        chunks[shard_of(subject.contact_id, shards)].add(subject)
    for subject in scanned.strays:
        chunks[shard_of(subject.contact_id, shards)].add_stray(subject)
    return len(scanned.whole) + len(scanned.strays)


def _merged(
    known: Mapping[int, tuple[str, ...]], added: Mapping[int, tuple[str, ...]]
) -> dict[int, tuple[str, ...]]:
    return {
        shard: known.get(shard, ()) + added.get(shard, ()) for shard in sorted({*known, *added})
    }


def _build_when_read(refresh: Refresh, *, deps: AudienceDeps) -> None:
    segments = deps.refreshes.segments(refresh.run_id)
    if sum(each.finished for each in segments) < refresh.segments:
        return
    deps.refreshes.advance(refresh, to=RefreshStatus.BUILDING)
    deps.enqueue([_build(refresh, shard) for shard in range(refresh.shards)])


def build(job: BuildShardJob, *, deps: AudienceDeps, now: datetime) -> ShardResult | None:
    """Write a shard's files and answer everything from them; None when it is done already."""
    refresh = deps.refreshes.get(job.run_id)
    if refresh is None or refresh.status is RefreshStatus.SCANNING:
        return None
    if refresh.status is RefreshStatus.DONE:
        # Whoever finished it may have died before it cleared up.
        _clear_up(refresh, deps=deps)
        return None
    built = None
    if job.shard not in {each.shard for each in deps.refreshes.results(job.run_id)}:
        built = _built(refresh, job.shard, deps=deps)
        deps.refreshes.save_result(job.run_id, built, expires_at=_expiry(now))
    _finish_when_built(refresh, deps=deps, now=now)
    return built


def _built(refresh: Refresh, shard: int, *, deps: AudienceDeps) -> ShardResult:
    began = deps.gb_s()
    segments = deps.refreshes.segments(refresh.run_id)
    names = [name for each in segments for name in each.files.get(shard, ())]
    questions = questions_from_json(deps.files.load_questions(refresh.run_id))
    with deps.engine() as (engine, scratch):
        folder = scratch / "shard"
        people = subjects_from_lines(deps.files.lines(names), deps.files.strays(names))
        shape = engine.write_shard(people, folder)
        deps.files.upload(refresh.run_id, shard, folder)
        nodes: dict[str, Node] = {each.audience_id: each.node for each in questions}
        found = engine.evaluate(folder, nodes, today=refresh.day)
        counts = {
            each.audience_id: save_members(
                each,
                refresh,
                shard,
                engine.contact_ids(folder, found[each.audience_id]),
                deps=deps,
            )
            for each in questions
        }
    answered = len(questions)
    used = Usage(
        gb_s=deps.gb_s() - began,
        written=answered + _FILES_A_SHARD,
        # The questions, the lines, and who was in each audience before.
        read=1 + len(names) + answered,
    )
    return ShardResult(shard=shard, people=shape.people, counts=counts, usage=used)


def save_members(
    question: Question,
    refresh: Refresh,
    shard: int,
    members: list[ContactId],
    *,
    deps: AudienceDeps,
    changed: bool = False,
) -> Counts:
    """Write who of a shard is in an audience; gives how many, and what changed.

    Of a live audience those that time moved are looked at one by one, and when its definition
    has ``changed`` all that are in it or were.
    """
    answer = answer_id(refresh.run_id, question.version, refresh.shards)
    deps.members.save(question.audience_id, answer, shard, members)
    before = _members_before(question, shard, refresh.shards, deps=deps)
    now = set(members)
    if question.live:
        deps.look_at(sorted(now | before if changed else now ^ before))
    return Counts(count=len(now), entered=len(now - before), left=len(before - now))


def _members_before(
    question: Question, shard: int, shards: int, *, deps: AudienceDeps
) -> set[ContactId]:
    """Who of this shard was in it; after the number of shards changed, found among all."""
    if question.before is None:
        return set()
    load = deps.members.load
    if question.shards == shards:
        return set(load(question.audience_id, question.before, shard))
    return {
        each
        for number in range(question.shards)
        for each in load(question.audience_id, question.before, number)
        if shard_of(each, shards) == shard
    }


def _finish_when_built(refresh: Refresh, *, deps: AudienceDeps, now: datetime) -> None:
    results = deps.refreshes.results(refresh.run_id)
    if len(results) < refresh.shards:
        return
    totals = _totals(results)
    for question in questions_from_json(deps.files.load_questions(refresh.run_id)):
        use(question, refresh, totals.get(question.audience_id, NOBODY), deps=deps, now=now)
    people = sum(each.people for each in results)
    scans = deps.refreshes.segments(refresh.run_id)
    used = (*(each.usage for each in scans), *(each.usage for each in results))
    usage = sum(used, start=NOTHING_USED)
    deps.refreshes.finish(replace(refresh, people=people, usage=usage), at=now)
    _clear_up(refresh, deps=deps)


def _clear_up(refresh: Refresh, *, deps: AudienceDeps) -> None:
    # Needed no more, and full of personal data.
    for segment in deps.refreshes.segments(refresh.run_id):
        deps.files.drop_lines([name for names in segment.files.values() for name in names])
    # Who was defined or changed while it ran.
    left = [each.audience_id for each in deps.audiences.all() if not each.answered]
    deps.enqueue([AnswerAudienceJob(audience_id=each) for each in left])


def _totals(results: Iterable[ShardResult]) -> dict[AudienceId, Counts]:
    totals: dict[AudienceId, Counts] = {}
    for result in results:
        for audience_id, counts in result.counts.items():
            totals[audience_id] = totals.get(audience_id, NOBODY) + counts
    return totals


def use(
    question: Question, refresh: Refresh, counts: Counts, *, deps: AudienceDeps, now: datetime
) -> bool:
    """Put an answer in use, unless the question changed meanwhile or a later one is in use."""
    members = Membership(
        run_id=answer_id(refresh.run_id, question.version, refresh.shards),
        day=refresh.day,
        at=refresh.started,
        shards=refresh.shards,
        count=counts.count,
        entered=counts.entered,
        left=counts.left,
    )
    used = deps.audiences.set_members(question.audience_id, question.version, members)
    if used:
        deps.members.forget(question.audience_id, before=run_id_at(now - KEPT_FOR, ""))
    return used


def _expiry(now: datetime) -> int:
    return int((now + KEPT_FOR).timestamp())
