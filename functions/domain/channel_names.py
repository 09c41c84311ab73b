"""What channels are called where people read."""

from collections.abc import Mapping

from functions.domain.channel import Channel
from functions.domain.language import ENGLISH, KOREAN

CHANNEL_NAMES: Mapping[str, Mapping[Channel, str]] = {
    KOREAN: {
        Channel.SMS: "문자메시지",
        Channel.KAKAO: "카카오톡",
        Channel.PUSH: "앱 알림",
        Channel.EMAIL: "이메일",
        Channel.WHATSAPP: "WhatsApp",
    },
    ENGLISH: {
        Channel.SMS: "Text messages",
        Channel.KAKAO: "KakaoTalk",
        Channel.PUSH: "App notifications",
        Channel.EMAIL: "E-mail",
        Channel.WHATSAPP: "WhatsApp",
    },
}
