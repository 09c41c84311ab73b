"""Webhooks as callers see them: made, changed, given new secrets, tried out, removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from functions.contracts.errors import Conflict, InvalidInput, NotFound
from functions.contracts.webhook_document import of_test
from functions.domain.webhook import MAX_WEBHOOKS, UrlFault, Webhook, WebhookId, url_fault
from functions.domain.webhook_signature import secret_text
from functions.webhooks.ports import PostDeps, Said
from functions.webhooks.posting import send

_MESSAGES = {
    UrlFault.INVALID_LINK: "Use a whole address in ASCII, without blanks, user name and fragment.",
    UrlFault.HTTPS_ONLY: "Use https.",
    UrlFault.NOT_PUBLIC: "Use a host that is reached over the public internet.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDeps:
    """What the use cases need. ``local``: plain http to this machine is allowed."""

    post: PostDeps
    on: bool
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A webhook as somebody wants it."""

    url: str
    types: Iterable[str]
    enabled: bool
    description: str
    batched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a test."""

    message_id: str
    said: Said
    ms: int


def make(wanted: Wanted, *, webhook_id: str, deps: WebhookDeps, now: datetime) -> Webhook:
    """Make a webhook. Raises InvalidInput, Conflict ``webhooks_off`` or ``too_many_webhooks``."""
    _check(wanted, deps)
    if not deps.on:
        msg = "This stack was deployed without webhooks: see its parameter OutgoingWebhooks."
        raise Conflict(msg, code="webhooks_off")
    fresh = Webhook(
        webhook_id=WebhookId(webhook_id),
        url=wanted.url,
        since_by_type={},
        created=now.replace(microsecond=0),
    )
    made = _as_wanted(fresh, wanted, now=now)
    if not deps.post.webhooks.add(made):
        msg = f"There are {MAX_WEBHOOKS} webhooks, which is the most."
        raise Conflict(msg, code="too_many_webhooks")
    return made


def find(webhook_id: str, *, deps: WebhookDeps) -> Webhook:
    """Read one. Raises NotFound."""
    return _found(deps.post.webhooks.get(WebhookId(webhook_id)))


def change(webhook_id: str, wanted: Wanted, *, deps: WebhookDeps, now: datetime) -> Webhook:
    """Make it as somebody wants it now; switched on again it starts anew.

    Raises InvalidInput, NotFound.
    """
    _check(wanted, deps)
    changed = deps.post.webhooks.change(
        WebhookId(webhook_id), lambda known: _as_wanted(known, wanted, now=now)
    )
    return _found(changed)


def remove(webhook_id: str, *, deps: WebhookDeps) -> None:
    """Remove one; what waits for it is dropped. Raises NotFound."""
    if not deps.post.webhooks.remove(WebhookId(webhook_id)):
        raise _not_found()


def rotate(webhook_id: str, *, deps: WebhookDeps, now: datetime) -> Webhook:
    """Give it a new secret, beside which the present one signs for a day. Raises NotFound."""
    changed = deps.post.webhooks.change(WebhookId(webhook_id), lambda known: known.rotated(now=now))
    return _found(changed)


def secret_of(webhook: Webhook, *, deps: WebhookDeps, now: datetime) -> str:
    """The newest secret, as its receiver keeps it: to be shown once."""
    return secret_text(deps.post.keys_of(webhook, now)[0])


def try_out(webhook_id: str, *, test_id: str, deps: WebhookDeps, now: datetime) -> Tried:
    """Send a test, also to one that is switched off. Raises NotFound."""
    webhook = find(webhook_id, deps=deps)
    outgoing, began = of_test(test_id, now=now), deps.post.clock()
    line = deps.post.connect(webhook.url)
    try:
        said = send(webhook, outgoing, line, deps=deps.post, now=now)
    finally:
        line.close()
    took = deps.post.clock() - began
    return Tried(message_id=test_id, said=said, ms=int(took.total_seconds() * 1_000))


def _as_wanted(webhook: Webhook, wanted: Wanted, *, now: datetime) -> Webhook:
    return webhook.changed(
        url=wanted.url,
        types=wanted.types,
        enabled=wanted.enabled,
        description=wanted.description,
        batched=wanted.batched,
        now=now,
    )


def _check(wanted: Wanted, deps: WebhookDeps) -> None:
    fault = url_fault(wanted.url, local=deps.local)
    if fault is not None:
        raise InvalidInput.field("/url", str(fault), _MESSAGES[fault])


def _found(webhook: Webhook | None) -> Webhook:
    if webhook is None:
        raise _not_found()
    return webhook


def _not_found() -> NotFound:
    return NotFound("There is no such webhook.")
