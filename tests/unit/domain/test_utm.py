"""UTM parameters are added where the author has none, and nothing else changes."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, strategies as st

from functions.domain.utm import UTM_NAMES, with_parameter, with_utm

SMS = {"source": "sms"}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example", "https://a.example?utm_source=sms"),
        ("https://a.example/", "https://a.example/?utm_source=sms"),
        ("https://a.example/?", "https://a.example/?utm_source=sms"),
        ("https://a.example/?b=1", "https://a.example/?b=1&utm_source=sms"),
        ("https://a.example/?b=1&", "https://a.example/?b=1&utm_source=sms"),
        ("https://a.example/#top", "https://a.example/?utm_source=sms#top"),
        ("https://a.example/#", "https://a.example/?utm_source=sms#"),
        ("https://a.example/#/page?b=1", "https://a.example/?utm_source=sms#/page?b=1"),
        ("https://a.example/?b=1#/x?utm_source=y", None),
        ("https://a.example/할인?이름=값#위", "https://a.example/할인?이름=값&utm_source=sms#위"),
        ("https://a.example/?a=%20+b%2", "https://a.example/?a=%20+b%2&utm_source=sms"),
        ("https://a.example/?utm_medium=x", "https://a.example/?utm_medium=x&utm_source=sms"),
        ("https://a.example/?xutm_source=y", "https://a.example/?xutm_source=y&utm_source=sms"),
    ],
)
def test_it_stands_behind_the_query_and_before_the_fragment(
    address: str, expected: str | None
) -> None:
    if expected is None:
        expected = address.replace("#", "&utm_source=sms#")
    assert with_utm(address, SMS) == (expected,)


@pytest.mark.parametrize(
    "query",
    [
        "utm_source=own",
        "utm_source=",
        "utm_source",
        "UTM_Source=own",
        "utm%5Fsource=own",
        "a&utm_source=x",
    ],
)
def test_what_the_author_says_is_never_overwritten(query: str) -> None:
    assert with_utm(f"https://a.example/?{query}", SMS) == (f"https://a.example/?{query}",)


def test_without_any_nothing_is_added() -> None:
    assert with_utm("https://a.example/{campaign}", {}) == ("https://a.example/{campaign}",)


def test_values_are_escaped_and_the_campaign_goes_between() -> None:
    utm = {"source": "문자", "medium": "a&b=c#d", "campaign": "x-{campaign}-{campaign}"}

    pieces = with_utm("https://a.example/?{campaign}", utm)

    assert "7".join(pieces) == (
        "https://a.example/?{campaign}&utm_source=%EB%AC%B8%EC%9E%90"
        "&utm_medium=a%26b%3Dc%23d&utm_campaign=x-7-7"
    )


utms = st.dictionaries(
    st.sampled_from(UTM_NAMES), st.text(st.characters(exclude_categories=["Cs"]))
)
addresses = st.builds(
    "https://a.example/{}{}".format,
    st.text(alphabet="ab/%한 =&?#+{}utm_source;"),
    st.sampled_from(["", "?utm_term=x", "&utm_content", "#utm_medium=y", "?", "#"]),
)


@given(address=addresses, utm=utms)
def test_only_something_in_the_query_is_added(address: str, utm: dict[str, str]) -> None:
    written = "{campaign}".join(with_utm(address, utm))

    head, mark, fragment = address.partition("#")
    assert written.startswith(head)
    assert written.endswith(mark + fragment)
    added = written[len(head) : len(written) - len(mark + fragment)]
    assert not added or added.lstrip("?&").startswith("utm_")
    assert urlsplit(written).fragment == urlsplit(address).fragment


@given(address=addresses, utm=utms, campaign=st.from_regex("[a-z0-9_]{1,20}", fullmatch=True))
def test_a_server_reads_each_value_once_and_the_authors_where_there_is_one(
    address: str, utm: dict[str, str], campaign: str
) -> None:
    written = campaign.join(with_utm(address, utm))

    before = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    after = parse_qsl(urlsplit(written).query, keep_blank_values=True)
    own = {name.lower() for name, _ in before}
    expected = [
        (f"utm_{name}", utm[name].replace("{campaign}", campaign))
        for name in UTM_NAMES
        if name in utm and f"utm_{name}" not in own
    ]
    assert after == before + expected


@given(address=addresses, utm=utms)
def test_doing_it_twice_adds_nothing(address: str, utm: dict[str, str]) -> None:
    once = "7".join(with_utm(address, utm))

    assert with_utm(once, utm) == (once,)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example", "https://a.example?click=Z3k"),
        ("https://a.example/?", "https://a.example/?click=Z3k"),
        ("https://a.example/?q=%20&", "https://a.example/?q=%20&click=Z3k"),
        ("https://a.example/?q=1#/t?x", "https://a.example/?q=1&click=Z3k#/t?x"),
        ("https://a.example/?click=own", "https://a.example/?click=own"),
        ("https://a.example/?%63lick", "https://a.example/?%63lick"),
    ],
)
def test_a_parameter_is_added_where_the_author_has_none(address: str, expected: str) -> None:
    assert with_parameter(address, "click", "Z3k") == expected
