"""Which provider serves which channel. Adapters are imported only when asked for."""

from functools import cache

from functions.channels.base import CallbackReader, Channel
from functions.domain.channel import Channel as ChannelName
from functions.runtime.aws import secret_json
from functions.runtime.settings import solapi_base_url

SOLAPI = "solapi"
PROVIDERS = (SOLAPI,)


@cache
def channel(name: ChannelName) -> Channel:
    """The adapter that sends on this channel. SOLAPI serves both SMS and Kakao."""
    match name:
        case ChannelName.SMS | ChannelName.KAKAO:
            return _solapi()
        case ChannelName.PUSH | ChannelName.EMAIL | ChannelName.WHATSAPP:
            msg = f"no provider is connected to {name}"
            raise LookupError(msg)


@cache
def _solapi() -> Channel:
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
