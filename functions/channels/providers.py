"""Which provider carries a channel: the account that a provider's limit is for."""

from functions.domain.channel import Channel

_SOLAPI = "solapi"


def provider_of(channel: Channel) -> str:
    """Name the provider; a channel to which none is connected has its own name."""
    match channel:
        case Channel.SMS | Channel.KAKAO:
            return _SOLAPI
        case Channel.PUSH | Channel.EMAIL | Channel.WHATSAPP:
            return channel
