"""Who lives in Seoul and agreed to texts: an audience, answered and previewed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from infra.progress import console, step

if TYPE_CHECKING:
    from infra.demo.api import Api

Json = dict[str, Any]
DEFINITION = '회원등급 = "VIP" and consent("sms:advertising")'
_POLL_S = 0.3
_PATIENCE_S = 120


def ask_audience(api: Api) -> Json:
    """Define an audience in one line, wait until it is answered, and preview a wider one."""
    with step("Audience") as current:
        made = api.post("/v1/audiences", {"name": "VIP", "definition": DEFINITION})
        path = f"/v1/audiences/{made['audience_id']}"
        deadline = time.monotonic() + _PATIENCE_S
        while (found := api.get(path))["members"] is None:
            if time.monotonic() > deadline:
                msg = f"the audience was not answered for {_PATIENCE_S} s: see build/local/*.log"
                raise TimeoutError(msg)
            time.sleep(_POLL_S)
        wider = api.post("/v1/audiences/preview", {"definition": 'consent("sms:advertising")'})
        count, people = found["members"]["count"], wider["people"]
        current.note = f"{count} of {people} people; of all who agreed {wider['count']}"
    console.print(f"    {found['text']}", style="dim", markup=False, soft_wrap=True)
    return found
