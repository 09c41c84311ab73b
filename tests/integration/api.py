"""Calls the API in process, as API Gateway would."""

import json
from dataclasses import dataclass
from typing import Any

from chalice.test import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer. ``body`` is what its JSON says."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """A caller with an API key."""

    client: Client
    token: str

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)

    def post(self, path: str, body: object, **headers: str) -> Answer:
        return self.call("POST", path, json.dumps(body).encode(), **headers)

    def put(self, path: str, body: object, **headers: str) -> Answer:
        return self.call("PUT", path, json.dumps(body).encode(), **headers)

    def patch(self, path: str, body: object, **headers: str) -> Answer:
        return self.call("PATCH", path, json.dumps(body).encode(), **headers)

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Call with these headers, in which ``_`` stands for ``-``; an empty one is left out."""
        given = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.http.request(
            method, path, headers={name: each for name, each in given.items() if each}, body=body
        )
        return Answer(
            status=answer.status_code,
            headers=dict(answer.headers),
            text=answer.body.decode(errors="replace"),
        )

    def deliver(self, function: str, *bodies: str) -> list[str]:
        """Hand queue messages to a Lambda; ids of those it failed."""
        event = self.client.events.generate_sqs_event(list(bodies))
        for number, record in enumerate(event["Records"]):
            record["messageId"] = str(number)
        report = self.client.lambda_.invoke(function, event).payload
        return [each["itemIdentifier"] for each in report["batchItemFailures"]]
