"""Puts the notices together."""

from collections.abc import Sequence
from functools import cache

from functions.contracts.queues import MessagesRequested, NoticesDue, Queue
from functions.notices.ports import NoticeDeps
from functions.runtime import queues
from functions.runtime.ids import fresh_id
from functions.runtime.settings import tenant_zone
from functions.storage.batches import BatchStore
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
from functions.storage.notices import NoticeStore
from functions.storage.requests import RequestStore
from functions.storage.senders import SenderStore
from functions.storage.templates import TemplateStore


@cache
def deps() -> NoticeDeps:
    """What the use cases need."""
    return NoticeDeps(
        notices=NoticeStore(),
        contacts=ContactStore(),
        consents=ConsentStore(),
        batches=BatchStore(),
        requests=RequestStore(),
        templates=TemplateStore(),
        senders=SenderStore(),
        enqueue=_enqueue,
        ask=_ask,
        fresh=fresh_id,
        zone=tenant_zone(),
    )


def _enqueue(jobs: Sequence[NoticesDue], delay_s: int) -> None:
    queues.send(jobs, to=Queue.NOTICES, delay_s=delay_s)


def _ask(job: MessagesRequested) -> None:
    # One a call: 200 people fill a good part of what SQS takes at once.
    queues.send([job], to=Queue.REQUESTS)
