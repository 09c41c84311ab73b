"""Why people did not get a message, in plain words: the reason, where the rule is from, what to do.

Sources of the law are those of the rules in ``domain/eligibility``.
"""

from collections.abc import Mapping
from typing import NamedTuple

from functions.domain.language import ENGLISH, KOREAN
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.recipients import SkipReason


class Plain(NamedTuple):
    """A reason for people. ``law`` and ``todo`` may be empty."""

    text: str
    law: str = ""
    todo: str = ""


Reasons = Mapping[str, Plain]

_KOREAN: Reasons = {
    HoldReason.NIGHT: Plain(
        "야간(21시–08시)이라 아침까지 기다립니다",
        "정보통신망법 제50조 제3항: 야간 광고에는 별도의 동의가 필요합니다",
        "기다리면 아침에 발송됩니다",
    ),
    HoldReason.SCHEDULED: Plain("예약한 시각을 기다립니다", "", "기다리거나 취소하세요"),
    HoldReason.QUIET_HOURS: Plain(
        "회사나 채널이 정한 보호 시간입니다", "회사 정책", "기다리면 발송됩니다"
    ),
    HoldReason.FREQUENCY_CAP: Plain(
        "최근에 받은 광고가 한도에 이르렀습니다", "회사 정책", "기다리면 발송됩니다"
    ),
    HoldReason.THROTTLE: Plain(
        "발송 속도 제한 때문에 차례를 기다립니다", "회사 설정", "기다리면 발송됩니다"
    ),
    RefusalReason.NO_ADDRESS: Plain("연락처가 없습니다", "", "연락처를 채우세요"),
    RefusalReason.SUPPRESSED: Plain(
        "수신을 거부했거나 보내면 안 되는 번호입니다",
        "정보통신망법 제50조 제2항: 거부한 사람에게 광고를 보낼 수 없습니다",
    ),
    RefusalReason.NO_CONSENT: Plain(
        "광고 수신에 동의하지 않았습니다",
        "정보통신망법 제50조 제1항: 광고에는 사전 동의가 필요합니다",
        "가입이나 주문 때 동의를 받으세요",
    ),
    RefusalReason.SENDER_NOT_APPROVED: Plain(
        "승인되지 않은 발신번호입니다",
        "전기통신사업법 제84조의2: 등록된 발신번호만 쓸 수 있습니다",
        "발신번호를 심사받으세요",
    ),
    RefusalReason.AD_LABEL: Plain(
        "광고 표시 형식이 아닙니다",
        "정보통신망법 제50조 제4항: (광고) 표시와 무료 수신거부 방법이 필요합니다",
        "문구를 고치세요",
    ),
    RefusalReason.AD_ON_INFORMATIONAL_CHANNEL: Plain(
        "알림톡으로는 광고를 보낼 수 없습니다", "카카오 알림톡 정책", "문자로 보내세요"
    ),
    RefusalReason.UNKNOWN_CONTACT: Plain("등록되지 않은 고객입니다", "", "고객 번호를 확인하세요"),
    RefusalReason.DUPLICATE_ADDRESS: Plain("같은 번호의 다른 고객이 받았습니다"),
    RefusalReason.UNRENDERABLE: Plain(
        "문구에 필요한 값이 없는 고객입니다", "", "고객 정보를 채우거나 기본값을 넣으세요"
    ),
    RefusalReason.UNSENDABLE_TEXT: Plain(
        "통신사가 받지 않는 글자가 있습니다", "", "고객 정보의 글자를 고치세요"
    ),
    RefusalReason.TOO_LONG: Plain("문구가 너무 깁니다", "", "문구를 줄이세요"),
    RefusalReason.CONTACT_ERASED: Plain(
        "그사이 삭제된 고객입니다", "개인정보 보호법: 삭제를 요청한 사람입니다"
    ),
    RefusalReason.ADDRESS_CHANGED: Plain("그사이 번호가 바뀌었습니다", "", "다시 보내세요"),
    RefusalReason.CLOSED_HOURS: Plain(
        "보호 시간이라 보내지 않았습니다", "회사 정책", "다른 시간에 보내세요"
    ),
    RefusalReason.CAPPED: Plain(
        "최근에 받은 광고가 한도에 이르렀습니다", "회사 정책", "나중에 보내세요"
    ),
    RefusalReason.EXPIRES_FIRST: Plain(
        "보낼 수 있기 전에 기한이 지납니다", "", "나중에 보내거나 기한을 늘리세요"
    ),
    RefusalReason.COUPON_EXHAUSTED: Plain("쿠폰이 모두 나갔습니다", "", "쿠폰을 더 넣으세요"),
    RefusalReason.COUPON_EXPIRED: Plain("쿠폰의 사용 기한이 지났습니다", "", "다른 쿠폰을 쓰세요"),
    RefusalReason.CONVERTED: Plain("후속 메시지의 목적이 이미 이루어졌습니다"),
    RefusalReason.OPTED_OUT_SINCE: Plain("앞선 메시지를 받고 수신을 거부했습니다"),
    RefusalReason.HELD_OUT: Plain("효과를 재기 위해 보내지 않았습니다"),
    RefusalReason.HELD_OUT_GLOBALLY: Plain("모든 광고의 효과를 재기 위해 보내지 않았습니다"),
    FailureReason.INVALID_NUMBER: Plain("없는 번호입니다", "", "고객 정보를 고치세요"),
    FailureReason.OPTED_OUT: Plain(
        "080 번호로 수신을 거부했습니다",
        "정보통신망법 제50조 제2항: 거부한 사람에게 광고를 보낼 수 없습니다",
    ),
    FailureReason.BLOCKED: Plain("통신사나 받는 사람이 차단했습니다"),
    FailureReason.SENDER: Plain(
        "발송사가 발신번호를 받지 않습니다", "", "발송사에 발신번호를 등록하세요"
    ),
    FailureReason.CONTENT: Plain("발송사가 문구를 받지 않습니다", "", "문구를 고치세요"),
    FailureReason.TEMPLATE: Plain("승인된 알림톡 문구와 다릅니다", "", "문구나 변수를 고치세요"),
    FailureReason.BALANCE: Plain("발송사 잔액이 부족합니다", "", "충전하세요"),
    FailureReason.NOT_KAKAO_USER: Plain("카카오톡을 쓰지 않습니다", "", "문자로 보내세요"),
    FailureReason.NOT_FRIEND: Plain("채널 친구가 아닙니다", "", "문자로 보내세요"),
    FailureReason.OUTSIDE_HOURS: Plain(
        "카카오가 보내지 않는 시간입니다", "카카오 정책", "낮에 보내세요"
    ),
    FailureReason.DEVICE: Plain("휴대전화가 꺼져 있거나 받을 수 없습니다", "", "나중에 보내세요"),
    FailureReason.TIMEOUT: Plain("통신사가 전달하지 못했습니다", "", "나중에 보내세요"),
    FailureReason.CARRIER: Plain("통신사 장애입니다", "", "나중에 보내세요"),
    FailureReason.SPAM: Plain("통신사가 스팸으로 보았습니다", "", "문구를 고치세요"),
    FailureReason.EXPIRED: Plain("기한 안에 발송되지 못했습니다", "", "다시 보내세요"),
    FailureReason.PROVIDER_UNAVAILABLE: Plain("발송사가 답하지 않았습니다", "", "나중에 보내세요"),
    FailureReason.DUPLICATE: Plain("같은 메시지가 방금 접수되었습니다"),
    FailureReason.OTHER: Plain("알려지지 않은 이유입니다", "", "발송사에 문의하세요"),
    SkipReason.EXCLUDED: Plain("제외 대상입니다"),
    SkipReason.ALREADY_INCLUDED: Plain("다른 대상에 이미 있습니다"),
    SkipReason.GONE: Plain("더 이상 없는 고객입니다"),
}
_ENGLISH: Reasons = {
    HoldReason.NIGHT: Plain(
        "It is night (21:00–08:00): waiting for the morning",
        "Korean Network Act, art. 50(3): advertising at night needs a consent of its own",
        "Leaves in the morning by itself",
    ),
    HoldReason.SCHEDULED: Plain("Waiting for the scheduled moment", "", "Wait, or cancel"),
    HoldReason.QUIET_HOURS: Plain(
        "Hours that the company or the channel protects", "Company policy", "Leaves by itself"
    ),
    HoldReason.FREQUENCY_CAP: Plain(
        "Got as many advertisements lately as a cap allows", "Company policy", "Leaves by itself"
    ),
    HoldReason.THROTTLE: Plain(
        "Waiting for its turn under a limit of speed", "Company setting", "Leaves by itself"
    ),
    RefusalReason.NO_ADDRESS: Plain("No address for this channel", "", "Complete the contact"),
    RefusalReason.SUPPRESSED: Plain(
        "Opted out, or must not be written to",
        "Korean Network Act, art. 50(2): no advertising after a refusal",
    ),
    RefusalReason.NO_CONSENT: Plain(
        "Did not agree to advertising",
        "Korean Network Act, art. 50(1): advertising needs consent first",
        "Ask for consent when people sign up or order",
    ),
    RefusalReason.SENDER_NOT_APPROVED: Plain(
        "The sender’s number is not approved",
        "Korean Telecommunications Business Act, art. 84-2: registered numbers only",
        "Have the sender reviewed",
    ),
    RefusalReason.AD_LABEL: Plain(
        "The text has not the form of an advertisement",
        "Korean Network Act, art. 50(4): label and a free way to refuse",
        "Correct the text",
    ),
    RefusalReason.AD_ON_INFORMATIONAL_CHANNEL: Plain(
        "Alimtalk is for information only", "Kakao’s policy", "Send by text message"
    ),
    RefusalReason.UNKNOWN_CONTACT: Plain("No such contact", "", "Check the id"),
    RefusalReason.DUPLICATE_ADDRESS: Plain("Somebody with the same number got it"),
    RefusalReason.UNRENDERABLE: Plain(
        "A value that the text needs is missing", "", "Complete the contact, or give a default"
    ),
    RefusalReason.UNSENDABLE_TEXT: Plain(
        "A character that carriers refuse", "", "Correct the contact’s value"
    ),
    RefusalReason.TOO_LONG: Plain("The text is too long", "", "Shorten the text"),
    RefusalReason.CONTACT_ERASED: Plain(
        "Erased meanwhile", "Personal Information Protection Act: they asked to be erased"
    ),
    RefusalReason.ADDRESS_CHANGED: Plain("The number changed meanwhile", "", "Send again"),
    RefusalReason.CLOSED_HOURS: Plain(
        "Not sent in protected hours", "Company policy", "Send at another hour"
    ),
    RefusalReason.CAPPED: Plain(
        "Got as many advertisements lately as a cap allows", "Company policy", "Send later"
    ),
    RefusalReason.EXPIRES_FIRST: Plain(
        "It would end before it may leave", "", "Send later, or let it live longer"
    ),
    RefusalReason.COUPON_EXHAUSTED: Plain("No coupon was left", "", "Add coupons"),
    RefusalReason.COUPON_EXPIRED: Plain("The coupons have ended", "", "Use other coupons"),
    RefusalReason.CONVERTED: Plain("What the follow-up was for came about before"),
    RefusalReason.OPTED_OUT_SINCE: Plain("The person opted out by the message before"),
    RefusalReason.HELD_OUT: Plain("Held out by chance, to see what the campaign brings about"),
    RefusalReason.HELD_OUT_GLOBALLY: Plain("Held out of all advertising, to see what it does"),
    FailureReason.INVALID_NUMBER: Plain("Number not in service", "", "Correct the contact"),
    FailureReason.OPTED_OUT: Plain(
        "Opted out by the 080 number",
        "Korean Network Act, art. 50(2): no advertising after a refusal",
    ),
    FailureReason.BLOCKED: Plain("Blocked by the carrier or the recipient"),
    FailureReason.SENDER: Plain(
        "The provider does not accept the sender", "", "Register the number with the provider"
    ),
    FailureReason.CONTENT: Plain("The provider does not accept the text", "", "Correct the text"),
    FailureReason.TEMPLATE: Plain(
        "Not the text that Kakao approved", "", "Correct the text or its variables"
    ),
    FailureReason.BALANCE: Plain("The provider’s account is empty", "", "Charge it"),
    FailureReason.NOT_KAKAO_USER: Plain("Has no KakaoTalk", "", "Send by text message"),
    FailureReason.NOT_FRIEND: Plain("Is no friend of the channel", "", "Send by text message"),
    FailureReason.OUTSIDE_HOURS: Plain(
        "Kakao does not deliver at this hour", "Kakao’s policy", "Send by day"
    ),
    FailureReason.DEVICE: Plain("The phone is off or cannot take it", "", "Try later"),
    FailureReason.TIMEOUT: Plain("The carrier gave up", "", "Try later"),
    FailureReason.CARRIER: Plain("A fault of the carrier", "", "Try later"),
    FailureReason.SPAM: Plain("The carrier took it for spam", "", "Correct the text"),
    FailureReason.EXPIRED: Plain("Could not leave in time", "", "Send again"),
    FailureReason.PROVIDER_UNAVAILABLE: Plain("The provider did not answer", "", "Try later"),
    FailureReason.DUPLICATE: Plain("The provider had the same message a moment ago"),
    FailureReason.OTHER: Plain("The provider gave no known reason", "", "Ask the provider"),
    SkipReason.EXCLUDED: Plain("On the list of those left out"),
    SkipReason.ALREADY_INCLUDED: Plain("Already there by another source"),
    SkipReason.GONE: Plain("Not there any more"),
}
_BY_LANGUAGE: Mapping[str, Reasons] = {KOREAN: _KOREAN, ENGLISH: _ENGLISH}


def plain(reason: str, language: str) -> Plain:
    """A reason in plain words; one that has none is shown by its name."""
    return _BY_LANGUAGE[language].get(reason, Plain(reason))
