"""Requests that come by the queue instead of by HTTP."""

from datetime import timedelta

from functions.contracts.asked import from_text
from functions.contracts.queues import MessagesRequested
from functions.domain.ids import SenderId, TemplateId
from functions.sending.ports import Addressee, SendRequest

KEEP_ASKED = timedelta(days=100)
"""So long whoever asked may look for the answer or ask again: longer than notices are tried."""


def request_of(job: MessagesRequested) -> SendRequest:
    """Make it the request that the one door takes. Raises ContractError.

    The fingerprint says nothing of the content: who asks again under the same id, maybe for fewer
    people, gets what was accepted before.
    """
    return SendRequest(
        request_id=job.request_id,
        fingerprint="",
        template_id=TemplateId(job.template_id),
        template_version=job.template_version,
        sender_id=SenderId(job.sender_id),
        addressees=tuple(
            Addressee(contact_id=each.contact_id, phone=None, variables=each.variables)
            for each in from_text(job.to)
        ),
        variables={},
        send_at=None,
        keep=KEEP_ASKED,
    )
