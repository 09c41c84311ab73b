"""How experiments look in answers."""

from collections.abc import Sequence
from typing import Any

from functions.campaigns.recorded import Recorded
from functions.contracts.experiment_document import decision_to_json
from functions.contracts.experiment_record import Draw, look_to_json, record_of
from functions.domain.campaign import Campaign, CampaignStatus
from functions.domain.experiment import Criteria, Experiment, Mode, Variant
from functions.domain.experiment_look import Count, Look, Standings, standings
from functions.domain.interval import CONFIDENCE, Share
from functions.domain.odds_interval import Bounds, Difference

Json = dict[str, Any]


def definition_view(experiment: Experiment | None) -> Json | None:
    """The rules of an experiment, as they are given; None where there is none."""
    if experiment is None:
        return None
    criteria = experiment.criteria
    return {
        "variants": [_variant(each) for each in experiment.variants],
        "mode": experiment.mode,
        "pilot_percent": experiment.pilot,
        "metric": criteria.metric,
        "guard": criteria.guard,
        "min_sample": criteria.min_sample,
        "significance": criteria.significance,
        **_seconds(criteria),
        "when_inconclusive": criteria.inconclusive,
        "part_seconds": int(experiment.part_every.total_seconds()),
    }


def _seconds(criteria: Criteria) -> Json:
    return {
        "window_seconds": int(criteria.window.total_seconds()),
        "look_seconds": int(criteria.look_every.total_seconds()),
        "deadline_seconds": int(criteria.deadline.total_seconds()),
    }


def _variant(variant: Variant) -> Json:
    at_local = variant.at_local
    return {
        "name": variant.name,
        "weight": variant.weight,
        "template_id": variant.template_id,
        "template_version": variant.template_version,
        "sender_id": variant.sender_id,
        "at_local": None if at_local is None else f"{at_local:%H:%M}",
        "after_minutes": int(variant.after.total_seconds() // 60),
    }


def experiment_view(campaign: Campaign, seen: Recorded) -> Json:
    """What was fixed, what was seen at each look, and what was decided: the whole record."""
    experiment, looks = seen.experiment, seen.looks
    known, decision = experiment.registration, experiment.decision
    return {
        "campaign_id": campaign.campaign_id,
        "status": status_of(campaign, experiment),
        "definition": definition_view(experiment),
        "registration": None
        if known is None
        else {"at": known.at.isoformat(), "sha256": known.sha256, "text": known.text},
        "variants": _variants(seen),
        "looks": [_look(experiment, looks[: place + 1]) for place in range(len(looks))],
        "record_sha256": record_of(looks),
        "decision": None if decision is None else decision_to_json(decision),
        "draws": [_draw(each) for each in seen.draws],
        "significance_claimed": experiment.is_tested,
    }


def status_of(campaign: Campaign, experiment: Experiment) -> str:
    """Where an experiment stands, in a word."""
    decision = experiment.decision
    if decision is not None and decision.winner is not None:
        return "won"
    if decision is not None:
        return "inconclusive" if decision.chosen is not None else "asks"
    if campaign.status is CampaignStatus.CANCELLED:
        return "cancelled"
    if experiment.registration is None:
        return "draft"
    return "adaptive" if experiment.mode is Mode.ADAPTIVE else "running"


def _variants(known: Recorded) -> list[Json]:
    error = known.experiment.criteria.significance
    return [
        {
            "name": each.name,
            **_count(each.count),
            "interval": _interval(each.rate),
            "difference": _difference(each.difference, confidence=1 - error),
        }
        for each in known.results
    ]


def _interval(rate: Share | None) -> Json | None:
    if rate is None:
        return None
    return {"confidence": CONFIDENCE, "low": round(rate.low, 6), "high": round(rate.high, 6)}


def _difference(found: Difference | None, *, confidence: float) -> Json | None:
    if found is None:
        return None
    return {
        "confidence": round(confidence, 4),
        "points": _bounds(found.points),
        "odds_ratio": _bounds(found.odds_ratio),
    }


def _bounds(bounds: Bounds) -> Json:
    pairs = (("seen", bounds.seen), ("low", bounds.low), ("high", bounds.high))
    return {name: None if value is None else round(value, 6) for name, value in pairs}


def _count(count: Count) -> Json:
    return {
        "sent": count.sent,
        "hits": count.hits,
        "guard_hits": count.guarded,
        "rate": round(count.rate, 6),
    }


def _look(experiment: Experiment, looks: Sequence[Look]) -> Json:
    found: Standings = standings(experiment, looks)
    return {
        **look_to_json(looks[-1]),
        "leader": found.leader,
        "p_value": float(f"{found.p_value:.4g}"),
        "leader_barred": found.barred,
    }


def _draw(draw: Draw) -> Json:
    return {
        "part": draw.part,
        "at": draw.at.isoformat(),
        "known": [{"name": name, **_count(each)} for name, each in draw.counts.items()],
        "people": dict(draw.people),
    }
