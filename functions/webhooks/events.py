"""The queue of what webhooks are to be told."""

from datetime import datetime

from chalice.app import Blueprint

from functions.contracts.webhook_jobs import ReplayJob, TellJob
from functions.runtime import observe
from functions.runtime.entry import on_jobs
from functions.webhooks import replaying, telling, wiring
from functions.webhooks.telling import Outcome

bp = Blueprint(__name__)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="webhooks")
@on_jobs
def webhooks(job: TellJob | ReplayJob, *, now: datetime) -> None:
    """Tell a webhook what is new of a batch, or what happened long ago."""
    match job:
        case TellJob():
            _report(job, telling.tell(job, deps=wiring.tell_deps(), now=now))
        case ReplayJob():
            replay = replaying.get_on(job, deps=wiring.replay_deps(), now=now)
            if replay is not None:
                observe.info(
                    "webhooks.replayed",
                    webhook=job.webhook_id,
                    replay=job.replay_id,
                    status=replay.status,
                    events=replay.events,
                )


def _report(job: TellJob, report: telling.Report) -> None:
    failed = report.outcome in (Outcome.FAILED, Outcome.GIVEN_UP)
    tell = observe.warn if failed else observe.info
    tell(
        "webhooks.told",
        outcome=report.outcome,
        webhook=job.webhook_id,
        batch=job.batch,
        attempt=job.attempt,
        events=report.events,
        posts=report.posts,
        status=report.status,
        trouble=report.trouble,
    )
    observe.count(
        {
            "WebhookEvents": report.events,
            "WebhookFailures": int(report.outcome is Outcome.FAILED),
            "WebhooksGivenUp": int(report.outcome is Outcome.GIVEN_UP),
        }
    )
