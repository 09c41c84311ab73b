"""What is asked in a refresh, pinned at its start: audiences may change while it runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.contracts.segment_document import node_from_json
from functions.domain.audience import Audience
from functions.domain.ids import AudienceId
from functions.domain.segment import Node
from functions.domain.segment_reference import resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One audience as it is asked. ``before`` names the members it had, in ``shards`` files."""

    audience_id: AudienceId
    version: int
    node: Node
    before: str | None
    shards: int
    live: bool = False


def questions_to_json(audiences: Iterable[Audience], wanted: Iterable[AudienceId]) -> Any:  # noqa: ANN401  # any JSON
    """Write the definitions of all audiences, for they may name each other, and who is asked."""
    found = {
        each.audience_id: [
            each.version,
            each.definition,
            None if each.members is None else [each.members.run_id, each.members.shards],
            each.live,
        ]
        for each in audiences
    }
    return {"audiences": found, "asked": list(wanted)}


def questions_from_json(stored: Mapping[str, Any]) -> list[Question]:
    """Read them back, each with the audiences that it names looked up."""
    nodes = {
        key: node_from_json(definition) for key, (_, definition, *_) in stored["audiences"].items()
    }
    questions = []
    for audience_id in stored["asked"]:
        version, _, members, live = stored["audiences"][audience_id]
        before, shards = members or (None, 0)
        questions.append(
            Question(
                audience_id=AudienceId(audience_id),
                version=version,
                node=resolve(nodes[audience_id], nodes),
                before=before,
                shards=shards,
                live=live,
            )
        )
    return questions
