"""``./allim report``: counts a campaign from its rows, and says whether the API says the same."""

from __future__ import annotations

import sys
import time

import click
import httpx
from botocore.exceptions import BotoCoreError

from infra.cli.place import at_a_place
from infra.cli.recount import Figures, RecountError, Rows, differences, figures_of
from infra.deploying.account import Account, AccountError
from infra.progress import console

_SHOWN = (
    *("recipients", "sent", "delivered", "held", "refused", "failed", "unknown", "pending"),
    *("cancelled", "human_clicks", "machine_clicks", "converted", "value", "cost"),
)
_TRIES, _PAUSE_S, _TIMEOUT_S = 3, 2.0, 60
_DIFFERENT = 3


@click.command()
@click.argument("campaign")
@click.option("--api", required=True, help="Base URL of the API.")
@click.option("--api-key", envvar="ALLIM_KEY", required=True, help="Or ALLIM_KEY; scope read.")
@at_a_place
def report(account: Account, stage: str, campaign: str, api: str, api_key: str) -> None:
    """Count CAMPAIGN from its rows, message by message, and compare it with what the API says.

    While it runs, figures change between both looks: it is looked at three times. Ends with 3
    when they differ.
    """
    try:
        found, wrong = _compared(Rows(account, stage), campaign, api, api_key)
    except (AccountError, BotoCoreError, RecountError, httpx.HTTPError) as refusal:
        console.print(str(refusal), markup=False, style="red", soft_wrap=True)
        sys.exit(1)
    for name in _SHOWN:
        console.print(f"{name:16} {found[name]:>14,}", markup=False, highlight=False)
    for name, (rows, said) in wrong.items():
        line = f"{name}: {rows:,} by the rows, {said:,} by the API"
        console.print(line, markup=False, style="red", soft_wrap=True)
    if wrong:
        sys.exit(_DIFFERENT)
    console.print(f"The API says the same, in all {len(found)} figures.", highlight=False)


def _compared(
    rows: Rows, campaign: str, api: str, api_key: str
) -> tuple[Figures, dict[str, tuple[int, int]]]:
    for place in range(_TRIES):
        if place:
            time.sleep(_PAUSE_S)
        said = _asked(campaign, api, api_key)
        found = rows.count(campaign)
        wrong = differences(found, said)
        if not wrong:
            break
    return found, wrong


def _asked(campaign: str, api: str, api_key: str) -> Figures:
    url = f"{api.rstrip('/')}/v1/campaigns/{campaign}/report"
    headers = {"Authorization": f"Bearer {api_key}"}
    answer = httpx.get(url, headers=headers, timeout=_TIMEOUT_S, trust_env=False)
    if answer.is_error:
        msg = f"The API answered {answer.status_code}: {answer.text}"
        raise RecountError(msg)
    return figures_of(answer.json())
