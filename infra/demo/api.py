"""The HTTP API as a shop's backend would call it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

Json = dict[str, Any]
_TIMEOUT_S = 60


class ApiError(RuntimeError):
    """The API refused a call; the text is its problem document."""


class Api:
    """Calls the API with one key."""

    def __init__(self, base_url: str, *, token: str) -> None:
        self._http = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_S,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, **query: str) -> Json:
        """GET a path. Raises ApiError."""
        return _read(self._http.get(path, params=query))

    def post(self, path: str, body: Json | None = None) -> Json:
        """POST a body under a fresh idempotency key. Raises ApiError."""
        headers = {"Idempotency-Key": str(uuid4())}
        return _read(self._http.post(path, json=body, headers=headers))

    def put(self, path: str, body: Json) -> Json:
        """PUT a body. Raises ApiError."""
        return _read(self._http.put(path, json=body))

    def patch(self, path: str, body: Json) -> Json:
        """PATCH a body. Raises ApiError."""
        return _read(self._http.patch(path, json=body))

    def delete(self, path: str) -> Json:
        """DELETE a path. Raises ApiError."""
        return _read(self._http.delete(path))

    def download(self, url: str) -> bytes:
        """GET a file from a signed URL. Raises ApiError."""
        answer = httpx.get(url, timeout=_TIMEOUT_S, trust_env=False)
        _check(answer)
        return answer.content

    def upload(self, url: str, file: Path) -> None:
        """PUT a file to a signed URL. Raises ApiError."""
        _check(httpx.put(url, content=file.read_bytes(), timeout=_TIMEOUT_S, trust_env=False))


def _read(answer: httpx.Response) -> Json:
    _check(answer)
    document: Json = answer.json() if answer.content else {}
    return document


def _check(answer: httpx.Response) -> None:
    if answer.is_error:
        msg = (
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}"
        )
        raise ApiError(msg)
