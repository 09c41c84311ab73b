"""Telling people from machines by what a request says."""

import pytest
from hypothesis import given, strategies as st

from functions.domain.clicks import Visitor
from functions.domain.visitor import RULES_VERSION, Sign, Verdict, classify
from tests.traces import CHROME, MACHINES_BY_NAME, PEOPLE, PEOPLE_BY_NAME

KEPT_OF_USER_AGENT = 200


def judge(
    user_agent: str = CHROME, *, method: str = "GET", purpose: str = "", elapsed_s: int = 60
) -> Verdict:
    return classify(method=method, user_agent=user_agent, purpose=purpose, elapsed_s=elapsed_s)


@pytest.mark.parametrize("user_agent", PEOPLE_BY_NAME.values(), ids=PEOPLE_BY_NAME.keys())
def test_a_browser_of_a_person_is_a_person(user_agent: str) -> None:
    assert judge(user_agent) == Verdict(reasons=())


@pytest.mark.parametrize("user_agent", PEOPLE_BY_NAME.values(), ids=PEOPLE_BY_NAME.keys())
def test_a_person_is_one_also_when_the_name_was_cut(user_agent: str) -> None:
    assert judge(user_agent[:KEPT_OF_USER_AGENT]).visitor is Visitor.HUMAN


@pytest.mark.parametrize(
    ("user_agent", "sign"), MACHINES_BY_NAME.values(), ids=MACHINES_BY_NAME.keys()
)
def test_a_program_that_looks_at_links_is_a_machine(user_agent: str, sign: Sign) -> None:
    verdict = judge(user_agent[:KEPT_OF_USER_AGENT])

    assert verdict.visitor is Visitor.MACHINE
    assert sign in verdict.reasons


@pytest.mark.parametrize("method", ["HEAD", "head"])
def test_head_is_a_machine_whatever_it_calls_itself(method: str) -> None:
    assert judge(method=method) == Verdict(reasons=(Sign.HEAD_REQUEST,))


@pytest.mark.parametrize(
    "purpose",
    ["prefetch", "Prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip", "preview"],
)
def test_loading_ahead_is_a_machine(purpose: str) -> None:
    assert judge(purpose=purpose) == Verdict(reasons=(Sign.PREFETCH,))


@pytest.mark.parametrize(
    ("elapsed_s", "reasons"),
    [
        pytest.param(-3600, (Sign.TOO_SOON,), id="before-it-was-made"),
        pytest.param(0, (Sign.TOO_SOON,), id="at-once"),
        pytest.param(1, (Sign.TOO_SOON,), id="next-second"),
        pytest.param(2, (Sign.SOON,), id="two-seconds"),
        pytest.param(4, (Sign.SOON,), id="four-seconds"),
        pytest.param(5, (), id="five-seconds"),
        pytest.param(30 * 86_400, (), id="a-month"),
    ],
)
def test_nobody_reads_a_message_that_fast(elapsed_s: int, reasons: tuple[Sign, ...]) -> None:
    assert judge(elapsed_s=elapsed_s).reasons == reasons


def test_gives_every_sign() -> None:
    verdict = judge("curl/8.5.0", method="HEAD", purpose="prefetch", elapsed_s=0)

    assert verdict.reasons == (
        Sign.HEAD_REQUEST,
        Sign.PREFETCH,
        Sign.TOO_SOON,
        Sign.PROGRAM,
        Sign.NOT_A_BROWSER,
    )
    assert verdict.version == RULES_VERSION


@given(
    method=st.text(max_size=10),
    user_agent=st.text(max_size=200),
    purpose=st.text(max_size=40),
    elapsed_s=st.integers(),
)
def test_whatever_comes_a_verdict_is_given_and_people_have_no_reasons(
    method: str, user_agent: str, purpose: str, elapsed_s: int
) -> None:
    verdict = classify(method=method, user_agent=user_agent, purpose=purpose, elapsed_s=elapsed_s)

    assert (verdict.visitor is Visitor.HUMAN) == (not verdict.reasons)


@given(
    user_agent=st.sampled_from(PEOPLE),
    junk=st.text("abcxyz ();/.0123", max_size=9),
)
def test_a_scanner_stays_one_whatever_browser_it_imitates(user_agent: str, junk: str) -> None:
    verdict = judge(f"{user_agent} {junk} kakaotalk-scrap/1.0")

    assert verdict.visitor is Visitor.MACHINE


OLD = CHROME.replace("Chrome/130", "Chrome/44")


def test_one_weak_sign_alone_tells_nothing_and_two_tell_a_machine() -> None:
    assert judge(OLD) == Verdict(reasons=(Sign.OLD_BROWSER,))
    assert judge(OLD).visitor is Visitor.UNKNOWN
    assert judge(OLD, elapsed_s=3).visitor is Visitor.MACHINE


@pytest.mark.parametrize(
    "user_agent",
    [
        "Mozilla/5.0 (compatible; Reader)",
        f"{CHROME} Reader https://reader.example/about",
        "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0 ops@reader.example",
    ],
    ids=["compatible", "address", "mail"],
)
def test_what_introduces_itself_is_no_person(user_agent: str) -> None:
    assert judge(user_agent).visitor is Visitor.MACHINE
