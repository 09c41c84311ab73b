"""Puts dispatch together."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from time import sleep

from functions.channels.base import Channel
from functions.channels.providers import provider_of
from functions.channels.registry import accounts, channel
from functions.content.phone_zones import zones_of_phone
from functions.contracts.queues import OptOutReceived, Queue
from functions.dispatch.pace import Pace
from functions.dispatch.ports import DispatchDeps
from functions.domain.ids import AccountName, BatchNumber, ImageId
from functions.runtime import queues
from functions.runtime.clock import utc_now
from functions.runtime.ids import jittered
from functions.runtime.settings import dispatch_lease_s, tenant_zone
from functions.runtime.spread import spread
from functions.storage import announcing
from functions.storage.batches import BatchStore
from functions.storage.breakers import BreakerStore
from functions.storage.door import DoorStore
from functions.storage.gates import CampaignGates
from functions.storage.images import ImageStore
from functions.storage.lanes import LaneStore
from functions.storage.later import send_batch_at
from functions.storage.objects import ObjectStore
from functions.storage.policies import CurrentPolicy
from functions.storage.recents import RecentStore
from functions.storage.senders import SenderStore
from functions.storage.suppressions import SuppressionStore
from functions.storage.templates import TemplateStore


@cache
def deps() -> DispatchDeps:
    """What sending needs."""
    gates = CampaignGates()
    return DispatchDeps(
        batches=BatchStore(),
        contacts=DoorStore(),
        recents=RecentStore(),
        templates=TemplateStore(),
        senders=SenderStore(),
        accounts=accounts,
        channel=channel,
        breakers=BreakerStore(),
        suppressed=SuppressionStore().marks_by_phone,
        file_id=_file_id,
        later=send_batch_at,
        opted_out=_opted_out,
        gate=gates,
        clock=utc_now,
        rate=gates.rate,
        provider_of=provider_of,
        pace=Pace(lanes=LaneStore(), clock=utc_now, sleep=sleep),
        jitter=jittered,
        spread=spread,
        policy=CurrentPolicy(),
        zones_of_phone=zones_of_phone,
        default_zone=tenant_zone(),
        lease_s=dispatch_lease_s(),
    )


def announce(number: int) -> None:
    """Have webhooks told that something was recorded of a batch. Raises Unavailable."""
    announcing.announce([BatchNumber(number)])


def _opted_out(jobs: Sequence[OptOutReceived]) -> None:
    queues.send(jobs, to=Queue.OPTOUTS)


def _file_id(image_id: ImageId, account: AccountName, provider: Channel, now: datetime) -> str:
    """The id of an image at an account of the provider, uploading it the first time."""
    image = ImageStore().get(image_id)
    if image is None:
        msg = f"image {image_id} is not there"
        raise LookupError(msg)
    if account in image.provider_file_ids:
        return image.provider_file_ids[account]
    file_id = provider.upload_image(ObjectStore().get_bytes(image.object_key), now=now)
    ImageStore().remember_upload(image, account, provider_file_id=file_id)
    return file_id
