"""How a campaign's safety looks in answers."""

from typing import Any

from functions.campaigns.budgeting import Budget
from functions.campaigns.trial import Trial
from functions.domain.campaign import Campaign
from functions.domain.ids import MessageNumber
from functions.domain.pricing import CURRENCY
from functions.domain.safety import Approval, Ramp, Safety
from functions.domain.stop_rules import PER_UNIT, StopRules

Json = dict[str, Any]
_PERCENT = PER_UNIT / 100


def safety_view(safety: Safety) -> Json:
    """Ramp, stop rules, budget and approval, and where they stand."""
    return {
        "ramp": None if safety.ramp is None else _ramp(safety.ramp),
        "stop_rules": None if safety.rules is None else _rules(safety.rules),
        "budget": None if safety.budget is None else _money(safety.budget),
        "edition": safety.edition,
        "approval": None if safety.approval is None else _approval(safety.approval),
        "tested": safety.tested == safety.edition,
        "expected_recipients": safety.expected,
        "ramp_percent": _percent(safety),
        "paused_because": safety.because,
        "resumes": [
            {"by": each.by, "at": each.at.isoformat(), "because": each.because}
            for each in safety.resumes
        ],
    }


def _percent(safety: Safety) -> int | None:
    ramp = safety.ramp_in_force
    return None if ramp is None else ramp.steps[min(safety.step, len(ramp.steps) - 1)]


def _ramp(ramp: Ramp) -> Json:
    return {
        "steps": list(ramp.steps),
        "wait_minutes": int(ramp.wait.total_seconds() // 60),
        "only_above": ramp.only_above,
    }


def _rules(rules: StopRules) -> Json:
    return {
        "failed_percent": _in_percent(rules.failed),
        "opt_out_percent": _in_percent(rules.opted_out),
        "complaint_percent": _in_percent(rules.complained),
        "min_sent": rules.min_sent,
    }


def _in_percent(limit: int | None) -> float | None:
    return None if limit is None else limit / _PERCENT


def _money(won: int) -> Json:
    return {"amount": won, "currency": CURRENCY}


def _approval(approval: Approval) -> Json:
    return {
        "by": approval.by,
        "at": approval.at.isoformat(),
        "edition": approval.edition,
        "recipients": approval.people,
    }


def report_safety_view(campaign: Campaign, budget: Budget | None) -> Json:
    """Why a campaign paused itself, how far its ramp is, and what was planned of the budget.

    That is the family's: of the campaign that it began with, and all its steps.
    """
    safety = campaign.safety
    own = None if safety.budget is None else _money(safety.budget)
    return {
        "paused_because": safety.because,
        "ramp_percent": _percent(safety),
        "budget": own if budget is None else _money(budget.amount),
        "budget_reserved": None if budget is None else _money(budget.amount - budget.left),
        "budget_of": None if budget is None else budget.owner,
    }


def trial_view(tested: Trial) -> Json:
    """Who gets a test, and who does not, by why."""
    return {
        "messages": [
            {
                "message_id": str(MessageNumber(batch=batch.meta.number, ordinal=ordinal)),
                "contact_id": recipient.contact_id,
                "phone": None if recipient.phone is None else recipient.phone.e164,
                "status": batch.state.state_of(ordinal).status,
                "reason": batch.state.state_of(ordinal).reason,
                "type": batch.meta.message_type,
            }
            for batch in tested.batches
            for ordinal, recipient in enumerate(batch.recipients)
        ],
        "refused": [
            {"contact_id": each.person.contact_id, "reason": each.reason}
            for each in tested.refusals
        ],
    }
