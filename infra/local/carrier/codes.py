"""SOLAPI's four-digit status codes: their meaning, class and Korean text.

Source: https://github.com/solapi/documents, api-reference/message-status-codes.md.
"""

from __future__ import annotations

from typing import Final

ACCEPTED: Final = "2000"
AT_CARRIER: Final = "3000"
DELIVERED: Final = "4000"

MISSING_VALUE: Final = "1010"
BAD_FORMAT: Final = "1011"
SUBJECT_ON_SMS: Final = "1013"
SUBJECT_TOO_LONG: Final = "1014"
NO_SUCH_IMAGE: Final = "1023"
BAD_TYPE: Final = "1025"
DUPLICATE_RECIPIENT: Final = "1026"
NOT_UTF8: Final = "1027"
NOT_PRINTABLE: Final = "1028"
NOT_EUC_KR: Final = "1029"
NO_BALANCE: Final = "1030"
TOO_LONG: Final = "1031"
BAD_CUSTOM_FIELDS: Final = "1032"
KAKAO_ON_TEXT: Final = "1033"
IMAGE_MISSING: Final = "1034"
BAD_CHANNEL: Final = "1041"
BAD_TEMPLATE: Final = "1042"
TEMPLATE_MISMATCH: Final = "1043"
BAD_BUTTON: Final = "1044"
MISSING_BUTTON: Final = "1046"
UNEXPECTED_BUTTON: Final = "1047"
BUTTON_NAME_TOO_LONG: Final = "1049"
TOO_MANY_BUTTONS: Final = "1050"
BUTTON_ORDER: Final = "1052"
NO_ROUTE: Final = "1058"
DENIED_BY_080: Final = "1061"
SENDER_NOT_REGISTERED: Final = "1062"
DISPATCH_NO_BALANCE: Final = "2230"
BAD_RECIPIENT: Final = "3010"

_KAKAO_CARRIER_CODES: Final = ("3101", "3102", "3103", "3104", "3105", "3106", "3107", "3108")

_TEXTS: Final = {
    "1010": "필수 값이 없습니다.",
    "1011": "값의 형식이 올바르지 않습니다.",
    "1013": "SMS에는 제목을 쓸 수 없습니다.",
    "1014": "제목은 40바이트까지 쓸 수 있습니다.",
    "1023": "등록되지 않은 이미지입니다.",
    "1025": "알 수 없는 메시지 타입입니다.",
    "1026": "한 요청에 같은 수신번호가 있습니다.",
    "1027": "UTF-8이 아닌 문자가 있습니다.",
    "1028": "출력할 수 없는 문자가 있습니다.",
    "1029": "EUC-KR 범위를 벗어난 문자가 있습니다.",
    "1030": "잔액이 부족합니다.",
    "1031": "허용된 길이를 넘었습니다.",
    "1032": "customFields 값이 올바르지 않습니다.",
    "1033": "kakaoOptions는 카카오 메시지에만 쓸 수 있습니다.",
    "1034": "imageId가 없습니다.",
    "1041": "등록되지 않은 카카오 채널입니다.",
    "1042": "등록되지 않은 템플릿입니다.",
    "1043": "내용이 등록된 템플릿과 다릅니다.",
    "1044": "버튼 값이 올바르지 않습니다.",
    "1046": "템플릿의 버튼이 빠졌습니다.",
    "1047": "버튼이 없는 템플릿입니다.",
    "1049": "버튼 이름은 14자까지 쓸 수 있습니다.",
    "1050": "버튼은 5개까지 쓸 수 있습니다.",
    "1052": "버튼 순서가 템플릿과 다릅니다.",
    "1058": "전송 경로가 없습니다.",
    "1060": "차단된 수신번호입니다.",
    "1061": "080으로 수신을 거부한 번호입니다.",
    "1062": "등록되지 않은 발신번호입니다.",
    "1064": "KISA 신고로 차단되었습니다.",
    "2000": "정상 접수(이통사로 접수 예정)",
    "2061": "080으로 수신을 거부한 번호입니다.",
    "2062": "등록되지 않은 발신번호입니다.",
    "2230": "잔액이 부족합니다.",
    "2254": "스팸으로 분류되었습니다.",
    "3000": "이통사로 접수(리포트를 기다리는 중)",
    "3010": "수신번호가 올바르지 않습니다.",
    "3032": "가입자가 아닙니다.",
    "3040": "전송 시간이 초과되었습니다.",
    "3041": "단말기가 통화 중입니다.",
    "3042": "음영 지역입니다.",
    "3043": "단말기 전원이 꺼져 있습니다.",
    "3044": "단말기 수신함이 가득 찼습니다.",
    "3045": "일시 정지된 번호입니다.",
    "3047": "착신이 거절되었습니다.",
    "3050": "SMS를 받을 수 없는 단말기입니다.",
    "3054": "스팸으로 분류되었습니다.",
    "3059": "변작된 발신번호입니다.",
    "3101": "발신 프로필 키가 올바르지 않습니다.",
    "3102": "채널 친구가 아닙니다.",
    "3103": "내용이 템플릿과 다릅니다.",
    "3104": "카카오톡을 쓰지 않는 번호입니다.",
    "3105": "등록되지 않은 템플릿입니다.",
    "3106": "올바르지 않은 채널입니다.",
    "3107": "카카오톡을 오래 쓰지 않았거나 알림톡을 차단했습니다.",
    "3108": "발송할 수 있는 시간이 아닙니다.",
    "4000": "발송 완료",
}


def text(code: str) -> str:
    """Give the Korean explanation of a status code."""
    return _TEXTS.get(code, "알 수 없는 오류입니다.")


def is_refusal(code: str) -> bool:
    """Tell whether the code is given at registration, before anything is accepted."""
    return code.startswith("1")


def is_final(code: str) -> bool:
    """Tell whether nothing follows this code."""
    return code not in (ACCEPTED, AT_CARRIER)


def is_kakao_carrier_code(code: str) -> bool:
    """Tell whether only a Kakao message can end with this code."""
    return code in _KAKAO_CARRIER_CODES


def status_word(code: str) -> str:
    """Give the coarse state the message list shows beside the code."""
    words = {ACCEPTED: "PENDING", AT_CARRIER: "SENDING", DELIVERED: "COMPLETE"}
    return words.get(code, "FAILED")
