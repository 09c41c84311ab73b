"""Which queue a channel's batches go to: one each, so that a slow provider holds up its own."""

from functions.contracts.queues import Queue
from functions.domain.channel import Channel

QUEUE_BY_CHANNEL = {Channel.SMS: Queue.DISPATCH_SMS, Channel.KAKAO: Queue.DISPATCH_KAKAO}
