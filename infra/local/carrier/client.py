"""A small client of the control API, for tests and for the local stack."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_Value = TypeVar("_Value")
_STEP_S: Final = 0.01


class CarrierControl:
    """Controls a running simulator over HTTP."""

    def __init__(self, base_url: str, *, api_key: str = "", api_secret: str = "") -> None:
        self.base_url = base_url
        self.api_key = api_key
        self.api_secret = api_secret
        # A proxy of the environment must not see loopback traffic.
        self._http = httpx.Client(base_url=base_url, trust_env=False, timeout=30)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def configure(self, **settings: object) -> dict[str, Any]:
        """Change settings (see ``knobs.Knobs``), ``balance``, ``balances`` or ``fault``."""
        return self._post("/_sim/config", settings)

    def reset(self, *, keep_registry: bool = False) -> None:
        """Forget all traffic and settings; registrations too unless they are kept."""
        self._post("/_sim/reset", {"keep_registry": keep_registry})

    def add_sender(self, number: str, *, api_key: str | None = None) -> None:
        """Register a sender number at an account, or at all of them."""
        self._post("/_sim/senders", {"number": number, "apiKey": api_key})

    def add_channel(self, pf_id: str) -> None:
        """Register a Kakao channel."""
        self._post("/_sim/channels", {"pfId": pf_id})

    def add_template(
        self,
        template_id: str,
        *,
        pf_id: str,
        content: str,
        buttons: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """Register an approved Alimtalk template and its channel."""
        body = {"templateId": template_id, "pfId": pf_id, "content": content}
        self._post("/_sim/templates", {**body, "buttons": [dict(one) for one in buttons]})

    def add_denial(self, recipient: str, *, sender: str) -> None:
        """Record that the recipient refused this sender by an 080 call."""
        self._post("/_sim/denials", {"recipient": recipient, "sender": sender})

    def reply(self, phone: str, text: str, *, to: str | None = None) -> dict[str, Any]:
        """Answer from a phone; ``to`` defaults to the last sender it heard from."""
        body = {"text": text} if to is None else {"text": text, "to": to}
        return self._post(f"/_sim/phones/{phone}/reply", body)

    def call(self, phone: str, *, to: str | None = None) -> dict[str, Any]:
        """Dial an 080 number from a phone; ``to`` defaults to the one it was told last."""
        return self._post(f"/_sim/phones/{phone}/call", {} if to is None else {"to": to})

    def replies(self) -> list[dict[str, Any]]:
        """List the answers of all phones, oldest first."""
        items: list[dict[str, Any]] = self._get("/_sim/replies")["items"]
        return items

    def ledger(
        self, *, to: str | None = None, ref: str | None = None, status: str | None = None
    ) -> list[dict[str, Any]]:
        """List what reached the phones, oldest first; ``status="any"``: all that was accepted."""
        wanted = {"to": to, "ref": ref, "status": status, "limit": "10000"}
        query = {name: value for name, value in wanted.items() if value is not None}
        items: list[dict[str, Any]] = []
        following: int | None = 0
        while following is not None:
            page = self._get("/_sim/ledger", **query, after=str(following))
            items += page["items"]
            following = page["next"]
        return items

    def counters(self) -> dict[str, Any]:
        """Give the counts of everything that happened."""
        return self._get("/_sim/counters")

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        return self._read(self._http.get(path, params=query))

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        return self._read(self._http.post(path, json=body))

    def _read(self, response: httpx.Response) -> dict[str, Any]:
        if response.is_error:
            message = f"{response.request.method} {response.request.url.path}: {response.text}"
            raise RuntimeError(message)
        answer: dict[str, Any] = response.json()
        return answer


def wait_until(condition: Callable[[], _Value], *, deadline_s: float = 10.0) -> _Value:
    """Ask again until the answer is true, and give it back.

    Raises:
        TimeoutError: when the deadline passes first.

    """
    end = time.monotonic() + deadline_s
    pause = threading.Event()
    while not (value := condition()):
        if time.monotonic() > end:
            message = f"still {value!r} after {deadline_s:g} s"
            raise TimeoutError(message)
        pause.wait(_STEP_S)
    return value
