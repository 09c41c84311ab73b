"""Which provider serves which channel, and at which accounts. Adapters are imported when asked for.

A name of an account stands for the same account for ever, for messages in doubt are asked about
where they were tried: an account that takes another's place has a name of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from functions.channels.base import (
    CallbackReader,
    Channel,
    HearingReader,
    OptOutSource,
    RetryLater,
)
from functions.domain.channel import Channel as ChannelName
from functions.domain.ids import MAIN_ACCOUNT, AccountName
from functions.domain.reason import SuppressionReason
from functions.runtime.aws import secret_json
from functions.runtime.settings import solapi_accounts, solapi_base_url

if TYPE_CHECKING:
    from functions.channels.solapi import SolapiChannel

SOLAPI = "solapi"
NHN = "nhn"
INBOUND = "inbound"
PROVIDERS = (SOLAPI, NHN, INBOUND)
"""Who may call back."""
HEARING = (NHN, INBOUND)
"""Those of them that tell what people said."""
SIGNATURE_HEADERS = {NHN: "x-toast-webhook-signature"}
"""Where a provider sends, with each call, the signature that was typed in at its console."""


def accounts(name: ChannelName) -> tuple[AccountName, ...]:
    """The accounts that a channel's messages may leave at, the preferred one first."""
    match name:
        case ChannelName.SMS | ChannelName.KAKAO:
            return solapi_accounts()
        case ChannelName.PUSH | ChannelName.EMAIL | ChannelName.WHATSAPP:
            return ()


@cache
def channel(name: ChannelName, account: AccountName) -> Channel:
    """The adapter that sends on this channel at this account. SOLAPI serves SMS and Kakao.

    Raises RetryLater for an account that is not set up (any more); LookupError for a channel
    without a provider.
    """
    match name:
        case ChannelName.SMS | ChannelName.KAKAO:
            return _solapi(account)
        case ChannelName.PUSH | ChannelName.EMAIL | ChannelName.WHATSAPP:
            msg = f"no provider is connected to {name}"
            raise LookupError(msg)


def refused_by(name: ChannelName) -> SuppressionReason:
    """How somebody opted out whom the channel's provider refuses to write to."""
    match name:
        case ChannelName.SMS | ChannelName.KAKAO:
            # SOLAPI knows one way only: the 080 number (codes 1061 and 2061).
            return SuppressionReason.OPT_OUT_CALL
        case ChannelName.PUSH | ChannelName.EMAIL | ChannelName.WHATSAPP:
            return SuppressionReason.OPT_OUT_CARRIER


def opt_out_sources() -> Mapping[str, OptOutSource]:
    """Who lists who called the 080 number: each account by itself, by a name for its list."""
    from functions.channels.solapi_denials import SolapiDenials

    return {
        SOLAPI if account == MAIN_ACCOUNT else f"{SOLAPI}:{account}": SolapiDenials(_Lists(account))
        for account in solapi_accounts()
    }


@dataclass(frozen=True, slots=True)
class _Lists:
    """The lists of an account, which is looked up when it is asked."""

    account: AccountName

    def get(self, path: str, query: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
        return _solapi(self.account).get(path, query, now=now)


@cache
def _solapi(account: AccountName) -> "SolapiChannel":
    """One account; the secret has the others' keys beside the main one's, with a prefix."""
    from functions.channels.solapi import Credentials, SolapiChannel

    secret = secret_json("SECRET_SOLAPI_ARN")
    prefix = "" if account == MAIN_ACCOUNT else f"{account}_"
    key, api_secret = (secret.get(f"{prefix}{name}") for name in ("api_key", "api_secret"))
    if not key or not api_secret:
        msg = f"the account {account} is not set up"
        raise RetryLater(msg)
    return SolapiChannel(
        Credentials(api_key=key, api_secret=api_secret), base_url=solapi_base_url()
    )


def callback_reader(provider: str) -> CallbackReader | None:
    """The adapter that reads this provider's callbacks; None for one we do not know."""
    if provider != SOLAPI:
        return None
    from functions.channels.solapi import SolapiCallbacks

    return SolapiCallbacks()


def hearing_reader(provider: str) -> HearingReader | None:
    """The adapter that reads what people said; None for a provider that does not tell."""
    if provider == NHN:
        from functions.channels.nhn import NhnCallbacks

        return NhnCallbacks()
    if provider == INBOUND:
        from functions.channels.inbound import InboundCallbacks

        return InboundCallbacks()
    return None
