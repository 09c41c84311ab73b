"""Which provider serves which channel. Adapters are imported only when asked for."""

from functools import cache
from typing import TYPE_CHECKING

from functions.channels.base import CallbackReader, Channel, HearingReader, OptOutSource
from functions.domain.channel import Channel as ChannelName
from functions.domain.reason import SuppressionReason
from functions.runtime.aws import secret_json
from functions.runtime.settings import solapi_base_url

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


@cache
def channel(name: ChannelName) -> Channel:
    """The adapter that sends on this channel. SOLAPI serves both SMS and Kakao."""
    match name:
        case ChannelName.SMS | ChannelName.KAKAO:
            return _solapi()
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


def opt_out_source() -> OptOutSource:
    """The provider that lists who called the 080 number."""
    from functions.channels.solapi_denials import SolapiDenials

    return SolapiDenials(_solapi())


@cache
def _solapi() -> "SolapiChannel":
    from functions.channels.solapi import Credentials, SolapiChannel

    secret = secret_json("SECRET_SOLAPI_ARN")
    credentials = Credentials(api_key=secret["api_key"], api_secret=secret["api_secret"])
    return SolapiChannel(credentials, base_url=solapi_base_url())


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
