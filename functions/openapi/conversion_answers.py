"""What the calls about conversions answer, for the description of the API only."""

from pydantic import BaseModel

from functions.contracts.http_goal import GoalPost
from functions.domain.outcome import Model
from functions.openapi.message_answers import Money


class ConversionFigures(BaseModel):
    """Messages, and what came of them by a model of attribution.

    ``converted`` are messages that an event or more (or a share) is put down to, ``conversions``
    the events, ``value`` what they were worth. ``conversion_rate`` is of the delivered, null
    without any.
    """

    sent: int
    delivered: int
    human_clicks: int
    converted: int
    conversions: float
    value: Money
    conversion_rate: float | None


class VariantConversions(ConversionFigures):
    """What came of one variant; it has no name where the campaign has no variants."""

    variant: str


class Conversions(ConversionFigures):
    """What came of a campaign by a model: the last touch, the first, or all alike."""

    campaign_id: str
    goal: GoalPost | None
    model: Model
    by_variant: list[VariantConversions]


class Recomputing(BaseModel):
    """Events are being looked at again, for so many parts of the campaign."""

    campaign_id: str
    parts: int
