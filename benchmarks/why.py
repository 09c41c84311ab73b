"""How long "why" takes for a campaign to a million people: 500 parts of 2,000.

One part is planned and sent for real, and is the last that is looked at. The 499 before it have
other people's filters and the same batches and files, which are read where a filter errs. The
stores are emulated in process: times are of our code and the emulator's, requests what AWS gets.
"""

import statistics
import time
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

from benchmarks.capacity import Meter
from benchmarks.units import RECIPIENTS, Run, an_account, contact_id_of
from functions.campaigns import wiring
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.views import why_view
from functions.campaigns.why import why
from functions.contracts.profile_values import consents_to_json
from functions.domain.campaign import Campaign
from functions.domain.ids import CampaignId
from functions.domain.membership import Members
from functions.runtime.aws import session
from functions.storage.contacts import ContactItem

_PARTS, _ASKED, _WITHOUT_CONSENT = 500, 40, 10


def measure() -> dict[str, Any]:
    """Give the time of an answer, and the requests that it makes."""
    requests: Counter[str] = Counter()
    with an_account() as account:
        session().register("before-call", lambda model, **_: requests.update([model.name]))
        run = Run(account, Meter())
        run.prepare()
        for number in range(0, RECIPIENTS, _WITHOUT_CONSENT):
            item = ContactItem(contact_id_of(number), "PROFILE")
            item.update(actions=[ContactItem.consents.set(consents_to_json({}))])
        run.plan()
        run.dispatch()
        deps = wiring.deps()
        campaign = deps.campaigns.get(CampaignId(run.campaign_id))
        if campaign is None:
            raise LookupError(run.campaign_id)
        _add_parts(campaign, deps)
        requests.clear()
        times = [_asked(campaign, number, deps) for number in _some_numbers()]
    return {
        "why_ms": round(statistics.median(times), 1),
        "why_ms_most": round(max(times), 1),
        "why_requests": round(sum(requests.values()) / _ASKED, 1),
        "why_parts": _PARTS,
    }


def _add_parts(campaign: Campaign, deps: CampaignDeps) -> None:
    (part,) = deps.campaigns.parts(campaign.campaign_id)
    for number in range(1, _PARTS):
        ids = [f"other-{number}-{each}" for each in range(RECIPIENTS)]
        # A dash comes before all digits.
        copy = replace(part, part=f"-{number:05d}", members=Members.of(ids))
        deps.campaigns.add_part(replace(copy, planned=False))
        deps.campaigns.mark_planned(copy)


def _some_numbers() -> list[int]:
    """People of whom half were refused when the campaign was planned."""
    random = Random(7)
    refused = range(0, RECIPIENTS, _WITHOUT_CONSENT)
    return [
        random.choice((random.choice(refused), random.randrange(RECIPIENTS))) for _ in range(_ASKED)
    ]


def _asked(campaign: Campaign, number: int, deps: CampaignDeps) -> float:
    began = time.perf_counter()
    contact_id = contact_id_of(number)
    told = why_view(campaign, contact_id, why(campaign, contact_id, deps=deps))
    if not (told["planned"] or told["dispatched"]):
        msg = f"{contact_id} is not explained"
        raise LookupError(msg)
    return (time.perf_counter() - began) * 1_000
