"""What a shop does through the public API, so that the stories read as prose."""

import base64
import io
import itertools
import json
import os
import signal
from pathlib import Path
from typing import Any

from PIL import Image

from infra.demo.api import Api
from infra.demo.story import ALIMTALK_ID, ALIMTALK_TEXT, OPT_OUT_NUMBER, PF_ID, SENDER_NUMBER
from infra.local.carrier.client import wait_until
from infra.local.session import LocalSystem

Json = dict[str, Any]
_numbers = itertools.count(1)
PATIENCE_S = 60.0


class Shop:
    """Calls the API, and looks at phones, queues and processes."""

    def __init__(self, system: LocalSystem) -> None:
        self.system = system
        self.carrier = system.carrier
        self.api = Api(system.deployment.api_url, token=system.api_key)
        self.outputs = system.deployment.outputs

    def close(self) -> None:
        self.api.close()

    # Given

    def register_at_the_carrier(self) -> None:
        self.carrier.add_sender(SENDER_NUMBER.replace("-", ""))
        self.carrier.add_template(ALIMTALK_ID, pf_id=PF_ID, content=ALIMTALK_TEXT)
        base = self.system.deployment.api_url
        paths = self.api.get("/v1/webhooks/incoming")["paths"]
        self.carrier.configure(
            report_delay_s=0.1,
            webhook_url=base + paths["solapi"],
            inbound_url=base + paths["inbound"],
        )

    def a_sender(self, channel: str = "sms") -> str:
        body: Json = {"channel": channel, "address": SENDER_NUMBER, "display_name": "알림상점"}
        if channel == "kakao":
            body["address"] = PF_ID
        else:
            body["opt_out_number"] = OPT_OUT_NUMBER
        sender_id: str = self.api.post("/v1/senders", body)["sender_id"]
        self.api.post(
            f"/v1/senders/{sender_id}/review", {"status": "approved", "note": "our own number"}
        )
        return sender_id

    def a_template(self, body: str, **more: object) -> str:
        facts = {"name": "이야기", "channel": "sms", "purpose": "transactional", "body": body}
        template_id: str = self.api.post("/v1/templates", facts | more)["template_id"]
        self.api.post(f"/v1/templates/{template_id}/submit", {"version": 1})
        self.api.post(f"/v1/templates/{template_id}/approve", {"version": 1})
        return template_id

    def an_image(self) -> str:
        buffer = io.BytesIO()
        Image.new("RGB", (1400, 900), "tomato").save(buffer, "PNG")
        data = base64.b64encode(buffer.getvalue()).decode()
        image_id: str = self.api.post("/v1/images", {"data": data})["image_id"]
        return image_id

    def a_customer(self, *, agreed: bool = True) -> str:
        number = next(_numbers)
        contact_id = f"e2e-{number}"
        self.api.put(
            f"/v1/contacts/{contact_id}",
            {"phone": f"010-0555-{number:04d}", "attributes": {"name": "이야기꾼"}},
        )
        if agreed:
            self.change_consent(contact_id, "grant")
        return contact_id

    def change_consent(self, contact_id: str, action: str) -> None:
        change = {"channel": "sms", "purpose": "advertising", "action": action, "source": "story"}
        self.api.post(f"/v1/contacts/{contact_id}/consents", change)

    # When

    def send(self, template_id: str, *contact_ids: str, **more: object) -> list[Json]:
        sender_id = more.pop("sender_id", None) or self.a_sender()
        variables = more.pop("variables", {})
        body = {
            "template_id": template_id,
            "template_version": 1,
            "sender_id": sender_id,
            "to": [{"contact_id": each, "variables": variables} for each in contact_ids],
        }
        messages: list[Json] = self.api.post("/v1/messages", body | more)["messages"]
        return messages

    def deliver_again(self, message_id: str) -> None:
        """Put the batch's queue message into the queue once more, as SQS may do."""
        batch = int(message_id.split("-")[1], 16)
        body = {"kind": "dispatch.send", "v": 1, "data": {"batch": batch, "attempt": 0}}
        self._sqs().send_message(
            QueueUrl=self.outputs["DispatchSmsQueueUrl"], MessageBody=json.dumps(body)
        )

    def kill_dispatch_workers(self) -> int:
        """Kill the processes of the dispatch Lambda; returns how many there were."""
        stack = Path("e2e", os.environ.get("PYTEST_XDIST_WORKER", ""), "tmp")
        name = f"{stack}/ministack-lambda-allim-local-dispatch-sms"
        killed = 0
        for process in Path("/proc").glob("[0-9]*"):
            if name in _folder(process):
                os.kill(int(process.name), signal.SIGKILL)
                killed += 1
        return killed

    # Then

    def message(self, message_id: str) -> Json:
        return self.api.get(f"/v1/messages/{message_id}")

    def wait_for(self, message_id: str, *statuses: str, deadline_s: float = PATIENCE_S) -> Json:
        return wait_until(
            lambda: found if (found := self.message(message_id))["status"] in statuses else None,
            deadline_s=deadline_s,
        )

    def on_the_phone(self, message_id: str) -> list[Json]:
        """What reached the phone of this message: its ledger entries."""
        return self.carrier.ledger(ref=message_id)

    def dead_letters(self) -> dict[str, int]:
        counts = {}
        for name, url in self.outputs.items():
            if name.endswith("DeadLettersUrl"):
                answer = self._sqs().get_queue_attributes(
                    QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
                )
                counts[name] = int(answer["Attributes"]["ApproximateNumberOfMessages"])
        return counts

    def client(self, service: str) -> Any:
        """A client of a service of the account."""
        account = self.system.stack.account
        return account.session.client(service, endpoint_url=account.endpoint_url)

    def _sqs(self) -> Any:
        return self.client("sqs")


def _folder(process: Path) -> str:
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return ""
