"""Builds what the redirect needs, once a process."""

from functools import cache

from functions.contracts.codec import to_body
from functions.contracts.queues import LinkHit, LinkOpened, Queue
from functions.domain.slug import HEALTH
from functions.domain.tracking_code import Coder
from functions.redirect.service import RedirectDeps
from functions.redirect.slugs import Slugs
from functions.redirect.targets import Targets
from functions.runtime import derive
from functions.runtime.settings import queue_url, setting, table_name
from functions.runtime.signed_client import SignedClient, signed_client

_PURPOSE = "tracking"


class ClickQueue:
    """Notes hits in the queue of clicks."""

    def __init__(self, client: SignedClient) -> None:
        self._client = client

    def put(self, hit: LinkHit | LinkOpened) -> None:
        """Send one message. Raises Unavailable, or MissingSetting."""
        self._client.send_message(queue_url(Queue.CLICKS), to_body(hit))


@cache
def deps() -> RedirectDeps:
    """Read the secret and make the rest. Raises Unavailable; the next request tries again."""
    client = signed_client()
    master = client.secret(setting("SECRET_MASTER_ARN"))
    return RedirectDeps(
        coder=Coder(derive.key(master, purpose=_PURPOSE)),
        targets=Targets(
            client,
            batches_table=table_name("batches"),
            templates_table=table_name("templates"),
        ),
        slugs=Slugs(client, table=table_name("links")),
        clicks=ClickQueue(client),
        health=derive.token(master, purpose=HEALTH),
    )
