"""The report page's card of an A/B test: what was fixed, what was seen, what was decided, and how.

Everything is a text by now; the template only puts it in its place.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from functions.campaigns.experiment_views import status_of
from functions.campaigns.recorded import Recorded
from functions.campaigns.report_figures import NOTHING, number, points
from functions.campaigns.report_intervals import Whisker, intervals
from functions.campaigns.report_teller import Teller
from functions.campaigns.report_words import Words
from functions.domain.campaign import Campaign
from functions.domain.date_words import span
from functions.domain.experiment import Decision, Experiment, Rule, look_at
from functions.domain.experiment_look import Look, standings
from functions.domain.experiment_result import VariantResult

_SHOWN_LOOKS = 12
_SMALLEST_P, _SMALL = 0.0001, 0.01


def experiment_card(campaign: Campaign, known: Recorded, teller: Teller) -> dict[str, Any]:
    """Everything that the card shows."""
    experiment, w = known.experiment, teller.w
    found, tested = known.results, experiment.is_tested
    looks = _looks(known, teller) if tested else []
    return {
        "said": _said(campaign, known, teller),
        "decided": experiment.decision is not None,
        "metric": w[f"ab_{experiment.criteria.metric}"],
        "rows": [_row(each, experiment, w) for each in found],
        "tested": tested,
        "chart": intervals(_whiskers(found), name=w["ab"]) if tested else "",
        "note": _note(experiment, w),
        "looks": looks,
        "earlier": sum(bool(each.parts) for each in known.looks) > _SHOWN_LOOKS,
        "rules": _rules(experiment, teller) if tested else "",
        "registered": None
        if experiment.registration is None
        else teller.when(experiment.registration.at),
        "sha256": "" if experiment.registration is None else experiment.registration.sha256,
    }


def _said(campaign: Campaign, known: Recorded, teller: Teller) -> list[str]:
    """What came of it so far, sentence by sentence."""
    experiment, w = known.experiment, teller.w
    status, decision = status_of(campaign, experiment), experiment.decision
    if decision is not None:
        return [_verdict(known, decision, w), *_consequence(experiment, decision, w)]
    if status == "running" and campaign.launched is not None:
        due = look_at(experiment.criteria, launched=campaign.launched, look=len(known.looks))
        return [w["ab_running"].format(next=teller.when(due)), *_pilot(experiment, w)]
    return [w[f"ab_{status}"], *_pilot(experiment, w)]


def _verdict(known: Recorded, decision: Decision, w: Words) -> str:
    level = _percent(known.experiment.criteria.significance)
    if decision.rule is Rule.SIGNIFICANT:
        return w["ab_won"].format(winner=decision.winner, level=level)
    leader = standings(known.experiment, known.looks[: decision.look + 1]).leader
    return w[f"ab_{decision.rule}"].format(leader=leader)


def _consequence(experiment: Experiment, decision: Decision, w: Words) -> list[str]:
    if not experiment.has_rest:
        return []
    if decision.chosen is None:
        return [w["ab_asks"]]
    name = "ab_rest" if decision.chosen_by is None else "ab_person"
    return [w[name].format(chosen=decision.chosen)]


def _pilot(experiment: Experiment, w: Words) -> list[str]:
    return [w["ab_pilot"].format(pilot=experiment.pilot)] if experiment.has_rest else []


def _row(found: VariantResult, experiment: Experiment, w: Words) -> dict[str, Any]:
    return {
        "name": found.name,
        "marks": _marks(found.name, experiment, w),
        "sent": number(found.count.sent),
        "hits": number(found.count.hits),
        "rate": _rate(found.count.rate) if found.count.sent else NOTHING,
        "interval": NOTHING
        if found.rate is None
        else f"{_rate(found.rate.low)} – {_rate(found.rate.high)}",
        "difference": _difference(found, w),
    }


def _marks(name: str, experiment: Experiment, w: Words) -> list[str]:
    decision = experiment.decision
    marks = [w["ab_control"]] if name == experiment.names[0] else []
    if decision is None:
        return marks
    if name == decision.winner:
        return [*marks, w["ab_winner"]]
    gets_it = experiment.has_rest and name == decision.chosen
    return [*marks, w["ab_chosen"]] if gets_it else marks


def _difference(found: VariantResult, w: Words) -> str:
    if found.difference is None:
        return NOTHING
    bounds = found.difference.points
    seen, low, high = (_points(each) for each in (bounds.seen, bounds.low, bounds.high))
    return w["ab_points"].format(seen=seen, low=low, high=high)


def _points(share: float | None) -> str:
    # There always is one: with no bound of the odds, rates still have their ends.
    return points(share or 0.0, decimals=1)


def _rate(share: float) -> str:
    return f"{100 * share:.{1 if share >= _SMALL else 2}f}%"


def _percent(share: float) -> str:
    """A level as people write it."""
    return f"{100 * share:.4g}%"


def _whiskers(found: Sequence[VariantResult]) -> list[Whisker]:
    return [
        Whisker(each.name, each.rate.low, each.rate.seen, each.rate.high)
        for each in found
        if each.rate is not None
    ]


def _note(experiment: Experiment, w: Words) -> str:
    if not experiment.is_tested:
        return w["ab_note_adaptive"]
    return w["ab_note"].format(sure=_percent(1 - experiment.criteria.significance))


def _rules(experiment: Experiment, teller: Teller) -> str:
    rules, w = experiment.criteria, teller.w

    def long(duration: timedelta) -> str:
        return span(duration, language=teller.language)

    return w["ab_rules"].format(
        metric=w[f"ab_{rules.metric}"],
        window=long(rules.window),
        sample=number(rules.min_sample),
        every=long(rules.look_every),
        deadline=long(rules.deadline),
        level=_percent(rules.significance),
    )


def _looks(known: Recorded, teller: Teller) -> list[tuple[str, str, str, str]]:
    """The latest looks that weighed something: when, of how many, who led, how certain that was."""
    telling = [place for place, each in enumerate(known.looks) if each.parts]
    return [
        _look(known.experiment, known.looks[: place + 1], teller)
        for place in telling[-_SHOWN_LOOKS:]
    ]


def _look(
    experiment: Experiment, looks: Sequence[Look], teller: Teller
) -> tuple[str, str, str, str]:
    found = standings(experiment, looks)
    counted = sum(each.sent for each in found.totals.values())
    small = found.p_value < _SMALLEST_P
    p_value = f"< {_SMALLEST_P}" if small else f"{found.p_value:.2g}"
    return teller.when(looks[-1].at), number(counted), found.leader, p_value
