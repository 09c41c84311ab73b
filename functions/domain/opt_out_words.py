"""Words by which people stop messages, when a word is all that they write back.

A message counts only as a whole: "Stop by our shop" stops nothing. Blanks, punctuation, case,
accents and full-width letters make no difference, and every set holds in every country. Sources:

- 47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel and unsubscribe are valid per se;
- the default sets of Twilio, AWS End User Messaging and Telnyx, whose habits people have;
- Korean: the words that labels and carriers use (``무료수신거부``, ``무료거부``), and how people
  say them. ``취소`` (cancel) is not among them: who writes that means an order.
"""

import unicodedata
from enum import StrEnum

_RULE = "stop, quit, end, revoke, opt out, cancel, unsubscribe"
_TWILIO = "stop, stopall, unsubscribe, cancel, end, quit, revoke, optout"
_AWS = "arret, cancel, end, opt-out, optout, quit, remove, stop, td, unsubscribe"
_TELNYX = "stop, stopall, stop all, unsubscribe, cancel, end, quit"
_KOREAN = (
    "수신거부, 수신 거부합니다, 수신 거부해 주세요, 수신 거부 요청, 수신거부요, 수신거절, "
    "거부, 거부합니다, 거절, 거절합니다, 무료수신거부, 무료거부, 광고거부, 광고 수신거부, "
    "문자거부, 문자 수신거부, 해지, 해지합니다, 해지해 주세요, 수신해지, 구독해지, "
    "그만, 그만해, 그만하세요, 그만 보내, 그만 보내세요, 그만 보내 주세요, 문자 그만, "
    "보내지 마세요, 보내지 마, 문자 보내지 마세요, 광고 보내지 마세요, "
    "중지, 중단, 정지, 수신중지, 수신중단, 수신정지, 발송중지, 중지해 주세요, "
    "차단, 차단합니다, 수신차단, 스팸, 스팸신고, 스팸 신고합니다, "
    "철회, 동의철회, 수신동의 철회, 구독취소, 수신취소, 스톱, 스탑"
)
_START = (
    "start, unstop, yes, "  # Twilio, Telnyx
    "수신동의, 수신 동의합니다, 수신허용, 수신거부 해제, 거부해제, 수신재개, 차단해제"
)


class Keyword(StrEnum):
    """What a message asks for that is nothing but such a word."""

    STOP = "stop"
    START = "start"


def fold(text: str) -> str:
    """Reduce a text to its letters and digits, in one spelling.

    >>> fold(" Ｏpt-Out! ")
    'optout'
    >>> fold("수신 거부.")
    '수신거부'
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = "".join(each for each in plain if unicodedata.category(each)[0] in "LN")
    return unicodedata.normalize("NFC", kept)


def _folded(*sets: str) -> frozenset[str]:
    return frozenset(fold(word) for words in sets for word in words.split(","))


STOP_WORDS = _folded(_RULE, _TWILIO, _AWS, _TELNYX, _KOREAN)
START_WORDS = _folded(_START)
_LONGEST_CHARS = 100
"""No word has more, whatever stands between its letters; a whole book need not be folded."""


def read_keyword(text: str) -> Keyword | None:
    """Tell what a message asks for; None when it is anything but one of the words.

    >>> read_keyword("수신거부!")
    <Keyword.STOP: 'stop'>
    >>> read_keyword("수신거부는 어떻게 하나요?")
    """
    stripped = text.strip()
    if len(stripped) > _LONGEST_CHARS:
        return None
    word = fold(stripped)
    if word in STOP_WORDS:
        return Keyword.STOP
    return Keyword.START if word in START_WORDS else None
