"""What the preference page says, in Korean and English.

It is evidence: whoever refuses has read this. A change of wording is a new ``VERSION``.
"""

from collections.abc import Mapping
from http import HTTPStatus

from functions.domain.channel import ConsentPurpose
from functions.domain.language import ENGLISH, KOREAN
from functions.domain.preferences import Attitude

VERSION = "preferences-1"

Words = Mapping[str, str]

WORDS: Mapping[str, Words] = {
    KOREAN: {
        "title": "광고 수신 설정",
        "unnamed": "발신자",
        "sender": "보내는 곳",
        "intro": "언제든지 로그인 없이 무료로 광고 수신을 거부할 수 있습니다.",
        "all_title": "모든 광고 거부",
        "all_text": "문자, 카카오톡, 이메일, 앱 알림의 광고를 모두 받지 않습니다.",
        "all_button": "모든 광고 수신 거부하기",
        "all_refused": "모든 광고를 거부하셨습니다",
        "since": "부터",
        "list_title": "채널별 동의 현황",
        "nothing": "기록된 광고 수신 동의가 없습니다.",
        "refuse": "거부하기",
        "notices": "주문·배송 안내처럼 거래에 필요한 알림은 계속 받을 수 있습니다.",
        "again_title": "다시 동의하려면",
        "again_text": (
            "이 페이지에서는 거부만 할 수 있습니다. 링크를 전달받은 다른 사람이 대신 동의하는 일을 "
            "막기 위해서입니다. 광고를 다시 받으려면 회사의 동의 양식을 이용해 주세요."
        ),
        "phone": "전화로 무료 수신거부",
        "done_title": "수신 거부가 기록되었습니다",
        "done_text": "지금부터 적용되며, 이미 예약된 광고도 발송되지 않습니다.",
        "what": "거부한 내용",
        "everything": "모든 광고",
        "when": "기록 시각",
        "number": "증빙 번호",
        "keep": "문의하실 때 증빙 번호를 알려 주세요.",
        "back": "수신 설정으로 돌아가기",
        "other_ways": "다른 방법으로 거부하기",
        "other_text": (
            "가장 최근에 받은 광고의 링크를 눌러 주세요. 광고 문자 끝에 있는 무료 수신거부 "
            "번호(080)로 전화하거나 메시지를 보낸 회사에 직접 요청할 수도 있습니다."
        ),
        "switch": "언어",
        "one_click": "수신 거부가 기록되었습니다.\n",
    },
    ENGLISH: {
        "title": "Advertising preferences",
        "unnamed": "the sender",
        "sender": "Sent by",
        "intro": "You can refuse advertising at any time, free of charge and without signing in.",
        "all_title": "Refuse everything",
        "all_text": "No more advertising by text, KakaoTalk, e-mail or app notification.",
        "all_button": "Refuse all advertising",
        "all_refused": "You have refused all advertising",
        "since": "since",
        "list_title": "What you agreed to",
        "nothing": "No consent to advertising is on record.",
        "refuse": "Refuse",
        "notices": "You may still get notices that you need, such as those about your orders.",
        "again_title": "To agree again",
        "again_text": (
            "You can only refuse on this page, so that nobody to whom a message was forwarded can "
            "agree in your name. To get advertising again, please use the company’s own form."
        ),
        "phone": "Refuse by phone, free of charge",
        "done_title": "Your refusal is recorded",
        "done_text": "It applies from now on, also to advertising that is already scheduled.",
        "what": "What you refused",
        "everything": "All advertising",
        "when": "Recorded",
        "number": "Evidence number",
        "keep": "Please give the evidence number when you contact us.",
        "back": "Back to your preferences",
        "other_ways": "Other ways to refuse",
        "other_text": (
            "Please tap the link in the latest advertisement that you got. You can also call the "
            "free number (080) at the end of the text, or ask the company that sent it."
        ),
        "switch": "Language",
        "one_click": "Your refusal is recorded.\n",
    },
}
PURPOSES: Mapping[str, Mapping[ConsentPurpose, str]] = {
    KOREAN: {
        ConsentPurpose.ADVERTISING: "광고",
        ConsentPurpose.NIGHT_ADVERTISING: "야간 광고 (21시\u2060–\u206008시)",
    },
    ENGLISH: {
        ConsentPurpose.ADVERTISING: "advertising",
        ConsentPurpose.NIGHT_ADVERTISING: "advertising at night (21:00\u2060–\u206008:00)",
    },
}
ATTITUDES: Mapping[str, Mapping[Attitude, str]] = {
    KOREAN: {
        Attitude.AGREED: "동의함",
        Attitude.CUSTOMER: "구매 고객에게 발송",
        Attitude.REFUSED: "거부함",
    },
    ENGLISH: {
        Attitude.AGREED: "Agreed",
        Attitude.CUSTOMER: "As a customer",
        Attitude.REFUSED: "Refused",
    },
}
LOST = HTTPStatus.NOT_FOUND
ENDED = HTTPStatus.GONE
REFUSED = HTTPStatus.BAD_REQUEST
LATER = HTTPStatus.SERVICE_UNAVAILABLE
FAULTS: Mapping[str, Mapping[HTTPStatus, tuple[str, str]]] = {
    KOREAN: {
        LOST: (
            "페이지를 찾을 수 없습니다",
            "주소가 올바르지 않거나 더 이상 사용할 수 없는 링크입니다.",
        ),
        ENDED: (
            "링크의 사용 기간이 지났습니다",
            "안전을 위해 링크는 일정 기간만 사용할 수 있습니다.",
        ),
        REFUSED: (
            "요청을 처리하지 못했습니다",
            "아무것도 변경되지 않았습니다. 받으신 메시지의 링크를 다시 눌러 주세요.",
        ),
        LATER: (
            "잠시 후 다시 시도해 주세요",
            "일시적인 문제로 처리하지 못했습니다. 잠시 후 같은 링크를 다시 눌러 주세요.",
        ),
    },
    ENGLISH: {
        LOST: (
            "Page not found",
            "The address is incomplete, or the link is no longer in use.",
        ),
        ENDED: ("This link has ended", "For your safety, links work for a limited time only."),
        REFUSED: (
            "The request could not be read",
            "Nothing was changed. Please tap the link in your message again.",
        ),
        LATER: (
            "Please try again in a moment",
            "Something went wrong just now. Please tap the same link again in a moment.",
        ),
    },
}
