"""Evidence of a batch as JSON: the terms once, the case of each message."""

from datetime import datetime
from typing import Any

from functions.contracts.case_document import (
    case_from_json,
    case_to_json,
    terms_from_json,
    terms_to_json,
)
from functions.domain.evidence import Evidence


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    """Write evidence that is not empty."""
    terms = next(iter(evidence.cases.values())).terms
    return {
        "at": evidence.at.isoformat(),
        "terms": terms_to_json(terms),
        "cases": {str(ordinal): case_to_json(case) for ordinal, case in evidence.cases.items()},
    }


def evidence_from_json(document: dict[str, Any]) -> Evidence:
    """Read evidence back."""
    terms = terms_from_json(document["terms"])
    return Evidence(
        at=datetime.fromisoformat(document["at"]),
        cases={int(i): case_from_json(each, terms) for i, each in document["cases"].items()},
    )
