"""Queues of batches to send, one per channel."""

from datetime import datetime

from chalice.app import Blueprint

from functions.contracts.queues import SendJob
from functions.dispatch import service, wiring
from functions.dispatch.report import Outcome, Report
from functions.runtime import observe
from functions.runtime.entry import TryLater, on_jobs

bp = Blueprint(__name__)
_NOTHING_NEW = (Outcome.GONE, Outcome.LEASED, Outcome.PARKED, Outcome.PACED, Outcome.SHUT)
"""Nothing of a batch was recorded. NOTHING_DUE is not among them: who recorded may have died."""


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="dispatch_sms")
@on_jobs
def dispatch_sms(job: SendJob, *, now: datetime) -> None:
    """Send a batch of SMS, LMS or MMS."""
    _send(job, now=now, channel="sms")


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=1, name="dispatch_kakao")
@on_jobs
def dispatch_kakao(job: SendJob, *, now: datetime) -> None:
    """Send a batch of Alimtalk."""
    _send(job, now=now, channel="kakao")


def _send(job: SendJob, *, now: datetime, channel: str) -> None:
    report = service.send_batch(job, deps=wiring.deps(), now=now)
    counts = {
        "MessagesSent": report.sent,
        "MessagesFailed": report.failed,
        "MessagesRefused": report.refused,
        "MessagesHeld": report.held,
        "MessagesUnknown": report.unknown,
        "MessagesCancelled": report.cancelled,
    }
    facts = {"batch": job.batch, "source": report.source, "outcome": report.outcome}
    observe.info("dispatch.batch", **facts, account=report.account, **counts)
    observe.count(counts, channel=channel)
    _tell_turn(report, channel=channel)
    if report.outcome not in _NOTHING_NEW or report.refused:
        wiring.announce(job.batch)
    if report.outcome is Outcome.LEASED:
        msg = "another worker sends this batch"
        raise TryLater(msg)


def _tell_turn(report: Report, *, channel: str) -> None:
    turn = report.turn
    if turn.opened:
        why = {"why": "balance"} if turn.unpaid else {}
        observe.warn("dispatch.breaker.opened", channel=channel, account=report.account, **why)
    if turn.healed:
        observe.info("dispatch.breaker.healed", channel=channel, account=report.account)
    counts = {
        "BreakerOpened": turn.opened,
        "BreakerHealed": turn.healed,
        "AccountUnpaid": turn.unpaid,
    }
    observe.count(counts, channel=channel, account=report.account)
