"""How notices are to be sent, and the Korean words that their texts may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo

from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import ConsentAction
from functions.domain.ids import SenderId, TemplateId
from functions.domain.notice import Notice, NoticeKind

CONFIRM_DAYS_BEFORE = 30
HOW = (
    "동의를 유지하시려면 따로 하실 일이 없으며, 언제든지 고객센터에서 수신을 거부하실 수 있습니다."
)
"""How to keep or withdraw a consent, unless the tenant says it better."""
VARIABLES = frozenset(
    {
        "sender_name",
        "channel",
        "purpose",
        "action",
        "date",
        "result",
        "how",
        "preferences_url",
    }
)
"""What the text of a notice may use; nothing that one person has and another lacks."""
_CHANNEL_WORDS: Mapping[Channel, str] = {
    Channel.SMS: "문자",
    Channel.KAKAO: "카카오톡",
    Channel.PUSH: "앱 푸시",
    Channel.EMAIL: "이메일",
    Channel.WHATSAPP: "왓츠앱",
}
_PURPOSE_WORDS: Mapping[ConsentPurpose, str] = {
    ConsentPurpose.ADVERTISING: "광고성 정보",
    ConsentPurpose.NIGHT_ADVERTISING: "야간(21시~8시) 광고성 정보",
}
_AGREED, _REFUSED = "수신 동의", "수신 거부"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRoute:
    """Which approved text tells it, from which sender."""

    template_id: TemplateId
    template_version: int
    sender_id: SenderId


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """By which route each kind leaves; a kind without one is not sent.

    Confirmations leave ``confirm_days_before`` their day, results at the next daily run. ``how``
    says how to keep or withdraw a consent.
    """

    routes: Mapping[NoticeKind, NoticeRoute] = field(default_factory=dict)
    confirm_days_before: int = CONFIRM_DAYS_BEFORE
    how: str = HOW

    def leaves(self, notice: Notice, *, today: date) -> bool:
        """Whether it is time to send this notice, and known how."""
        if notice.kind not in self.routes:
            return False
        ahead = timedelta(days=self.confirm_days_before)
        return notice.kind is NoticeKind.RESULT or notice.due <= today + ahead


def words_of(notice: Notice, *, zone: tzinfo) -> dict[str, str]:
    """The values that differ from notice to notice."""
    said = notice.said.astimezone(zone)
    action = _REFUSED if notice.action is ConsentAction.WITHDRAW else _AGREED
    done = "유지 중" if notice.kind is NoticeKind.CONFIRM else "처리 완료"
    return {
        "channel": _CHANNEL_WORDS[notice.key.channel],
        "purpose": _PURPOSE_WORDS[notice.key.purpose],
        "action": action,
        "date": f"{said.year}년 {said.month}월 {said.day}일",
        "result": f"{action} {done}",
    }
