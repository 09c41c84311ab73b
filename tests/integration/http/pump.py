"""Runs the workers: takes what is in the queues and hands it to the real event handlers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.contracts.queues import Queue
from infra.local.carrier.client import CarrierControl, wait_until
from tests.contract.carrier.receiver import Receiver
from tests.integration.account import Account
from tests.integration.api import Api

_FUNCTION_BY_QUEUE = {
    Queue.PLAN: "plan",
    Queue.DISPATCH_SMS: "dispatch_sms",
    Queue.DISPATCH_KAKAO: "dispatch_kakao",
    Queue.RECEIPTS: "receipts",
    Queue.CLICKS: "clicks",
    Queue.IMPORTS: "imports",
    Queue.NOTICES: "notices",
    Queue.REQUESTS: "requests",
    Queue.OPTOUTS: "optouts",
    Queue.PRIVACY: "privacy",
    Queue.COMPLIANCE: "compliance",
    Queue.AUDIENCES: "audiences",
    Queue.EVENTS: "events",
    Queue.LIVE: "live",
    Queue.WEBHOOKS: "webhooks",
}
_LONGEST_CHAIN = 20


@dataclass(slots=True, kw_only=True)
class Pump:
    """Does what SQS and Lambda do between the API's answer and the phone.

    ``poison`` keeps the bodies that a worker reported failed, which AWS would bring back and
    then put into the dead-letter queue.
    """

    api: Api
    account: Account
    carrier: CarrierControl
    receiver: Receiver
    poison: list[str] = field(default_factory=list)
    _taken_calls: int = 0

    def run(self) -> None:
        """Work off everything that is visible, and what comes of it."""
        for _ in range(_LONGEST_CHAIN):
            worked = [self._work_off(queue) for queue in Queue]
            if not any(worked):
                return
        msg = "the queues do not run dry"
        raise AssertionError(msg)

    def tick(self) -> None:
        """The minute tick, and the work that is due by it."""
        event = self.api.client.events.generate_cw_event("aws.events", "tick", {}, [])
        self.api.client.lambda_.invoke("tick", event)
        self.run()

    def poll_opt_outs(self) -> None:
        """The tick that looks for refusals at the provider, and the work that it finds."""
        event = self.api.client.events.generate_cw_event("aws.events", "poll", {}, [])
        self.api.client.lambda_.invoke("opt_out_poll", event)
        self.run()

    def take_reports(self, *messages: Mapping[str, Any]) -> None:
        """Wait until the carrier reported these messages, and merge all that it reported."""
        wanted = {message["message_id"] for message in messages}
        wait_until(lambda: wanted <= self._reported())
        calls = list(self.receiver.calls)
        self.post_reports(calls[self._taken_calls :])
        self._taken_calls = len(calls)

    def post_reports(self, calls: Iterable[list[dict[str, Any]]]) -> None:
        """Post reports to the API's webhook, and merge them."""
        path = self.api.get("/v1/webhooks/incoming").body["paths"]["solapi"]
        for call in calls:
            answer = self.api.post(path, call, Authorization="")
            assert answer.status == 200, answer.text
        self.run()

    def _reported(self) -> set[str]:
        return {item["data"]["customFields"]["ref"] for item in self.receiver.items}

    def _work_off(self, queue: Queue) -> bool:
        bodies = self.account.take_bodies(queue)
        failed = self.api.deliver(_FUNCTION_BY_QUEUE[queue], *bodies) if bodies else []
        self.poison += [bodies[int(number)] for number in failed]
        return bool(bodies)
