"""The provider of the benchmark: takes bulk calls, keeps every body, and says what it got.

``POST /messages/v4/send-many/detail`` is SOLAPI's call; ``/floor`` takes anything and keeps
nothing; ``/reset`` forgets; ``/check/{first}/{count}`` compares what came with what should have.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from benchmarks.dispatching.http_server import Answer, Request, serve
from benchmarks.dispatching.letters import number_of, phone_of, text_of

_TAKEN = json.dumps({"failedMessageList": [], "groupInfo": {"status": "SENDING"}}).encode()


class Sink:
    """Keeps the bodies as they are until somebody asks."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []
        self._messages = 0

    def handle(self, request: Request) -> Answer:
        """Answer one request."""
        match request.path.strip("/").split("/"):
            case ["floor"]:
                return Answer()
            case ["reset"]:
                self._bodies.clear()
                self._messages = 0
                return Answer()
            case ["count"]:
                return Answer(str(self._messages).encode())
            case ["check", first, count]:
                return Answer(json.dumps(self._check(int(first), int(count))).encode())
            case _:
                self._bodies.append(request.body)
                self._messages += request.body.count(b'"customFields"')
                return Answer(_TAKEN)

    def _check(self, first: int, count: int) -> dict[str, int]:
        messages: list[dict[str, Any]] = [
            message for body in self._bodies for message in json.loads(body)["messages"]
        ]
        times = Counter(message["to"] for message in messages)
        wanted = {phone_of(number) for number in range(first, first + count)}
        return {
            "messages": len(messages),
            "calls": len(self._bodies),
            "missing": len(wanted - times.keys()),
            "strangers": len(times.keys() - wanted),
            "repeated": sum(each - 1 for each in times.values()),
            "refs_repeated": len(messages) - len({m["customFields"]["ref"] for m in messages}),
            "wrong_text": sum(m["text"] != text_of(number_of(m["to"])) for m in messages),
        }


if __name__ == "__main__":
    serve(Sink().handle)
