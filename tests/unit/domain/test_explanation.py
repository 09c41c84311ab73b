from random import Random

import pytest

from functions.domain.eligibility import RULES, Hold, Refuse, Send, decide
from functions.domain.explanation import findings
from functions.domain.policy import Policy, WhenCapped
from functions.domain.reason import SuppressionReason
from tests.builders import NIGHT, NOON, SMS_NIGHT_ADS, a_case, a_consent, a_mark
from tests.unit.domain.test_eligibility import ONE_A_DAY, a_policy, sent_today
from tests.worlds import a_world


def saw(rule: str, now=NOON, **facts: object) -> dict:
    (found,) = (each for each in findings(a_case(**facts), now=now) if each.rule == rule)
    return dict(found.saw)


@pytest.mark.parametrize("seed", range(4))
def test_the_first_objection_is_the_decision(seed: int) -> None:
    random = Random(seed)
    for _ in range(500):
        world = a_world(random)

        found = findings(world.case, now=world.now)

        objections = [each.objection for each in found if each.objection is not None]
        assert decide(world.case, now=world.now) == (objections[0] if objections else Send())
        assert [each.rule for each in found] == [rule.name for rule in RULES]


def test_every_rule_of_law_names_its_source() -> None:
    sources = {rule.name: rule.source for rule in RULES}

    assert "50(3)" in sources["protected_hours"]
    assert "50(1)" in sources["consent"]
    assert all(source for name, source in sources.items() if name != "address")


def test_what_was_seen_of_the_consent_is_told() -> None:
    told = saw("consent", goods="books")

    assert told["consent"]["evidence_seq"] == 1
    assert told["consent"]["granted"] is True
    assert told["consent"]["basis"] == "explicit"
    assert (told["permits"], told["goods"]) == (True, "books")
    assert saw("consent", consents={}) == {"consent": None, "goods": None}


def test_what_was_seen_of_suppressions_is_told() -> None:
    (told,) = saw("suppression", marks=(a_mark(SuppressionReason.COMPLAINT),))["suppressions"]

    assert (told["reason"], told["scope"], told["blocks"]) == ("complaint", "all", True)
    assert told["since"] == "2026-06-01T00:00:00+00:00"
    assert told["until"] is None


def test_what_was_seen_of_the_hours_is_told() -> None:
    told = saw("protected_hours", now=NIGHT, policy=a_policy())

    assert told["local_time"] == "2026-11-20T22:30:00+09:00"
    assert (told["zones"], told["zone_rule"]) == (["Asia/Seoul"], "tenant")
    assert told["nights"] == ["21:00-08:00"]
    assert told["windows"] == ["lunch"]
    assert told["opens"] == "2026-11-20T23:00:00+00:00"
    assert told["night_consent"] is None
    assert (told["when_closed"], told["policy_version"]) == ("hold", 0)


def test_a_consent_to_nights_is_told() -> None:
    told = saw("protected_hours", consents={SMS_NIGHT_ADS: a_consent()})

    assert told["night_consent"]["granted"] is True
    assert told["nights"] == []


def test_what_was_seen_of_caps_is_told() -> None:
    told = saw(
        "frequency_caps",
        policy=Policy(caps=(ONE_A_DAY,)),
        recent=sent_today(),
        when_capped=WhenCapped.DELAY,
    )

    assert told == {
        "caps": ["one"],
        "recent": 1,
        "priority": 5,
        "when_capped": "delay",
        "reached": "one",
        "counted": 1,
    }
    assert saw("frequency_caps")["reached"] is None
    assert saw("frequency_caps")["recent"] is None


@pytest.mark.parametrize(
    ("rule", "facts", "objects"),
    [
        ("address", {"has_address": False}, Refuse),
        ("sender", {"sender_usable": False}, Refuse),
        ("ad_label", {"ad_label_correct": False}, Refuse),
        ("protected_hours", {"policy": a_policy()}, Hold),
    ],
)
def test_each_rule_says_what_it_objects_to(rule: str, facts: dict, objects: type) -> None:
    found = {each.rule: each for each in findings(a_case(**facts), now=NOON)}

    assert isinstance(found[rule].objection, objects)
    assert [each.rule for each in found.values() if each.objection] == [rule]


def test_simple_facts_are_told() -> None:
    assert saw("address") == {"has_address": True, "numbering": "korea"}
    assert saw("sender") == {"usable": True}
    assert saw("ad_label") == {"needed": True, "correct": True}
    assert saw("channel") == {"class": "advertising", "channel": "sms", "brand_message": False}
