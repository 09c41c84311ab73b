"""Puts audiences together."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path

from functions.audiences.ports import AudienceDeps, Engine
from functions.contracts.live_document import look_jobs
from functions.contracts.queues import AudienceJob, Queue
from functions.domain.ids import ContactId
from functions.runtime import queues
from functions.runtime.clock import utc_now
from functions.runtime.ids import fresh_id
from functions.runtime.settings import function_mb, tenant_zone
from functions.storage.audience_members import MemberStore
from functions.storage.audiences import AudienceStore
from functions.storage.message_scan import MessageScan
from functions.storage.people_files import ChunkWriter, PeopleFiles
from functions.storage.refreshes import RefreshStore
from functions.storage.subjects import SubjectStore

_THREADS = 2
_WORKER_MB, _API_MB = 400, 200
"""What DuckDB may take; what does not fit it spills onto the disk."""
_PREVIEWS_KEPT_S = 900
"""So long a preview may still count somebody who was erased."""
_LOOK_DELAY_S = 20
"""More than a worker remembers definitions: none looks with those of before the change."""


@cache
def deps() -> AudienceDeps:
    """What the use cases need."""
    return AudienceDeps(
        audiences=AudienceStore(),
        members=MemberStore(),
        refreshes=RefreshStore(),
        subjects=SubjectStore(tenant_zone()),
        messages=MessageScan(tenant_zone()),
        files=PeopleFiles(),
        chunk=ChunkWriter,
        engine=_fresh_engine,
        enqueue=_enqueue,
        look_at=_look_at,
        fresh=fresh_id,
        gb_s=_gb_s,
        zone=tenant_zone(),
    )


@cache
def preview_deps() -> AudienceDeps:
    """The same for the API, which keeps the files it fetched for a quarter of an hour."""
    return replace(deps(), engine=_kept_engine)


def audiences() -> AudienceStore:
    """The store of audiences."""
    return AudienceStore()


def members() -> MemberStore:
    """The store of members."""
    return MemberStore()


@contextmanager
def _fresh_engine() -> Iterator[tuple[Engine, Path]]:
    # DuckDB is in the layer of the functions that ask, and costs 100 ms to import.
    from functions.content.people_file import Engine as DuckEngine

    with tempfile.TemporaryDirectory(prefix="people-") as scratch:
        engine = DuckEngine(Path(scratch), threads=_THREADS, memory_mb=_WORKER_MB)
        try:
            yield engine, Path(scratch)
        finally:
            engine.close()


@contextmanager
def _kept_engine() -> Iterator[tuple[Engine, Path]]:
    yield _api_engine(int(utc_now().timestamp()) // _PREVIEWS_KEPT_S)


@lru_cache(maxsize=1)
def _api_engine(quarter: int) -> tuple[Engine, Path]:  # noqa: ARG001  # a new one has fresh files
    from functions.content.people_file import Engine as DuckEngine

    scratch = Path(tempfile.gettempdir(), "people-of-previews")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    return DuckEngine(scratch, threads=_THREADS, memory_mb=_API_MB), scratch


def _enqueue(jobs: Sequence[AudienceJob]) -> None:
    queues.send(jobs, to=Queue.AUDIENCES)


def _look_at(contact_ids: Sequence[ContactId]) -> None:
    queues.send(look_jobs(contact_ids), to=Queue.LIVE, delay_s=_LOOK_DELAY_S)


def _gb_s() -> float:
    """Memory times time, which is what AWS charges a function for."""
    return time.monotonic() * function_mb() / 1024
