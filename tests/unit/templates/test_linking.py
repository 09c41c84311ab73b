"""Links of a template: found, given rules, led elsewhere later, and only where they may."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.contracts.errors import AppError, Conflict, InvalidInput, NotFound
from functions.domain.channel import Channel
from functions.domain.destination import Destination, Replaced
from functions.domain.ids import TemplateId
from functions.domain.template import Template
from functions.templates.linking import LinkingDeps, Place, change, with_bare_links_tracked
from functions.templates.service import TemplateDeps, add
from tests.builders import NOON, a_template
from tests.fakes.stores import FakeImages, FakeTemplates

TPL_1 = TemplateId("tpl_1")
A, B = "https://a.example", "https://b.example"
BODY = f"{{{{ '{A}' | track }}}} {{{{ '{B}' | track }}}}"
TO_C = Destination(url="https://c.example")


def added(*rules: Destination, hosts: tuple[str, ...] = (), **values: object) -> Template:
    template = a_template(**({"body": BODY, "destinations": rules} | values))
    deps = TemplateDeps(
        templates=FakeTemplates(), images=FakeImages({}), accounts=frozenset, hosts=hosts
    )
    return add(template, deps=deps)


def faults_of(*rules: Destination, **values: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        added(*rules, **values)
    return [(each.pointer, each.code) for each in refused.value.errors]


def a_sent_template(**values: object) -> Template:
    facts: dict[str, object] = {
        "links": (A, B),
        "destinations": (Destination(url=A), Destination(url=B)),
    }
    return a_template(**(facts | values))


class Racing(FakeTemplates):
    """Templates that somebody else changes after they were read."""

    def lead(self, template: Template, *, before: int) -> bool:
        key = (template.template_id, template.version)
        other = Replaced(place=1, destination=Destination(url=B), at=NOON, key_id="key_other")
        self.templates[key] = replace(self.templates[key], replaced=(other,))
        return super().lead(template, before=before)


def changed(
    to: Destination,
    template: Template | None = None,
    *,
    link: int = 0,
    hosts: tuple[str, ...] = (),
) -> Template:
    template = a_sent_template() if template is None else template
    deps = LinkingDeps(templates=FakeTemplates.of(template), hosts=hosts)
    place = Place(template_id=TPL_1, version=1, link=link)
    return change(place, to, key_id="key_1", deps=deps, now=NOON)


def test_a_link_leads_to_its_address_or_as_its_rule_says() -> None:
    rule = Destination(url=B, ios="myapp://b", until=NOON)

    assert added(rule).destinations == (Destination(url=A), rule)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([Destination(url="https://c.example")], [("/links/0/url", "not_tracked")]),
        ([Destination(url=A + "/")], [("/links/0/url", "not_tracked")]),
        (
            [Destination(url=A), Destination(url=A)],
            [("/links/1/url", "duplicate")],
        ),
        (
            [Destination(url=A, ios="javascript:alert(1)", android="x y")],
            [("/links/0/ios", "unsafe_scheme"), ("/links/0/android", "invalid_link")],
        ),
        (
            [Destination(url=A), Destination(url=B, ios="DATA:text/html,x")],
            [("/links/1/ios", "unsafe_scheme")],
        ),
    ],
)
def test_a_rule_that_cannot_hold_is_named(
    rules: list[Destination], expected: list[tuple[str, str]]
) -> None:
    assert faults_of(*rules) == expected


def test_links_lead_to_the_hosts_of_the_operator_only() -> None:
    body = f"{BODY} {{{{ 'https://m.a.example/' | track }}}}"

    found = faults_of(
        Destination(url=A, ios="https://c.example", android="myapp://x"),
        hosts=("a.example", "b.example"),
        body=body,
    )
    texts = faults_of(hosts=("a.example",), body=BODY, subject=f"{{{{ '{B}' | track }}}}")

    assert found == [("/links/0/ios", "host_not_allowed")]
    assert texts == [("/body", "host_not_allowed"), ("/subject", "host_not_allowed")]


def test_bare_addresses_of_body_and_subject_are_tracked() -> None:
    template = with_bare_links_tracked(a_template(body=f"보기 {A}.", subject=f"{B} 할인"))

    assert template.body == f'보기 {{{{ "{A}" | track }}}}.'
    assert template.subject == f'{{{{ "{B}" | track }}}} 할인'


def test_what_kakao_approved_stays_and_its_expressions_are_tracked() -> None:
    alimtalk = a_template(channel=Channel.KAKAO, body=f"#{{링크}} {A}", variables={"링크": B})

    template = with_bare_links_tracked(alimtalk)

    assert template.body == f"#{{링크}} {A}"
    assert template.variables == {"링크": f'{{{{ "{B}" | track }}}}'}


def test_a_change_leads_elsewhere_and_keeps_what_was() -> None:
    template = changed(TO_C, link=1)

    assert template.destinations == (Destination(url=A), TO_C)
    assert template.links == (A, B)
    assert template.replaced == (
        Replaced(place=1, destination=Destination(url=B), at=NOON, key_id="key_1"),
    )


def test_changes_are_kept_in_their_order() -> None:
    first = changed(TO_C)
    second = changed(Destination(url=B), first)

    assert second.destinations[0] == Destination(url=B)
    assert [each.destination.url for each in second.replaced] == [A, "https://c.example"]


def test_saying_again_what_holds_changes_nothing() -> None:
    template = changed(TO_C)

    assert changed(TO_C, template) is template


@pytest.mark.parametrize("link", [-1, 2, 8, 10**8])
def test_a_link_that_is_not_there_is_not_found(link: int) -> None:
    with pytest.raises(NotFound):
        changed(TO_C, link=link)


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (Destination(url="myapp://x"), [("/url", "invalid_link")]),
        (Destination(url="javascript:alert(1)"), [("/url", "invalid_link")]),
        (Destination(url=A, ios="vbscript:x"), [("/ios", "unsafe_scheme")]),
        (
            Destination(url="https://evil.example", android="https://evil.example"),
            [("/url", "host_not_allowed"), ("/android", "host_not_allowed")],
        ),
    ],
)
def test_a_link_is_not_led_where_it_may_not_go(
    to: Destination, expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        changed(to, hosts=("a.example",))

    assert [(each.pointer, each.code) for each in refused.value.errors] == expected


def test_of_two_changes_at_once_one_is_told_to_try_again() -> None:
    racing = Racing.of(a_sent_template())
    place = Place(template_id=TPL_1, version=1, link=0)

    with pytest.raises(Conflict) as refused:
        change(place, TO_C, key_id="k", deps=LinkingDeps(templates=racing, hosts=()), now=NOON)

    assert refused.value.code == "busy"


def test_the_history_has_an_end_so_that_the_row_stays_small() -> None:
    templates = FakeTemplates.of(a_sent_template())
    deps = LinkingDeps(templates=templates, hosts=())
    place = Place(template_id=TPL_1, version=1, link=0)
    codes = []

    for number in range(400):
        try:
            to = Destination(url=f"https://a.example/{'한' * 20}{number}")
            change(place, to, key_id="k", deps=deps, now=NOON + timedelta(seconds=number))
        except AppError as error:
            codes.append(error.code)

    assert set(codes) == {"too_many_changes"}
    assert 100 < len(templates.templates[TPL_1, 1].replaced) < 300


words = st.text(max_size=8) | st.sampled_from(
    ["https://a.example", "myapp://", "javascript:", "\n"]
)
hostile = st.lists(words, max_size=4).map("".join)


@given(
    url=hostile,
    ios=st.none() | hostile,
    android=st.none() | hostile,
    until=st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_whatever_is_asked_the_link_leads_nowhere_that_it_may_not(
    url: str, ios: str | None, android: str | None, until: datetime | None
) -> None:
    to = Destination(url=url, ios=ios, android=android, until=until)
    try:
        template = changed(to, hosts=("a.example",))
    except InvalidInput:
        return

    led = template.destinations[0]
    assert led.url.lower().startswith(("https://a.example", "http://a.example"))
    assert not (led.ios or "").lower().startswith("javascript")
