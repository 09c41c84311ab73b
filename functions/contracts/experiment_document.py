"""An experiment as JSON: in its campaign's row, and as the text that is registered.

The registered text is canonical: keys sorted, no spaces, UTF-8 (the parts of RFC 8785 that our
values need). Whoever has it can hash it again.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from functions.domain.campaign import Campaign
from functions.domain.experiment import (
    Criteria,
    Decision,
    Experiment,
    Inconclusive,
    Metric,
    Mode,
    Registration,
    Rule,
    Variant,
)
from functions.domain.experiment_look import LARGEST_OPEN_PERCENT
from functions.domain.ids import KeyId, SenderId, TemplateId
from functions.domain.odds_process import METHOD

Json = dict[str, Any]
ALLOTMENT = "chairman-hmac-1"
"""Names how people are allotted: seats by Tijdeman's rule, in the order of a keyed hash."""
_VERSION = 1


def canonical(document: Any) -> str:  # noqa: ANN401  # any JSON
    """The one text of a document."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text: str) -> str:
    """The hash of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def registration_of(campaign: Campaign, *, at: datetime) -> Registration | None:
    """Fix the experiment of a campaign that is launched at a moment; None where it has none."""
    experiment = campaign.experiment
    if experiment is None:
        return None
    text = canonical(
        {
            "v": _VERSION,
            "campaign_id": campaign.campaign_id,
            "launched": at.isoformat(),
            "allotment": ALLOTMENT,
            "method": METHOD if experiment.is_tested else "none",
            "grace_s": int(experiment.criteria.grace.total_seconds()),
            "most_open_percent": LARGEST_OPEN_PERCENT,
            "variants": [_in_full(campaign, each) for each in experiment.variants],
            **_ways_of(campaign),
            **_rules_to_json(experiment),
        }
    )
    return Registration(at=at, sha256=sha256(text), text=text)


def is_as_registered(campaign: Campaign) -> bool:
    """Whether the rules in force are those that were registered."""
    known = None if campaign.experiment is None else campaign.experiment.registration
    return known is not None and registration_of(campaign, at=known.at) == known


def _ways_of(campaign: Campaign) -> Json:
    """Of which ways everybody gets the best, whatever the variant; where there are several."""
    if not campaign.ways:
        return {}
    ways = [[each.template_id, each.template_version, each.sender_id] for each in campaign.ways]
    return {"ways": ways, "explore_percent": campaign.explore}


def _in_full(campaign: Campaign, variant: Variant) -> Json:
    """A variant with what it has of its campaign."""
    at_local = variant.at_local or campaign.at_local
    return {
        "name": variant.name,
        "weight": variant.weight,
        "template_id": variant.template_id or campaign.template_id,
        "template_version": variant.template_version or campaign.template_version,
        "sender_id": variant.sender_id or campaign.sender_id,
        "at_local": None if at_local is None else at_local.isoformat(),
        "after_s": int(variant.after.total_seconds()),
    }


def _rules_to_json(experiment: Experiment) -> Json:
    criteria = experiment.criteria
    return {
        "mode": str(experiment.mode),
        "pilot_percent": experiment.pilot,
        "part_every_s": int(experiment.part_every.total_seconds()),
        "metric": str(criteria.metric),
        "guard": None if criteria.guard is None else str(criteria.guard),
        "window_s": int(criteria.window.total_seconds()),
        "min_sample": criteria.min_sample,
        "significance": criteria.significance,
        "look_every_s": int(criteria.look_every.total_seconds()),
        "deadline_s": int(criteria.deadline.total_seconds()),
        "inconclusive": str(criteria.inconclusive),
    }


def experiment_to_json(experiment: Experiment | None) -> Json | None:
    """Write all of it; None where there is none."""
    if experiment is None:
        return None
    known, made = experiment.registration, experiment.decision
    return {
        "variants": [_from_variant(each) for each in experiment.variants],
        **_rules_to_json(experiment),
        "registration": None if known is None else [known.at.isoformat(), known.sha256, known.text],
        "decision": None if made is None else decision_to_json(made),
    }


def experiment_from_json(document: Mapping[str, Any] | None) -> Experiment | None:
    """Read it back; a campaign from before there was any has none."""
    if document is None:
        return None
    guard, known = document["guard"], document["registration"]
    decision = document["decision"]
    return Experiment(
        variants=tuple(_to_variant(*each) for each in document["variants"]),
        mode=Mode(document["mode"]),
        pilot=document["pilot_percent"],
        part_every=timedelta(seconds=document["part_every_s"]),
        criteria=Criteria(
            metric=Metric(document["metric"]),
            guard=None if guard is None else Metric(guard),
            window=timedelta(seconds=document["window_s"]),
            min_sample=document["min_sample"],
            significance=document["significance"],
            look_every=timedelta(seconds=document["look_every_s"]),
            deadline=timedelta(seconds=document["deadline_s"]),
            inconclusive=Inconclusive(document["inconclusive"]),
        ),
        registration=None if known is None else _to_registration(*known),
        decision=None if decision is None else _to_decision(decision),
    )


def _from_variant(variant: Variant) -> list[Any]:
    return [
        variant.name,
        variant.weight,
        variant.template_id,
        variant.template_version,
        variant.sender_id,
        None if variant.at_local is None else variant.at_local.isoformat(),
        int(variant.after.total_seconds()),
    ]


def _to_variant(  # noqa: PLR0913, PLR0917  # a row
    name: str,
    weight: int,
    template_id: str | None,
    template_version: int | None,
    sender_id: str | None,
    at_local: str | None,
    after_s: int,
) -> Variant:
    return Variant(
        name=name,
        weight=weight,
        template_id=None if template_id is None else TemplateId(template_id),
        template_version=template_version,
        sender_id=None if sender_id is None else SenderId(sender_id),
        at_local=None if at_local is None else time.fromisoformat(at_local),
        after=timedelta(seconds=after_s),
    )


def _to_registration(at: str, digest: str, text: str) -> Registration:
    return Registration(at=datetime.fromisoformat(at), sha256=digest, text=text)


def decision_to_json(decision: Decision) -> Json:
    """Write how it ended."""
    at = decision.chosen_at
    return {
        "at": decision.at.isoformat(),
        "look": decision.look,
        "rule": str(decision.rule),
        "winner": decision.winner,
        "chosen": decision.chosen,
        "record_sha256": decision.record,
        "chosen_by": decision.chosen_by,
        "chosen_at": None if at is None else at.isoformat(),
    }


def _to_decision(document: Mapping[str, Any]) -> Decision:
    by, at = document["chosen_by"], document["chosen_at"]
    return Decision(
        at=datetime.fromisoformat(document["at"]),
        look=document["look"],
        rule=Rule(document["rule"]),
        winner=document["winner"],
        chosen=document["chosen"],
        record=document["record_sha256"],
        chosen_by=None if by is None else KeyId(by),
        chosen_at=None if at is None else datetime.fromisoformat(at),
    )
