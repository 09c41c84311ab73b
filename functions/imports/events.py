"""The queue of imports."""

from datetime import datetime, timedelta

from chalice.app import Blueprint

from functions.contracts.queues import ImportJob
from functions.domain.ids import ImportId
from functions.imports import reading, undoing, wiring
from functions.imports.reading import Step
from functions.runtime import observe
from functions.runtime.clock import utc_now
from functions.runtime.entry import on_jobs

bp = Blueprint(__name__)

TURN = timedelta(seconds=180)
"""Well below the Lambda's 300 s: the last chunk and the list of rejected rows come after it."""


@bp.on_sqs_message(queue_arn="placeholder", batch_size=1, name="imports")
@on_jobs
def read_import(job: ImportJob, *, now: datetime) -> None:
    """Take a turn at reading the file, or at undoing what was read."""
    import_id, until = ImportId(job.import_id), now + TURN
    turn = reading.read_file(import_id, deps=wiring.deps(), clock=utc_now, until=until)
    if turn.step is Step.NOT_RUNNING:
        deps = wiring.undo_deps()
        turn = undoing.undo_file(import_id, deps=deps, clock=utc_now, until=until)
    observe.info(
        "imports.turn",
        import_id=job.import_id,
        step=str(turn.step),
        rows=turn.counts.rows,
        rejected=turn.counts.rejected,
    )
