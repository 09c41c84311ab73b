"""What the report page says of people who are held out, in Korean and English."""

from collections.abc import Mapping

from functions.campaigns.report_words import Words
from functions.domain.language import ENGLISH, KOREAN

HOLDOUT_WORDS: Mapping[str, Words] = {
    KOREAN: {
        "ho": "캠페인이 만든 효과",
        "ho_of_all": "광고가 만든 효과",
        "ho_all": "어떤 광고도 받지 않는 사람과의 차이입니다: {seen}%p ({low} – {high}).",
        "ho_text": (
            "우연히 뽑힌 일부에게는 보내지 않았습니다. 집단의 차이가 메시지가 만든 것입니다."
        ),
        "ho_more": (
            "보내기로 한 사람은 그렇지 않은 사람보다 더 전환했습니다: {seen}%p ({low} – {high}). "
            "캠페인이 만든 전환은 약 {count}건입니다."
        ),
        "ho_less": (
            "보내기로 한 사람은 그렇지 않은 사람보다 덜 전환했습니다: {seen}%p ({low} – {high})."
        ),
        "ho_even": "차이가 우연의 범위 안에 있습니다: {seen}%p ({low} – {high}).",
        "ho_few": "한 집단이 30명보다 적어 아직 말할 수 있는 것이 없습니다.",
        "ho_no_goal": "캠페인에 목표가 없어 비교할 것이 없습니다.",
        "ho_sent": "보내기로 한 사람",
        "ho_held_out": "보내지 않은 사람",
        "ho_held_out_globally": "광고 없는 사람",
        "ho_group": "집단",
        "ho_rate": "전환율",
        "ho_interval": "95% 구간",
        "ho_each": "1인당 매출",
        "ho_effect": "효과",
        "ho_campaign": "이 캠페인",
        "ho_programme": "모든 광고",
        "ho_points": "전환율 차이 (%p)",
        "ho_count": "추가 전환",
        "ho_revenue": "추가 매출",
        "ho_roi": "추가 ROI",
        "ho_note": (
            "모두 우연이 정한 집단에서 셉니다. 메시지가 도착하지 않았거나 열리지 않았어도 "
            "마찬가지입니다. 작은 글씨는 20번 중 19번 참값이 있는 구간입니다. "
            "전환한 사람이 한 집단에서 20명보다 적으면 매출은 말하지 않습니다."
        ),
        "ho_programme_note": (
            "‘모든 광고’는 어떤 광고도 받지 않는 사람과 비교한 것으로, "
            "이 캠페인만의 효과가 아닙니다."
        ),
    },
    ENGLISH: {
        "ho": "What the campaign brought about",
        "ho_of_all": "What advertising brought about",
        "ho_all": (
            "The difference from people who get no advertising at all: "
            "{seen} points ({low} to {high})."
        ),
        "ho_text": (
            "A part of the people, taken by chance, got nothing. "
            "The difference between the groups is what messages did."
        ),
        "ho_more": (
            "Of those who were to get it more converted than of those who were not: "
            "{seen} points ({low} to {high}). "
            "The campaign brought about some {count} conversions."
        ),
        "ho_less": (
            "Of those who were to get it fewer converted than of those who were not: "
            "{seen} points ({low} to {high})."
        ),
        "ho_even": "The difference is within chance: {seen} points ({low} to {high}).",
        "ho_few": "A group has fewer than 30 people: there is nothing to say yet.",
        "ho_no_goal": "The campaign has no goal, so there is nothing to compare.",
        "ho_sent": "To get it",
        "ho_held_out": "Held out",
        "ho_held_out_globally": "No advertising",
        "ho_group": "Group",
        "ho_rate": "Conversion rate",
        "ho_interval": "95% interval",
        "ho_each": "Revenue a person",
        "ho_effect": "Effect",
        "ho_campaign": "This campaign",
        "ho_programme": "All advertising",
        "ho_points": "Difference in rate (points)",
        "ho_count": "Incremental conversions",
        "ho_revenue": "Incremental revenue",
        "ho_roi": "Incremental ROI",
        "ho_note": (
            "People count in the group that chance put them in, also when their message did not "
            "arrive or was not opened. In small print is where the true value lies 19 times of 20. "
            "With fewer than 20 buyers in a group nothing is said of revenue."
        ),
        "ho_programme_note": (
            "“All advertising” compares with people who get no advertising at all: "
            "it is not the effect of this campaign alone."
        ),
    },
}
