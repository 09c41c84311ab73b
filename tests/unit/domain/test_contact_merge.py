"""What a row changes about a person."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.consent import Consent, ConsentAction, ConsentKey
from functions.domain.contact import Contact, Email, Phone
from functions.domain.contact_merge import (
    ADVERTISING,
    NIGHT,
    ConsentDecision,
    ConsentStep,
    decide_consents,
    merged,
    same_profile,
)
from functions.domain.contact_row import ContactRow, Statement
from functions.domain.ids import ContactId

C1 = ContactId("C1")
IMPORTED = datetime(2026, 11, 20, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)

InForce = Mapping[ConsentKey, Consent]


def granted(at: datetime) -> Consent:
    return Consent(granted=True, at=at, seq=1)


def withdrawn(at: datetime) -> Consent:
    return Consent(granted=False, at=at, seq=2)


def decide(statement: Statement, in_force: InForce | None = None) -> ConsentDecision:
    return decide_consents(statement, in_force=in_force or {}, imported=IMPORTED)


def a_row(**values: object) -> ContactRow:
    return ContactRow(row=2, contact_id=C1, **values)  # type: ignore[arg-type]


def test_a_new_person_is_what_the_row_says() -> None:
    row = a_row(
        phone=Phone("+821000000001"),
        email=Email("a@example.com"),
        attributes={"name": "김하나", "등급": "VIP"},
        groups={"등급": "VIP"},
    )

    assert merged(row, contact_id=C1, known=None) == Contact(
        contact_id=C1,
        phone=Phone("+821000000001"),
        email=Email("a@example.com"),
        attributes={"name": "김하나", "등급": "VIP"},
        groups=frozenset({"VIP"}),
    )


def test_blank_cells_keep_what_is_known() -> None:
    known = Contact(
        contact_id=C1,
        phone=Phone("+821000000001"),
        email=Email("a@example.com"),
        attributes={"name": "김하나", "points": 3},
        groups=frozenset({"VIP"}),
        locale="en",
        zone="Asia/Tokyo",
    )

    assert merged(a_row(attributes={"쿠폰": "A"}), contact_id=C1, known=known) == Contact(
        contact_id=C1,
        phone=Phone("+821000000001"),
        email=Email("a@example.com"),
        attributes={"name": "김하나", "points": 3, "쿠폰": "A"},
        groups=frozenset({"VIP"}),
        locale="en",
        zone="Asia/Tokyo",
    )


def test_a_new_grade_replaces_the_one_of_the_same_column_and_no_other_group() -> None:
    known = Contact(
        contact_id=C1,
        attributes={"등급": "일반/준회원"},
        groups=frozenset({"일반-준회원", "뉴스레터"}),
    )

    after = merged(
        a_row(attributes={"등급": "VIP"}, groups={"등급": "VIP"}), contact_id=C1, known=known
    )

    assert after.groups == {"VIP", "뉴스레터"}


def test_the_same_row_again_changes_nothing() -> None:
    row = a_row(attributes={"등급": "VIP"}, groups={"등급": "VIP"})
    first = merged(row, contact_id=C1, known=None)

    assert same_profile(first, merged(row, contact_id=C1, known=first))


@pytest.mark.parametrize(
    "values",
    [
        {"phone": Phone("+821000000002")},
        {"email": Email("b@example.com")},
        {"attributes": {"a": "2"}},
        {"groups": {"등급": "VIP"}},
    ],
    ids=["phone", "email", "attribute", "group"],
)
def test_a_new_value_changes_the_profile(values: dict[str, object]) -> None:
    known = Contact(contact_id=C1, attributes={"a": "1"})

    assert not same_profile(known, merged(a_row(**values), contact_id=C1, known=known))


def test_grants_a_first_consent_at_its_date() -> None:
    decision = decide(Statement(advertising=True, at=MARCH))

    step = ConsentStep(key=ADVERTISING, action=ConsentAction.IMPORT, at=MARCH)
    assert decision == ConsentDecision(steps=(step,))


def test_grants_a_first_consent_without_date_as_of_the_import_and_says_so() -> None:
    decision = decide(Statement(advertising=True))

    assert [step.at for step in decision.steps] == [IMPORTED]
    assert decision.warnings == ("consent_without_date",)


def test_makes_no_consent_up() -> None:
    assert decide(Statement()) == ConsentDecision()
    assert decide(Statement(at=MARCH)) == ConsentDecision()
    assert decide(Statement(advertising=False, night=False, at=MARCH)) == ConsentDecision()


def test_a_consent_given_after_the_withdrawal_counts() -> None:
    decision = decide(Statement(advertising=True, at=APRIL), {ADVERTISING: withdrawn(MARCH)})

    assert [(step.action, step.at) for step in decision.steps] == [(ConsentAction.IMPORT, APRIL)]


@pytest.mark.parametrize("at", [MARCH, APRIL, None], ids=["before", "same moment", "undated"])
def test_a_withdrawal_stands_against_any_other_consent(at: datetime | None) -> None:
    decision = decide(Statement(advertising=True, at=at), {ADVERTISING: withdrawn(APRIL)})

    assert decision == ConsentDecision(warnings=("consent_kept_withdrawn",))  # type: ignore[arg-type]


def test_a_later_refusal_withdraws_a_consent() -> None:
    decision = decide(Statement(advertising=False, at=APRIL), {ADVERTISING: granted(MARCH)})

    step = ConsentStep(key=ADVERTISING, action=ConsentAction.WITHDRAW, at=APRIL)
    assert decision == ConsentDecision(steps=(step,))


@pytest.mark.parametrize("at", [MARCH, APRIL, None], ids=["before", "same moment", "undated"])
def test_an_older_or_undated_refusal_changes_nothing_but_is_told(at: datetime | None) -> None:
    decision = decide(Statement(advertising=False, at=at), {ADVERTISING: granted(APRIL)})

    assert decision == ConsentDecision(warnings=("consent_kept_granted",))  # type: ignore[arg-type]


def test_consent_in_force_is_not_written_again() -> None:
    assert decide(Statement(advertising=True, at=APRIL), {ADVERTISING: granted(MARCH)}) == (
        ConsentDecision()
    )


def test_grants_the_night_together_with_the_day() -> None:
    decision = decide(Statement(advertising=True, night=True, at=MARCH))

    assert [step.key for step in decision.steps] == [ADVERTISING, NIGHT]


def test_grants_the_night_to_who_agreed_to_the_day_before() -> None:
    decision = decide(Statement(night=True, at=APRIL), {ADVERTISING: granted(MARCH)})

    assert [step.key for step in decision.steps] == [NIGHT]


@pytest.mark.parametrize(
    ("statement", "in_force"),
    [
        (Statement(night=True, at=APRIL), {}),
        (Statement(advertising=False, night=True, at=APRIL), {}),
        (Statement(advertising=False, night=True, at=APRIL), {ADVERTISING: granted(MARCH)}),
        (Statement(advertising=True, night=True, at=MARCH), {ADVERTISING: withdrawn(APRIL)}),
    ],
    ids=["day unknown", "day refused", "day withdrawn by this row", "day stays withdrawn"],
)
def test_does_not_grant_the_night_without_the_day(statement: Statement, in_force: InForce) -> None:
    decision = decide(statement, in_force)

    assert NIGHT not in {step.key for step in decision.steps}
    assert "night_without_advertising" in decision.warnings


MOMENTS = st.integers(min_value=0, max_value=5).map(lambda days: MARCH + timedelta(days=days))
STATEMENTS = st.builds(
    Statement,
    advertising=st.none() | st.booleans(),
    night=st.none() | st.booleans(),
    at=st.none() | MOMENTS,
)
CONSENTS = st.builds(Consent, granted=st.booleans(), at=MOMENTS, seq=st.just(1))
LEDGERS = st.dictionaries(st.sampled_from([ADVERTISING, NIGHT]), CONSENTS)


def after(in_force: InForce, decision: ConsentDecision) -> dict[ConsentKey, Consent]:
    taken = {
        step.key: Consent(granted=step.action is ConsentAction.IMPORT, at=step.at, seq=9)
        for step in decision.steps
    }
    return dict(in_force) | taken


@given(STATEMENTS, LEDGERS)
def test_deciding_again_after_the_steps_gives_no_further_step(
    statement: Statement, in_force: InForce
) -> None:
    first = decide(statement, in_force)

    assert decide(statement, after(in_force, first)).steps == ()


@given(STATEMENTS, LEDGERS)
def test_no_withdrawal_becomes_a_consent_without_a_later_date(
    statement: Statement, in_force: InForce
) -> None:
    now_in_force = after(in_force, decide(statement, in_force))

    for key, before in in_force.items():
        if not before.granted and now_in_force[key].granted:
            assert statement.at is not None
            assert statement.at > before.at


@given(STATEMENTS, LEDGERS)
def test_every_consent_that_appears_was_stated_by_the_row(
    statement: Statement, in_force: InForce
) -> None:
    said = {ADVERTISING: statement.advertising, NIGHT: statement.night}

    for step in decide(statement, in_force).steps:
        assert said[step.key] is (step.action is ConsentAction.IMPORT)


@given(STATEMENTS, LEDGERS)
def test_the_ledger_never_goes_back_in_time(statement: Statement, in_force: InForce) -> None:
    for step in decide(statement, in_force).steps:
        if step.key in in_force:
            assert step.at > in_force[step.key].at


@given(st.lists(STATEMENTS, max_size=5), LEDGERS)
def test_a_withdrawal_after_all_dates_survives_any_number_of_imports(
    statements: list[Statement], in_force: InForce
) -> None:
    last_word = MARCH + timedelta(days=6)
    ledger = dict(in_force) | {ADVERTISING: withdrawn(last_word)}

    for statement in statements:
        ledger = after(ledger, decide(statement, ledger))

    assert ledger[ADVERTISING] == withdrawn(last_word)
