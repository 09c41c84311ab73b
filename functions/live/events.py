"""The stream of people who changed, and the queue of those to look at."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalice.app import Blueprint

from functions.contracts.live_document import people_of
from functions.contracts.queues import LiveJob
from functions.domain.ids import ContactId
from functions.live import service, wiring
from functions.runtime import observe
from functions.runtime.entry import on_changes, on_jobs

bp = Blueprint(__name__)


@bp.on_dynamodb_record(
    stream_arn="replaced-by-template",
    batch_size=100,
    starting_position="TRIM_HORIZON",
    name="people_changed",
)
@on_changes
def people_changed(keys: Sequence[Mapping[str, str]], *, now: datetime) -> None:
    """Put those who changed into the queue, when an audience is live."""
    changed = [ContactId(key["contact_id"]) for key in keys]
    service.notice(changed, known=wiring.definitions(), deps=wiring.deps(), now=now)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=10, name="live")
@on_jobs
def live(job: LiveJob, *, now: datetime) -> None:
    """Look in which live audiences people are."""
    moved = service.look_at_all(
        people_of(job), known=wiring.definitions(), deps=wiring.deps(), now=now
    )
    observe.count({"AudienceEntered": moved[service.ENTERED], "AudienceLeft": moved[service.LEFT]})
