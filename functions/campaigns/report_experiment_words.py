"""What the report page says of an A/B test, in Korean and English."""

from collections.abc import Mapping

from functions.campaigns.report_words import Words
from functions.domain.language import ENGLISH, KOREAN

EXPERIMENT_WORDS: Mapping[str, Words] = {
    KOREAN: {
        "ab": "A/B 테스트",
        "ab_won": (
            "{winner} 안이 이겼습니다. 다른 모든 안보다 낫습니다. "
            "여러 번 들여다본 것까지 합쳐, 이 판정이 틀릴 가능성은 {level} 이하입니다."
        ),
        "ab_guard": (
            "가장 나았던 {leader} 안은 기준안보다 수신 거부를 더 많이 일으켰습니다. "
            "그래서 이긴 안이 없습니다."
        ),
        "ab_all_measured": "모두 세었지만, 확실히 더 나은 안이 없습니다.",
        "ab_deadline": "기한이 되었지만, 확실히 더 나은 안이 없습니다.",
        "ab_rest": "나머지 사람은 {chosen} 안을 받습니다.",
        "ab_person": "사람이 {chosen} 안을 골랐고, 나머지 사람이 그것을 받습니다.",
        "ab_asks": "누군가 고를 때까지 나머지는 발송되지 않습니다.",
        "ab_draft": "아직 시작하지 않았습니다. 규칙은 발송을 시작할 때 고정됩니다.",
        "ab_running": "아직 판정하지 않았습니다. 다음 확인: {next}.",
        "ab_cancelled": "판정하기 전에 캠페인이 취소되었습니다.",
        "ab_adaptive": (
            "지금까지 더 나았던 안을 더 많은 사람에게 보냅니다. "
            "검정하지 않으며, 어느 안이 더 낫다고 주장하지 않습니다."
        ),
        "ab_control": "기준안",
        "ab_winner": "이긴 안",
        "ab_chosen": "나머지가 받는 안",
        "ab_counted": "센 메시지",
        "ab_rate": "비율",
        "ab_interval": "95% 구간",
        "ab_difference": "기준안과의 차이",
        "ab_points": "{seen}%p ({low} – {high})",
        "ab_clicked": "링크를 연 사람",
        "ab_delivered": "도착",
        "ab_converted": "전환한 사람",
        "ab_note": (
            "비율의 95% 구간은 한 번 볼 때의 것으로(윌슨), 판정의 근거가 아닙니다. "
            "차이의 구간은 판정과 같은 검정에서 나온 것이어서, 몇 번을 들여다보아도 "
            "모든 안에 대해 함께 {sure}의 신뢰도로 맞습니다."
        ),
        "ab_note_adaptive": (
            "마지막으로 나눌 때 알고 있던 숫자입니다. "
            "결과에 따라 나눈 것이라 구간을 보이지 않습니다."
        ),
        "ab_looks": "확인한 기록",
        "ab_earlier": "최근의 확인만 보입니다. 모든 기록은 API에 있습니다.",
        "ab_look": "시각",
        "ab_leader": "앞선 안",
        "ab_p": "p값",
        "ab_p_note": "p값은 ‘앞선 안이 다른 모든 안보다 낫다’에 대한 것으로, 매번 보아도 됩니다.",
        "ab_rules": (
            "첫 메시지가 나가기 전에 고정한 규칙: {window} 안의 {metric}, "
            "안마다 {sample}건 이상, {every}마다 확인, 발송 시작 {deadline} 뒤에 마지막 확인, "
            "유의 수준 {level}."
        ),
        "ab_pilot": "받는 사람의 {pilot}%가 참여하고, 나머지는 결과를 기다립니다.",
        "ab_registered": "등록",
    },
    ENGLISH: {
        "ab": "A/B test",
        "ab_won": (
            "{winner} won. It is better than every other variant. The chance that this is "
            "wrong is {level} at most, over all looks together."
        ),
        "ab_guard": (
            "{leader} was the best, but made more people opt out than the control does. "
            "So there is no winner."
        ),
        "ab_all_measured": "Everybody is counted, and no variant is better for certain.",
        "ab_deadline": "The time is over, and no variant is better for certain.",
        "ab_rest": "Everybody else gets {chosen}.",
        "ab_person": "A person chose {chosen}, which everybody else gets.",
        "ab_asks": "Nothing more leaves until somebody chooses.",
        "ab_draft": "It has not begun. Its rules are fixed at the launch.",
        "ab_running": "Nothing is decided yet. Next look: {next}.",
        "ab_cancelled": "The campaign was cancelled before anything was decided.",
        "ab_adaptive": (
            "More people get what did better so far. Nothing is tested, and nothing is claimed: "
            "no variant is said to be better."
        ),
        "ab_control": "control",
        "ab_winner": "winner",
        "ab_chosen": "what everybody else gets",
        "ab_counted": "Counted",
        "ab_rate": "Rate",
        "ab_interval": "95% interval",
        "ab_difference": "Difference to the control",
        "ab_points": "{seen} points ({low} to {high})",
        "ab_clicked": "Opened a link",
        "ab_delivered": "Delivered",
        "ab_converted": "Converted",
        "ab_note": (
            "The 95% interval of a rate is that of a single look (Wilson), and not what the "
            "decision is based on. The interval of a difference comes from the same test as the "
            "decision: however often one looks, it holds for all variants together with a "
            "confidence of {sure}."
        ),
        "ab_note_adaptive": (
            "What was known when people were last shared out. There are no intervals, "
            "because shares followed the results."
        ),
        "ab_looks": "Looks",
        "ab_earlier": "Only the latest looks are shown. The API has the whole record.",
        "ab_look": "Time",
        "ab_leader": "Leader",
        "ab_p": "p-value",
        "ab_p_note": (
            "The p-value is for “the leader is better than all others”; it may be read at "
            "every look."
        ),
        "ab_rules": (
            "Fixed before the first message left: {metric} within {window}, at least {sample} "
            "messages of each variant, a look every {every}, the last one {deadline} after the "
            "launch, level {level}."
        ),
        "ab_pilot": "{pilot}% of the recipients take part; everybody else waits for the result.",
        "ab_registered": "Registered",
    },
}
