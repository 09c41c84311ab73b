"""A plain HTTP client that signs as SOLAPI's documents say, independent of the simulator."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from infra.local.carrier.clock import real_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SEND_MANY = "/messages/v4/send-many/detail"


class DirectClient:
    """Sends signed requests to one simulator."""

    def __init__(self, base_url: str, *, api_key: str, api_secret: str) -> None:
        self.api_key = api_key
        self.api_secret = api_secret
        self.http = httpx.Client(base_url=base_url, trust_env=False, timeout=10)

    def authorization(
        self,
        *,
        date: datetime | str | None = None,
        salt: str | None = None,
        template: str = "HMAC-SHA256 apiKey={key}, date={date}, salt={salt}, signature={signature}",
    ) -> str:
        """Write an Authorization header."""
        stamp = date if isinstance(date, str) else (date or real_time()).isoformat()
        salt = salt or secrets.token_hex(16)
        message = (stamp + salt).encode()
        signature = hmac.new(self.api_secret.encode(), message, hashlib.sha256).hexdigest()
        return template.format(key=self.api_key, date=stamp, salt=salt, signature=signature)

    def get(self, path: str, **query: str) -> httpx.Response:
        """GET with a fresh signature."""
        headers = {"authorization": self.authorization()}
        return self.http.get(path, params=query, headers=headers)

    def post(self, path: str, body: object) -> httpx.Response:
        """POST JSON with a fresh signature; in ASCII, so that broken Unicode can be sent too."""
        headers = {"authorization": self.authorization(), "content-type": "application/json"}
        return self.http.post(path, content=json.dumps(body), headers=headers)

    def delete(self, path: str) -> httpx.Response:
        """DELETE with a fresh signature."""
        return self.http.delete(path, headers={"authorization": self.authorization()})

    def send(self, *messages: Mapping[str, object], **options: object) -> dict[str, Any]:
        """Send messages and give the answer, with the list of what was accepted."""
        body = {"messages": list(messages), "showMessageList": True, **options}
        response = self.post(SEND_MANY, body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def refusals(self, *messages: Mapping[str, object], **options: object) -> list[str]:
        """Send messages and give the codes of those that were refused."""
        return [one["statusCode"] for one in self.send(*messages, **options)["failedMessageList"]]


def sms(to: object = "01000000001", **changes: object) -> dict[str, object]:
    """Build a short message that is accepted."""
    return {"to": to, "from": "0212345678", "text": "hello", **changes}


def numbers(count: int) -> Sequence[str]:
    """Give recipients of the range that is assigned to nobody."""
    return [f"0100{index:07d}" for index in range(count)]


def long_ago() -> datetime:
    """Give a date that is far outside any window."""
    return datetime(2020, 1, 1, tzinfo=UTC)


def minutes(count: float) -> datetime:
    """Give the time some minutes from now."""
    return real_time() + timedelta(minutes=count)
