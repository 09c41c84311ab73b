"""Audiences, in memory."""

from dataclasses import dataclass, field

from functions.domain.audience import Audience
from functions.domain.ids import AudienceId


@dataclass
class FakeAudiences:
    audiences: dict[AudienceId, Audience] = field(default_factory=dict)

    @classmethod
    def of(cls, *audiences: Audience) -> "FakeAudiences":
        return cls(audiences={each.audience_id: each for each in audiences})

    def add(self, audience: Audience) -> None:
        self.audiences[audience.audience_id] = audience

    def get(self, audience_id: AudienceId) -> Audience | None:
        return self.audiences.get(audience_id)
