"""One look of the door as people read it: the decision, and every rule with what it saw."""

from datetime import datetime
from typing import Any

from functions.contracts.case_document import finding_to_json
from functions.domain.case import Case
from functions.domain.explanation import findings


def look_to_json(case: Case, *, at: datetime) -> dict[str, Any]:
    """Run the rules again on what was looked at, and write what each says."""
    rules = [finding_to_json(finding) for finding in findings(case, now=at)]
    objection = next((rule for rule in rules if rule["verdict"] != "pass"), None)
    return {
        "at": at.isoformat(),
        "decision": "send" if objection is None else objection["verdict"],
        "reason": None if objection is None else objection["reason"],
        "rules": rules,
    }
