"""The card of an A/B test on the report page: what was decided, by which rule, how sure it is."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest

from functions.campaigns.recorded import Recorded, recorded
from functions.campaigns.report_experiment import experiment_card
from functions.campaigns.report_page import WORDS, Shown, report_page
from functions.campaigns.report_teller import Teller
from functions.campaigns.reporting import ReportingDeps, whole_report
from functions.contracts.experiment_record import Draw
from functions.domain.campaign import Campaign, CampaignStatus
from functions.domain.experiment import Decision, Experiment, Inconclusive, Metric, Mode, Rule
from functions.domain.experiment_look import Count
from functions.domain.ids import KeyId
from functions.domain.language import ENGLISH, KOREAN, LANGUAGES
from tests import reported
from tests.builders import NOON, SEOUL
from tests.fakes.experiments import FakeExperiments

NOTHING = ReportingDeps(
    campaigns=SimpleNamespace(parts=lambda _: ()),
    batches=SimpleNamespace(read=lambda numbers, outcomes: []),
    templates=SimpleNamespace(get=lambda _, version: None),
)


def experiment_of(campaign: Campaign) -> Experiment:
    assert campaign.experiment is not None
    return campaign.experiment


def a_test(**values: object) -> tuple[Campaign, Recorded]:
    """The campaign of the other tests, with something else of its experiment."""
    campaign = reported.campaign()
    experiment = replace(experiment_of(campaign), **values)
    known = Recorded(experiment=experiment, looks=reported.looks())
    return replace(campaign, experiment=experiment), known


def said(campaign: Campaign, known: Recorded, language: str = ENGLISH) -> str:
    """What can be read on the page."""
    shown = Shown(
        campaign=campaign,
        whole=whole_report(campaign, deps=NOTHING),
        now=NOON,
        expires=NOON + timedelta(days=1),
        recorded=known,
    )
    html = report_page(shown, language=language, zone=SEOUL)
    card = html.partition('id="ab"')[2].partition("</section>")[0]
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", card).split()))


def a_decision(rule: Rule, **values: object) -> Decision:
    decision = reported.VARIANTS.decision
    assert decision is not None
    return replace(decision, rule=rule, **values)


def test_winner_is_told_with_its_rule_its_rates_and_how_sure_they_are() -> None:
    campaign, known = a_test()
    _, better = known.results
    card = said(campaign, known)

    assert "B won. It is better than every other variant." in card
    assert "is 5% at most, over all looks together" in card
    assert "holds for all variants together with a confidence of 95%" in card
    assert better.rate is not None
    assert f"{100 * better.rate.low:.1f}% – {100 * better.rate.high:.1f}%" in card
    assert re.search(r"\+\d\.\d points \(\+\d\.\d to \+\d\.\d\)", card)
    assert "at least 1,000 messages of each variant, a look every 1 hour" in card
    registration = experiment_of(campaign).registration
    assert registration is not None
    assert registration.sha256 in card


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (a_decision(Rule.GUARD, winner=None, chosen="A"), "made more people opt out"),
        (a_decision(Rule.DEADLINE, winner=None, chosen="A"), "The time is over"),
        (a_decision(Rule.ALL_MEASURED, winner=None, chosen="A"), "Everybody is counted"),
    ],
    ids=lambda each: each.rule if isinstance(each, Decision) else None,
)
def test_without_a_winner_it_says_why_and_what_the_others_get(
    decision: Decision, words: str
) -> None:
    pilot, whole = a_test(decision=decision, pilot=20), a_test(decision=decision)

    assert words in said(*pilot)
    assert "Everybody else gets A." in said(*pilot)
    assert "Everybody else" not in said(*whole)


def test_what_a_person_chose_and_that_nobody_chose_yet_is_told() -> None:
    asked = a_decision(Rule.DEADLINE, winner=None, chosen=None)
    made = replace(asked, chosen="B", chosen_by=KeyId("key_1"), chosen_at=NOON)

    assert "Nothing more leaves until somebody chooses." in said(*a_test(decision=asked, pilot=10))
    assert "A person chose B" in said(*a_test(decision=made, pilot=10))


def test_one_that_runs_says_when_it_is_looked_at_next_and_who_waits() -> None:
    campaign, known = a_test(decision=None, pilot=20)

    card = said(campaign, known)

    # Three looks were made, an hour apart.
    assert "Nothing is decided yet. Next look: 20 Nov 2026 18:00" in card
    assert "20% of the recipients take part" in card


@pytest.mark.parametrize(
    ("status", "registration", "words"),
    [
        (CampaignStatus.DRAFT, None, "It has not begun."),
        (CampaignStatus.CANCELLED, None, "cancelled before anything was decided"),
    ],
)
def test_one_that_never_ran_says_so(status: CampaignStatus, registration, words: str) -> None:
    campaign, known = a_test(decision=None, registration=registration)

    assert words in said(replace(campaign, status=status), replace(known, looks=()))


def test_adaptive_one_claims_nothing_and_shows_no_interval() -> None:
    campaign, known = a_test(decision=None, mode=Mode.ADAPTIVE)
    counts = {"A": Count(500, 40), "B": Count(500, 55)}
    draw = Draw(part="000001", at=NOON, counts=counts, people={"A": 700, "B": 1_300})

    card = said(campaign, replace(known, looks=(), draws=(draw,)))

    assert "nothing is claimed" in card
    assert "11.0%" in card
    assert "interval" not in card.replace("There are no intervals", "")
    assert "won" not in card


def test_looks_that_weighed_something_are_listed_with_what_they_saw() -> None:
    campaign, known = a_test()

    card = experiment_card(
        campaign, known, Teller(WORDS[ENGLISH], ENGLISH, lambda at: f"{at:%H:%M}")
    )

    assert [(look[0], look[2]) for look in card["looks"]] == [("16:00", "B"), ("17:00", "B")]
    assert card["earlier"] is False


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("metric", [Metric.CLICKED, Metric.DELIVERED, Metric.CONVERTED])
def test_every_metric_has_words(language: str, metric: Metric) -> None:
    criteria = replace(reported.VARIANTS.criteria, metric=metric, inconclusive=Inconclusive.BEST)

    assert "ab_" not in said(*a_test(criteria=criteria), language)


def test_korean_page_says_what_is_claimed_of_an_adaptive_one() -> None:
    campaign, known = a_test(decision=None, mode=Mode.ADAPTIVE)

    assert "더 낫다고 주장하지 않습니다" in said(campaign, known, KOREAN)


def test_looks_or_draws_are_read_and_nothing_where_there_is_no_experiment() -> None:
    campaign, store = reported.campaign(), FakeExperiments()
    for look in reported.looks():
        store.add_look(campaign.campaign_id, look)
    adaptive = replace(experiment_of(campaign), mode=Mode.ADAPTIVE)

    tested = recorded(campaign, store=store)
    drawn = recorded(replace(campaign, experiment=adaptive), store=store)

    assert tested is not None
    assert tested.looks == reported.looks()
    assert drawn is not None
    assert (drawn.looks, drawn.draws) == ((), ())
    assert recorded(replace(campaign, experiment=None), store=store) is None
