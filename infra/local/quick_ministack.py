"""MiniStack 1.5.33, quicker in one thing and truer in another.

Run by MiniStack's own interpreter in place of ``-m ministack``.

* Stock MiniStack unpacks every Lambda layer for every worker: thousands of files, seconds each, a
  dozen workers in one demo. Here a worker gets a link to the first copy.
* Stock MiniStack asks roles for ``sqs:SendMessageBatch``. AWS knows no such action: a batch needs
  the permission of the single call (Service Authorization Reference, Amazon SQS).
* Likewise for ``dynamodb:BatchExecuteStatement``: each statement needs the permission of its verb
  on its table (Service Authorization Reference, Amazon DynamoDB).
* Stock MiniStack does not know PartiQL's ``LIST_APPEND`` (DynamoDB guide, "PartiQL update
  statements").
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ministack.app import main  # type: ignore[import-not-found]  # in .venv-server only
from ministack.core import (  # type: ignore[import-not-found]  # in .venv-server only
    iam_actions,
    lambda_runtime,
)
from ministack.services import dynamodb  # type: ignore[import-not-found]  # in .venv-server only

if TYPE_CHECKING:
    from collections.abc import Callable

_lock = threading.Lock()


class _LayerOnce(zipfile.ZipFile):
    """A zip file that, when it is a layer, is linked to and not unpacked."""

    def namelist(self) -> list[str]:
        """Layers are our own: their paths need no check at each start."""
        return [] if self._is_layer else super().namelist()

    def extractall(
        self,
        path: Any = None,  # noqa: ANN401  # as in zipfile
        members: Any = None,  # noqa: ANN401  # as in zipfile
        pwd: bytes | None = None,
    ) -> None:
        """Unpack, or for a layer link to what is unpacked."""
        if not self._is_layer:
            super().extractall(path, members, pwd)
            return
        for entry in self._unpacked().iterdir():
            (Path(path) / entry.name).symlink_to(entry)

    @property
    def _is_layer(self) -> bool:
        return Path(self.filename or "").name.startswith("layer_")

    def _unpacked(self) -> Path:
        content = Path(str(self.filename)).read_bytes()
        once = Path(tempfile.gettempdir(), "layers", hashlib.sha256(content).hexdigest())
        with _lock:
            if not once.exists():
                super().extractall(once, super().namelist())
        return once


_PERMISSION = {
    "SendMessageBatch": "SendMessage",
    "DeleteMessageBatch": "DeleteMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
}
"""On AWS the batch calls of SQS need the permission of the single call; MiniStack asks for one
that AWS does not have."""


def _ask_for_single_permission() -> None:
    action_of = iam_actions._action_from_target  # noqa: SLF001  # the only place to mend it

    def single(headers: dict[str, str]) -> str | None:
        action: str | None = action_of(headers)
        return _PERMISSION.get(action or "", action)

    iam_actions._action_from_target = single  # noqa: SLF001  # as above


def _allow_batches_as_single_calls() -> None:
    stock: Callable[..., str | None] = iam_actions.extract_iam_action

    def extract(service: str, *request: Any) -> str | None:  # noqa: ANN401  # passed on
        action = stock(service, *request)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    iam_actions.extract_iam_action = extract


_STATEMENT = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM|SELECT .+? FROM)\s+"?([A-Za-z0-9_.-]+)')
_VERB = {"INSERT": "Insert", "UPDATE": "Update", "DELETE": "Delete", "SELECT": "Select"}


def _ask_for_each_statement() -> None:
    stock = iam_actions.dynamodb_transaction_checks

    def checks(action: str, body: bytes, region: str, account_id: str) -> list[tuple[str, str]]:
        if action != "dynamodb:BatchExecuteStatement":
            found: list[tuple[str, str]] = stock(action, body, region, account_id)
            return found
        texts = [each["Statement"] for each in json.loads(body)["Statements"]]
        parts = [match for match in map(_STATEMENT.match, texts) if match is not None]
        return [
            (
                f"dynamodb:PartiQL{_VERB[part[1].split(maxsplit=1)[0]]}",
                f"arn:aws:dynamodb:{region}:{account_id}:table/{part[2]}",
            )
            for part in parts
        ]

    iam_actions.dynamodb_transaction_checks = checks


def _append_to_lists() -> None:
    stock = dynamodb._pq_call  # noqa: SLF001  # the only place to mend it

    def call(name: str, values: list[Any], nodes: Any) -> Any:  # noqa: ANN401  # passed on
        if name.lower() == "list_append" and all(each and "L" in each for each in values):
            return {"L": [*values[0]["L"], *values[1]["L"]]}
        return stock(name, values, nodes)

    dynamodb._pq_call = call  # noqa: SLF001  # as above


if __name__ == "__main__":
    lambda_runtime.zipfile = SimpleNamespace(**vars(zipfile) | {"ZipFile": _LayerOnce})
    _allow_batches_as_single_calls()
    _ask_for_each_statement()
    _append_to_lists()
    main()
