"""Imports as callers see them."""

from dataclasses import replace

import pytest

from functions.contracts.errors import AppError
from functions.contracts.queues import ImportJob
from functions.domain.contact_file import ContactImport, ImportStatus, Upload
from functions.domain.ids import ImportId
from functions.imports.service import create, find, start
from tests.unit.imports.fakes import CREATED, IMPORT, STARTED, FakeFiles, World

NEW = ImportId("imp_2")


@pytest.fixture
def world() -> World:
    made = World.of("고객번호\nC1\n")
    create("고객.csv", {}, import_id=NEW, deps=made.deps, now=CREATED)
    return made


def code_of(error: pytest.ExceptionInfo[AppError]) -> tuple[str, str]:
    return type(error.value).__name__, error.value.code


def test_a_new_import_waits_for_its_file(world: World) -> None:
    assert find(NEW, deps=world.deps) == ContactImport(
        import_id=NEW,
        filename="고객.csv",
        created=CREATED,
        status=ImportStatus.AWAITING_FILE,
    )
    assert world.jobs == []


def test_there_is_no_import_that_nobody_made(world: World) -> None:
    with pytest.raises(AppError) as error:
        find(ImportId("imp_9"), deps=world.deps)

    assert code_of(error) == ("NotFound", "not_found")


def test_starting_notes_what_was_uploaded_and_calls_a_worker(world: World) -> None:
    started = start(NEW, deps=world.deps, now=STARTED)

    assert started.status is ImportStatus.RUNNING
    assert (started.started, started.size_bytes, started.etag) == (STARTED, 16, '"tag"')
    assert world.jobs == [ImportJob(import_id=NEW)]


def test_does_not_start_before_the_file_is_there(world: World) -> None:
    world.files.content = None

    with pytest.raises(AppError) as error:
        start(NEW, deps=world.deps, now=STARTED)

    assert code_of(error) == ("Conflict", "file_missing")
    assert find(NEW, deps=world.deps).status is ImportStatus.AWAITING_FILE
    assert world.jobs == []


class LargeFiles(FakeFiles):
    """An upload of any size, without its bytes."""

    size_bytes = 0

    def find(self, import_id: ImportId) -> Upload:
        return Upload(size_bytes=self.size_bytes, etag='"tag"')


@pytest.mark.parametrize(("size_bytes", "taken"), [(1 << 30, True), ((1 << 30) + 1, False)])
def test_takes_a_gibibyte_and_not_one_byte_more(
    world: World, size_bytes: int, *, taken: bool
) -> None:
    files = LargeFiles()
    files.size_bytes = size_bytes
    deps = replace(world.deps, files=files)

    if taken:
        assert start(NEW, deps=deps, now=STARTED).size_bytes == size_bytes
        return
    with pytest.raises(AppError) as error:
        start(NEW, deps=deps, now=STARTED)
    assert code_of(error) == ("PayloadTooLarge", "too_large")
    assert world.jobs == []


def test_starting_what_runs_calls_a_worker_again_and_changes_nothing(world: World) -> None:
    before = find(IMPORT, deps=world.deps)

    assert start(IMPORT, deps=world.deps, now=STARTED) == before
    assert world.jobs == [ImportJob(import_id=IMPORT)]


@pytest.mark.parametrize("status", [ImportStatus.DONE, ImportStatus.REFUSED])
def test_does_not_start_what_is_finished(world: World, status: ImportStatus) -> None:
    world.imports.imports[IMPORT] = replace(world.stored, status=status)

    with pytest.raises(AppError) as error:
        start(IMPORT, deps=world.deps, now=STARTED)

    assert code_of(error) == ("Conflict", "import_finished")
    assert world.jobs == []
