"""What the calls about a safe launch answer, for the description of the API only."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel

from functions.domain.message import MessageStatus
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.stop_rules import StopReason
from functions.domain.text_size import MessageType


class Ramp(BaseModel):
    """Shares of the recipients in percent; for campaigns to more than ``only_above`` people."""

    steps: list[int]
    wait_minutes: int
    only_above: int


class StopRules(BaseModel):
    """Rates in percent of what was sent, above which a campaign pauses itself."""

    failed_percent: float | None
    opt_out_percent: float | None
    complaint_percent: float | None
    min_sent: int


class Won(BaseModel):
    """An amount of money."""

    amount: int
    currency: Literal["KRW"]


class Approval(BaseModel):
    """Which key allowed which edition, for about how many people."""

    by: str
    at: AwareDatetime
    edition: int
    recipients: int


class Resume(BaseModel):
    """Which key let a campaign go on that had paused itself, and over which reason."""

    by: str
    at: AwareDatetime
    because: StopReason


class Safety(BaseModel):
    """What keeps a campaign safe, and where it stands.

    ``edition`` counts the edits; each voids the approval. ``expected_recipients`` is how many it
    is for at most, known from the launch on; ``ramp_percent`` how many of them are let in so far.
    """

    ramp: Ramp | None
    stop_rules: StopRules | None
    budget: Won | None
    edition: int
    approval: Approval | None
    tested: bool
    expected_recipients: int | None
    ramp_percent: int | None
    paused_because: StopReason | None
    resumes: list[Resume]


class TrialMessage(BaseModel):
    """A message of a test."""

    message_id: str
    contact_id: str | None
    phone: str | None
    status: MessageStatus
    reason: HoldReason | RefusalReason | FailureReason | None
    type: MessageType


class TrialRefusal(BaseModel):
    """Somebody who gets no test, and why."""

    contact_id: str | None
    reason: RefusalReason


class Trial(BaseModel):
    """Who gets a test, and who does not."""

    messages: list[TrialMessage]
    refused: list[TrialRefusal]
