"""Whether a text that is marked as a notice reads like an advertisement.

A lint: it asks, people decide. Advertising under the name of information is sent without consent
(정보통신망법 art. 50(1)), and Kakao punishes it per business, also for reviewed templates. A false
alarm costs a reviewer a sentence, but too many of them and nobody reads one: so phrases are
looked for that invite, never the mere words of an order (할인금액, 쿠폰번호, 이벤트홀).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from functions.domain.ad_label import LABEL


class AdWarningCode(StrEnum):
    """What a notice was found to do; stable, shown to authors."""

    AD_WORDS = "ad_words"
    APP_PROMOTION = "app_promotion"
    BENEFIT_WITHOUT_GROUND = "benefit_without_ground"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdWarning:
    """One suspicion, and the words of the text that raise it, in order."""

    code: AdWarningCode
    found: tuple[str, ...]


# What a template fills in later, as one sign that may be a number as well as a word.
_GAP = "\N{OBJECT REPLACEMENT CHARACTER}"
_FILLED = re.compile(r"\{\{.*?\}\}|#\{[^{}]*\}", re.DOTALL)
_UNSEEN = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
# An address is made of anybody's words (shop.example/event/coupon).
_ADDRESS = re.compile(r"https?://\S+|\bwww\.\S+", re.IGNORECASE)

_PERCENT = rf"(?:[0-9]+|{_GAP})\s?(?:%|％|퍼센트)"
_BENEFIT = r"(?:쿠폰|포인트|적립금|마일리지|리워드|기프티콘|상품권)"
_GIFT = r"(?:사은품|경품|선물|샘플|쿠폰|포인트|적립금|마일리지|상품권|기프티콘)"
_GIVES = r"(?:드려요|드립니다|드릴게요|드리고\s?있|쏩니다|쏜다|쏴요|팡팡)"
_TAKE = r"(?:받으세요|받아\s?가세요|받아\s?보세요|누리세요|챙기세요|챙겨\s?가세요)"
_OBJECT = r"(?:을|를|도|까지)?\s?"
_CASE = r"(?:이|가|을|를|도)?\s?"
_GO = r"(?:하러\s?가기|쓰러\s?가기|받으러\s?가기|보러\s?가기|쇼핑하기|득템)"

# gongbizguide.oopy.io, groobee.net/?p=25565: what counts as an advertisement in an informational
# text. The exclusions are what order, booking, telecom and consent notices say.
_AD_PHRASES = (
    rf"^{re.escape(LABEL)}(?!\s?(?:성|수신))",
    # discounts
    (
        rf"{_PERCENT}\s?(?:[가-힣]{{1,4}}\s)?(?:할인|세일|DC)"
        r"(?!\s?(?:적용|금액|액|내역|반영|된|되었|받은|율|요금|대상))"
    ),
    rf"할인{_OBJECT}(?:{_TAKE}|해\s?{_GIVES}|{_GIVES})",
    r"할인\s?(?:행사|이벤트|찬스|판매|대잔치)",
    r"할인\s?(?:진행\s?중|중(?:입니다|이에요|!)|합니다|해요)",
    r"(?:최대|파격|폭탄|깜짝|단독|특별|대박|초특가)\s?할인(?!\s?(?:한도|금액|액|적용))",
    r"반값\s?(?:할인|세일|행사|찬스|특가)",
    # sales and special prices
    r"(?:빅|시즌|시즌오프|정기|클리어런스|그랜드|타임|깜짝|(?:봄|여름|가을|겨울)(?:맞이)?)\s?세일(?!즈)",
    r"세일\s?(?:진행\s?중|중(?:입니다|이에요|!)|시작|오픈|기간|찬스|마감|해요|합니다)",
    r"(?:오늘만|단독|한정|회원|주말|타임|선착순|역대급|초|최저가|깜짝)\s?특가",
    r"특가\s?(?:세일|행사|찬스|판매\s?중|진행|오픈|로\s?만나)",
    r"(?:가격|구성|혜택)(?:으로|로)\s?만나",
    # events
    (
        r"(?:오픈|기념|특별|감사|단독|한정|타임|경품|신규|가입|맞이|깜짝|럭키|출석|댓글|리뷰)\s?이벤트"
        r"(?!\s?(?:홀|장소|일정|당첨|결과))"
    ),
    r"이벤트\s?(?:진행\s?중|중입니다|혜택|오픈|시작|바로\s?가기|소식|페이지|참여하(?:세요|기|고)|응모하(?:세요|기))",
    r"이벤트(?:에|를)?\s?(?:지금|바로)?\s?(?:참여|응모)(?:하세요|해\s?보세요|하기)",
    # gifts
    rf"{_GIFT}(?:[을를]|\s|\b)[^\n.]{{0,12}}증정(?!품|하신)",
    r"(?:무료|선착순|전원|1\+1|원플러스원)\s?증정(?!품)",
    r"증정\s?(?:이벤트|행사|합니다|중입니다)",
    rf"(?:사은품|경품|상품권|기프티콘|선물){_OBJECT}(?:{_GIVES}|{_TAKE})",
    r"무료\s?(?:로\s?)?(?:체험|이용권|쿠폰|샘플)[^\n.]{0,6}(?:하세요|해\s?보세요|받으세요|드려요|드립니다)",
    r"공짜로|무료로\s?(?:드려요|드립니다|받으세요|즐기세요)",
    # invitations
    r"(?:특별한?|풍성한|파격|단독|놀라운|역대급)\s?혜택",
    rf"혜택{_OBJECT}(?:{_GIVES}|{_TAKE}|놓치지)",
    r"(?:혜택|기회|찬스|특가|할인|세일|이벤트)[^\n.]{0,10}놓치지\s?마",
    r"지금\s?바로\s?(?:구매|주문|쇼핑|만나|신청해\s?보)",
    r"(?:신상품?|신제품|신메뉴|인기\s?상품|추천\s?상품)[^\n.]{0,10}만나\s?보(?:세요|실)",
    r"(?:구매|쇼핑|쿠폰|할인|혜택|이벤트|특가)[을를도\s]{0,2}" + _GO,
    r"할인가로\s?(?:구매|만나|모십)",
    # English
    rf"{_PERCENT}\s?off\b",
    r"\b(?:save|discounts?\s+of)\s+(?:up\s+to\s+)?(?:[0-9$₩]|" + _GAP + r")+\s?%",
    r"\bup\s+to\s+[0-9]+\s?%\s+discount",
    (
        r"\b(?:big|summer|winter|spring|autumn|fall|flash|clearance|annual|holiday|black\s+friday"
        r"|season|weekend)\s+sale\b"
    ),
    r"\bsale\s+(?:ends|starts|is\s+on|now\s+on|today)\b",
    r"\b(?:use|enter)\s+(?:the\s+|our\s+|this\s+)?(?:coupon|promo|discount)\s+codes?\b",
    (
        r"\b(?:get|grab|claim)\s+(?:your\s+|an?\s+|our\s+|this\s+)?(?:free\s+|exclusive\s+)?"
        r"(?:coupon|voucher|discount)s?\b"
    ),
    r"\b(?:limited[- ]time|special|exclusive|unbeatable|hot)\s+(?:offers?|deals?|discounts?)\b",
    (
        r"\bfree\s+(?:gifts?|samples?)\b"
        r"(?!\s+(?:wrap|receipt|message|note|card|has|have|was|were|is|are|will|you\s+requested))"
    ),
    r"\b(?:start|try|claim|get)\s+(?:your\s+|a\s+)?free\s+trial\b",
    r"\bbuy\s+(?:one|1)\s*,?\s*get\s+(?:one|1)\b",
    r"(?<!your )(?<!our )(?<!the )\bshop\s+now\b|\bbuy\s+now\b(?!,?\s*pay)",
    r"(?:^|[.!?\n]\s{0,3})order\s+now\b",
    r"\bdon[’']?t\s+miss\s+(?:out|this|our|these|the\s+(?:sale|deal|offer|chance|event))\b",
    r"\b(?:special|opening|launch|anniversary|promotional|giveaway)\s+events?\b",
    r"\bjoin\s+(?:us\s+for\s+)?(?:our|the)\s+(?:[a-z]+\s+){0,2}(?:giveaway|sale|raffle)\b",
)
# Coupon texts count as advertisements (gongbizguide.oopy.io), unless it is clear for what they
# were granted: then somebody bought, was sent, or earned them.
_COUPONS = (
    rf"쿠폰{_CASE}(?:발급|지급|도착|증정|선물|배달)(?:[되됐했드]|\s?(?:완료|해|하)|했|$)",
    rf"(?:쿠폰|포인트|적립금|마일리지){_OBJECT}(?:{_GIVES}|{_TAKE})",
    r"쿠폰\s?(?:다운(?:로드)?\s?받|사용하러|확인하러)",
)
# Kakao's policy of 2026-04-01 (onehae.gitbook.io/onehae-v2/26.04): wording that pushes the
# installation or start of an app. Warnings of fraud say the same words with a "not".
_NOT = r"(?![^\n.]{0,8}(?:안\s?[됩돼되]|마세요|마십시오|말|속|의심|주의))"
_APP = r"(?:앱|어플|(?:애|어)플리케이션|\bAPP)(?:을|를)?\s?"
_APP_PHRASES = (
    rf"{_APP}(?:설치|다운로드|다운)\s?(?:하세요|하시고|하고|받으세요|받으시고|받고|하러|받으러|하기|받기)"
    + _NOT,
    rf"{_APP}(?:설치|다운로드)(?:해|하여)\s?(?:주세요|보세요|주시|이용)" + _NOT,
    rf"{_APP}(?:설치|다운로드|다운받은)\s?(?:후|하면|하시면)" + _NOT,
    (
        r"\b(?<!not )(?<!never )(?<!n't )(?<!n’t )(?:download|install|get)\s+"
        r"(?:our|the)\s+(?:[a-z]+\s+)?app\b(?!\s+store)"
    ),
)
_LAUNCH_PHRASES = (
    rf"{_APP}(?:실행|접속)\s?(?:하세요|하고|해\s?보세요|하러\s?가기|하기)" + _NOT,
    r"\b(?<!not )(?<!never )(?<!n't )(?<!n’t )(?:open|launch)\s+(?:our|the)\s+(?:[a-z]+\s+)?app\b",
)
# Alimtalk tells of points and coupons only with the ground on which they were granted
# (groobee.net/?p=25565; Kakao's policy of 2026-04-01 wants a line for it).
_BENEFITS = (
    rf"{_BENEFIT}[^\n]{{0,25}}?(?:적립|지급|발급|증정|소멸|만료|도착|{_GIVES})",
    rf"(?:적립|지급|발급|소멸|만료)\s?(?:된|되는|될|예정인?)\s?{_BENEFIT}",
    (
        r"\b(?:points?|coupons?|vouchers?|rewards?)\b[^\n.]{0,30}?"
        r"\b(?:earned|added|issued|credited|granted|expires?|expiring)\b"
    ),
)
_ACTS = (
    r"구매|구입|주문|결제|예약|예매|이용|방문|가입|신청|참여|작성|등록|충전|출석|추천|응모|당첨|요청"
    r"|교환|환불|취소|납부|완료|응답|투표|인증|전환|선물|후기|리뷰|설문"
)
_GROUND = re.compile(
    rf"(?:{_ACTS})(?:을|를)?\s?(?:하신|하셔|하여|해\s?주[신셔]|에\s?(?:따라|따른|대한|의해)|으?로\s?인한"
    r"|으?로\s?(?:적립|지급|발급)|시\s?(?:적립|지급|발급)|완료|내역|확정|감사|건|번호|상품|금액|일시?\b)"
    r"|보내신|선물\s?받|받으신\s?선물|님(?:이|께서)\s?(?:보낸|선물한)"
    r"|\b(?:for|from|on|with|of|after)\s+your\s+(?:[a-z]+\s+)?(?:order|purchase|payment|booking|visit"
    r"|review|stay|subscription|request|registration|survey)\b"
    r"|\byou\s+(?:bought|ordered|purchased|requested|redeemed|reviewed)\b",
    re.IGNORECASE,
)


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


_AD = _any_of(_AD_PHRASES)
_COUPON = _any_of(_COUPONS)
_INSTALL = _any_of(_APP_PHRASES)
_LAUNCH = _any_of((*_APP_PHRASES, *_LAUNCH_PHRASES))
_BENEFIT_NOTICE = _any_of(_BENEFITS)


def ad_warnings(source: str, *, alimtalk: bool = False) -> tuple[AdWarning, ...]:
    """Say what in the source of a notice reads like an advertisement.

    What the template fills in is not known yet and not judged, nor are addresses. ``alimtalk``
    adds Kakao's own rules: no start of an app, no points or coupons without their ground.
    Source: 정보통신망법 art. 50(1); gongbizguide.oopy.io (coupon texts are advertisements);
    groobee.net/?p=25565 and onehae.gitbook.io/onehae-v2/26.04 (Alimtalk).

    >>> ad_warnings("여름 세일! 최대 50% 할인")
    (AdWarning(code=<AdWarningCode.AD_WORDS: 'ad_words'>, found=('여름 세일', '50% 할인')),)
    """
    text = _visible(source)
    grounded = _GROUND.search(text) is not None
    ads = _found(_AD, text) + (() if grounded or alimtalk else _found(_COUPON, text))
    benefits = _found(_BENEFIT_NOTICE, text) if alimtalk and not grounded else ()
    found = {
        AdWarningCode.AD_WORDS: ads,
        AdWarningCode.APP_PROMOTION: _found(_LAUNCH if alimtalk else _INSTALL, text),
        AdWarningCode.BENEFIT_WITHOUT_GROUND: benefits,
    }
    return tuple(AdWarning(code=code, found=words) for code, words in found.items() if words)


def _visible(source: str) -> str:
    """What a reader is sure to see of a template."""
    shown = _UNSEEN.sub("", _FILLED.sub(_GAP, unicodedata.normalize("NFC", source)))
    return _ADDRESS.sub(_GAP, shown).strip()


def _found(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    matches = (match[0].strip().replace(_GAP, "…") for match in pattern.finditer(text))
    return tuple(dict.fromkeys(matches))
