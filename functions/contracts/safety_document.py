"""What keeps a campaign safe, as JSON in its row."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from functions.domain.ids import KeyId
from functions.domain.safety import Approval, Ramp, Resume, Safety
from functions.domain.stop_rules import StopReason, StopRules

Json = dict[str, Any]


def safety_to_json(safety: Safety) -> Json:
    """Write all of it."""
    return {
        "ramp": None if safety.ramp is None else _from_ramp(safety.ramp),
        "rules": None if safety.rules is None else _from_rules(safety.rules),
        "budget": safety.budget,
        "edition": safety.edition,
        "editors": list(safety.editors),
        "approval": None if safety.approval is None else _from_approval(safety.approval),
        "tested": safety.tested,
        "expected": safety.expected,
        "step": safety.step,
        "because": safety.because,
        "stopped_at": safety.stopped_at,
        "judged_from": safety.judged_from,
        "resumes": [[each.by, each.at.isoformat(), each.because] for each in safety.resumes],
        **({"from_family": True} if safety.from_family else {}),
    }


def safety_from_json(document: Mapping[str, Any] | None) -> Safety:
    """Read it back; a campaign from before there was any is launched without."""
    if document is None:
        return Safety(ramp=None, rules=None)
    ramp, rules, approval = document["ramp"], document["rules"], document["approval"]
    because = document["because"]
    return Safety(
        ramp=None if ramp is None else _to_ramp(*ramp),
        rules=None if rules is None else _to_rules(*rules),
        budget=document["budget"],
        edition=document["edition"],
        editors=tuple(map(KeyId, document["editors"])),
        approval=None if approval is None else _to_approval(*approval),
        tested=document["tested"],
        expected=document["expected"],
        step=document["step"],
        because=None if because is None else StopReason(because),
        stopped_at=document["stopped_at"],
        judged_from=document["judged_from"],
        resumes=tuple(_to_resume(*each) for each in document["resumes"]),
        from_family=document.get("from_family", False),
    )


def _from_ramp(ramp: Ramp) -> list[Any]:
    return [list(ramp.steps), int(ramp.wait.total_seconds()), ramp.only_above]


def _to_ramp(steps: list[int], wait_s: int, only_above: int) -> Ramp:
    return Ramp(steps=tuple(steps), wait=timedelta(seconds=wait_s), only_above=only_above)


def _from_rules(rules: StopRules) -> list[Any]:
    return [rules.failed, rules.opted_out, rules.complained, rules.min_sent]


def _to_rules(
    failed: int | None, opted_out: int | None, complained: int | None, min_sent: int
) -> StopRules:
    return StopRules(failed=failed, opted_out=opted_out, complained=complained, min_sent=min_sent)


def _from_approval(approval: Approval) -> list[Any]:
    return [approval.by, approval.at.isoformat(), approval.edition, approval.people]


def _to_approval(by: str, at: str, edition: int, people: int) -> Approval:
    return Approval(by=KeyId(by), at=datetime.fromisoformat(at), edition=edition, people=people)


def _to_resume(by: str, at: str, because: str) -> Resume:
    return Resume(by=KeyId(by), at=datetime.fromisoformat(at), because=StopReason(because))
