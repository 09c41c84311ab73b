"""What the report page says of follow-ups, in Korean and English."""

from collections.abc import Mapping

from functions.campaigns.report_words import Words
from functions.domain.language import ENGLISH, KOREAN

STEPS_WORDS: Mapping[str, Words] = {
    KOREAN: {
        "steps": "후속 메시지",
        "steps_text": "메시지마다 어떤 일이 있었는지에 따라 다음 메시지를 보냅니다.",
        "if_clicked": "링크를 연 사람",
        "if_not_clicked": "링크를 열지 않은 사람",
        "if_delivered": "도착한 사람",
        "if_not_delivered": "도착하지 않은 사람",
        "if_replied": "답장한 사람",
        "if_not_replied": "답장하지 않은 사람",
        "if_converted": "전환한 사람",
        "if_not_converted": "전환하지 않은 사람",
        "step_link": "{what} ({link}번째 링크)",
        "step_at_once": "{what} · 그 즉시",
        "step_after": "{what} · 발송 {after} 뒤",
        "not_begun": "시작 전",
        "matched": "해당",
        "on_its_way": "발송 대기",
        "dropped": "그 가운데 빠진 사람",
        "watches": "해당하는 일이 생기면 바로 보냅니다 (메시지마다 30일 동안).",
        "ahead": "아직 확인할 메시지 {count}건, 다음 확인 {at} 이후.",
        "ahead_now": "아직 확인할 메시지 {count}건, 곧 확인합니다.",
        "ahead_paused": "아직 확인할 메시지 {count}건. 멈춰 있는 동안은 확인하지 않습니다.",
        "family": "후속 메시지까지 합하면",
        "family_own": "캠페인",
        "family_below": "후속 메시지",
        "family_whole": "합계",
        "conversions": "전환 건수",
        "family_note": "전환은 한 메시지의 몫으로 한 번만 셉니다. 그래서 합쳐도 겹치지 않습니다.",
    },
    ENGLISH: {
        "steps": "Follow-ups",
        "steps_text": "What people get next, by what becomes of their message.",
        "if_clicked": "Opened a link",
        "if_not_clicked": "Opened no link",
        "if_delivered": "Delivered",
        "if_not_delivered": "Not delivered",
        "if_replied": "Answered",
        "if_not_replied": "Did not answer",
        "if_converted": "Converted",
        "if_not_converted": "Did not convert",
        "step_link": "{what} (link {link})",
        "step_at_once": "{what} · at once",
        "step_after": "{what} · {after} after it left",
        "not_begun": "Not begun",
        "matched": "Matched",
        "on_its_way": "Waiting",
        "dropped": "Left out of these",
        "watches": "Follows as soon as it happens, for 30 days after each message left.",
        "ahead": "{count} messages still to be looked at, the next not before {at}.",
        "ahead_now": "{count} messages still to be looked at, the next any moment.",
        "ahead_paused": "{count} messages still to be looked at. Nobody looks while it is paused.",
        "family": "With its follow-ups",
        "family_own": "Campaign",
        "family_below": "Follow-ups",
        "family_whole": "Together",
        "conversions": "Conversions",
        "family_note": (
            "A conversion is put down to one message, so it counts once in the sum, too."
        ),
    },
}
