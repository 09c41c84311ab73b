"""What only the calls about a safe launch need, so that workers do without."""

from functools import cache

from functions.campaigns.trial import TrialPorts
from functions.storage.audit import AuditStore
from functions.storage.contacts import ContactStore
from functions.storage.requests import RequestStore


@cache
def audit() -> AuditStore:
    """The access log, which also tells who approved what."""
    return AuditStore()


@cache
def trial_ports() -> TrialPorts:
    """What a test needs besides what campaigns do."""
    requests = RequestStore()
    return TrialPorts(
        bind=lambda request_id, numbers, now: requests.claim(request_id, numbers, now=now),
        histories=ContactStore(),
    )
