"""What comparisons answer, for the description of the API only."""

from datetime import date

from pydantic import BaseModel, Field

from functions.domain.channel import Channel
from functions.openapi.message_answers import Money


class Share(BaseModel):
    """A share of 0 to 1 as it was seen, and the interval in which it is 19 times of 20."""

    seen: float
    low: float
    high: float


class PriceOfOne(BaseModel):
    """What one cost in minor units, and the range; without an end where hardly any came."""

    seen: int
    low: int
    high: int | None
    currency: str


class ComparedChannel(BaseModel):
    """What was sent on a channel.

    ``delivery_rate`` is of what was sent or failed, the other rates of what was delivered.
    ``human_clicks``, ``converted`` and ``opted_out`` count messages.
    """

    channel: Channel
    sent: int
    failed: int
    delivered: int
    human_clicks: int
    converted: int
    opted_out: int
    value: Money
    cost: Money
    delivery_rate: Share | None
    click_rate: Share | None
    conversion_rate: Share | None
    opt_out_rate: Share | None
    cost_per_conversion: PriceOfOne | None


class ChannelReport(BaseModel):
    """The channels compared, by what was sent in some days of the company's calendar."""

    from_: date = Field(alias="from")
    to: date
    confidence: float
    channels: list[ComparedChannel]
