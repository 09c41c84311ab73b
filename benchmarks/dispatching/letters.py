"""What each recipient of the benchmark is sent: the same for us, for every peer, and for the sink.

Only the standard library, for the peers load it too.
"""

from __future__ import annotations

from hashlib import blake2s

SENDER_NAME, SENDER_NUMBER, OPT_OUT_NUMBER = "알림상점", "0200001234", "0800123456"
LINK = "https://go.example.com/l/"
_KEY = b"bench" * 4
_CITIES = ("서울", "부산", "대구", "인천", "광주", "대전", "울산")

TEMPLATE = f"""(광고){SENDER_NAME}
{{{{ name }}}}님({{{{ grade }}}}), {{{{ city }}}} 매장 봄맞이 할인!
쿠폰 {{{{ coupon }}}}{{% if points %}}, 적립금 {{{{ points }}}}원{{% endif %}}
{{{{ link }}}}
무료수신거부 {OPT_OUT_NUMBER}"""
"""Five fields, a condition and a tracked link, in the form that the law asks of advertising."""


def phone_of(number: int) -> str:
    """The recipient's phone as Korean carriers write it."""
    return f"010{number:08d}"


def number_of(phone: str) -> int:
    """The other way round."""
    return int(phone[3:])


def fields_of(number: int) -> dict[str, object]:
    """What the template says about the recipient."""
    return {
        "name": f"김하늘{number % 1000}",
        "grade": "VIP" if number % 10 == 0 else "일반",
        "city": _CITIES[number % 7],
        "coupon": f"SPRING-{number:06d}",
        "points": number % 3 * 500,
    }


def link_of(number: int) -> str:
    """The recipient's signed link."""
    mac = blake2s(number.to_bytes(8, "big"), key=_KEY, digest_size=6).hexdigest()
    return f"{LINK}{number:x}{mac}"


def text_of(number: int) -> str:
    """The whole text, made without a template engine."""
    fields = fields_of(number)
    points = f", 적립금 {fields['points']}원" if fields["points"] else ""
    return (
        f"(광고){SENDER_NAME}\n"
        f"{fields['name']}님({fields['grade']}), {fields['city']} 매장 봄맞이 할인!\n"
        f"쿠폰 {fields['coupon']}{points}\n"
        f"{link_of(number)}\n"
        f"무료수신거부 {OPT_OUT_NUMBER}"
    )
