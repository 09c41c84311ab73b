"""What explanations and simulations answer, for the description of the API only."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel

from functions.domain.best_channel import ChosenBy
from functions.domain.best_time import Because
from functions.domain.channel import Channel, Purpose
from functions.domain.message import MessageStatus
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.recipients import SkipReason
from functions.domain.text_size import MessageType
from functions.openapi.holdout_answers import HeldOut
from functions.openapi.message_answers import Estimate, Money, RecipientSource, Source
from functions.openapi.step_answers import StepForecast

_Reason = HoldReason | RefusalReason | FailureReason


class RuleSeen(BaseModel):
    """One rule: where it comes from, the values it saw, and what it said."""

    rule: str
    source: str
    saw: dict[str, Any]
    verdict: Literal["pass", "hold", "refuse"]
    reason: HoldReason | RefusalReason | None
    until: AwareDatetime | None


class Look(BaseModel):
    """One time that the door looked: its decision, and every rule in order."""

    at: AwareDatetime
    decision: Literal["send", "hold", "refuse"]
    reason: HoldReason | RefusalReason | None
    rules: list[RuleSeen]


class BestTime(BaseModel):
    """The hour that a message waits for, what it was chosen by, and how many own openings said so.

    Openings are those of messages that the person got lately.
    """

    at: AwareDatetime
    because: Because
    own_openings: int


class PassedOver(BaseModel):
    """A channel that would have been better, and why the door lets no message through on it."""

    channel: Channel
    reason: RefusalReason


class BestChannel(BaseModel):
    """The channel that was chosen, by what, and what the person got and opened on it lately.

    Of somebody who is refused it is the best one, whose reason stands.
    """

    channel: Channel
    because: ChosenBy
    own_messages: int
    own_openings: int
    passed_over: list[PassedOver]


class Why(BaseModel):
    """What became of somebody in a campaign, and each look of the door.

    Whoever is ``skipped`` is no recipient: ``excluded_by`` names the source that leaves them out.
    """

    campaign_id: str
    contact_id: str
    part: str | None
    status: MessageStatus | Literal["skipped"]
    reason: _Reason | SkipReason | None
    held_out: HeldOut | None
    excluded_by: RecipientSource | None
    message_id: str | None
    planned: Look | None
    best_time: BestTime | None
    best_channel: BestChannel | None
    dispatched: list[Look]


class ReceiptSeen(BaseModel):
    """What the carrier reported."""

    delivered: bool
    reason: FailureReason | None
    at: AwareDatetime


class Evidence(BaseModel):
    """The evidence of a message, without number, name or text."""

    message_id: str
    contact_id: str | None
    source: Source
    channel: Channel
    purpose: Purpose
    type: MessageType
    sender_id: str
    template_id: str
    template_version: int
    text_sha256: str
    status: MessageStatus
    reason: _Reason | None
    sent: AwareDatetime | None
    receipt: ReceiptSeen | None
    looks: list[Look]


class SimulationStarted(BaseModel):
    """The simulation is under way; ask for it by its id."""

    simulation_id: str


class Simulation(BaseModel):
    """What a campaign would do; all of it once ``complete``.

    ``by_hour`` counts messages by the hour (of the company's zone) in which they may start.
    """

    simulation_id: str
    complete: bool
    recipients: int
    ready: int
    held: int
    held_by_reason: dict[HoldReason, int]
    refused: int
    refused_by_reason: dict[RefusalReason, int]
    skipped: int
    skipped_by_reason: dict[SkipReason, int]
    by_hour: dict[str, int]
    by_type: dict[MessageType, int]
    by_best_time: dict[Because, int]
    by_channel: dict[Channel, int]
    by_best_channel: dict[ChosenBy, int]
    cost: Money
    follow_ups: list[StepForecast]
    estimate: Estimate
