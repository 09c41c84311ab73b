"""Addresses in a template's text: found as a reader would, and nothing else is touched."""

import re

import pytest
from hypothesis import example, given, strategies as st

from functions.content.bare_links import track_bare_links
from functions.content.template_text import TemplateFault, TemplateText, check_source, tracked_links

SHOP = "https://shop.example.com/sale"
_PUT = re.compile(r'\{\{ "(https?://[^"]*)" \| track \}\}', re.IGNORECASE)


def found(source: str) -> list[str]:
    """The addresses that are tracked of a text."""
    return _PUT.findall(track_bare_links(source))


@pytest.mark.parametrize(
    ("source", "address"),
    [
        (SHOP, SHOP),
        ("http://a.example", "http://a.example"),
        ("HTTPS://A.example/Sale", "HTTPS://A.example/Sale"),
        (f"보기: {SHOP}", SHOP),
        (f"보기:{SHOP}\n끝", SHOP),
        (f"{SHOP}.", SHOP),
        (f"{SHOP}...", SHOP),
        (f"{SHOP}, 그리고", SHOP),
        (f"({SHOP})", SHOP),
        (f"[{SHOP}]", SHOP),
        (f"「{SHOP}」", SHOP),
        (f"『{SHOP}』。", SHOP),
        (f"{SHOP}。다음", SHOP),
        (f"{SHOP}、다음", SHOP),
        (f"{SHOP}…", SHOP),
        (f"“{SHOP}”", SHOP),
        (f"<{SHOP}>", SHOP),
        (f"{SHOP}！", SHOP),
        (f"'{SHOP}'", SHOP),
        (f"{SHOP}?!", SHOP),
        ("https://shop.example.com에서 만나요", "https://shop.example.com"),
        ("https://shop.example.com:8443에서", "https://shop.example.com:8443"),
        ("https://한글.kr/할인?이름=값#위", "https://한글.kr/할인?이름=값#위"),
        ("https://a.example/?q=1&r=%20#top", "https://a.example/?q=1&r=%20#top"),
        ("https://a.example/wiki/A_(b)", "https://a.example/wiki/A_(b)"),
        ("(https://a.example/wiki/A_(b))", "https://a.example/wiki/A_(b)"),
        ("https://a.example/a.b,c;d", "https://a.example/a.b,c;d"),
        ("https://1.2.3.4/x", "https://1.2.3.4/x"),
        (f"{{% if vip %}}{SHOP}{{% endif %}}", SHOP),
        (f"{{% if vip %}}a{{% else %}}{SHOP}{{% endif %}}. 끝", SHOP),
        (f"{{% if vip %}}{SHOP}{{% else %}}a{{% if b %}}{{% endif %}}{{% endif %}}에서", SHOP),
        (f"{SHOP}{{# a note #}}", SHOP),
        (f"{SHOP} {{{{ name }}}}", SHOP),
        (f"{SHOP} {{% if a %}}b{{% endif %}}", SHOP),
        (f"{{{{ name }}}}님 {SHOP}", SHOP),
        (f'{{{{ "}}}}" }}}} {SHOP}', SHOP),
    ],
)
def test_an_address_is_tracked_without_what_belongs_to_the_sentence(
    source: str, address: str
) -> None:
    assert found(source) == [address]
    assert _PUT.sub(lambda put: put[1], track_bare_links(source)) == source


@pytest.mark.parametrize(
    "source",
    [
        "",
        "shop.example.com",
        "ftp://a.example",
        "xhttps://a.example",
        f"{{{SHOP}}}",
        "https://",
        "https:///a",
        "https://user@a.example/",
        "https://a.example:99999/",
        "https://a..b/",
        f"{{# {SHOP} #}}",
        f"{{{{ '{SHOP}' }}}}",
        f'{{{{ "{SHOP}" | track }}}}',
        f"{{% set a = '{SHOP}' %}}",
        f"{{% raw %}}{SHOP}{{% endraw %}}",
        f"{{%- raw -%}}{SHOP}{{%- endraw -%}}",
        f"{SHOP}/{{{{ id }}}}",
        f"{SHOP} {{{{- id }}}}",
        f"{SHOP}{{% if vip %}}/vip{{% endif %}}",
        f"{SHOP}{{# note #}}/more",
        f"{{% if vip %}}{SHOP}/{{% endif %}}more",
        f"{{% if vip %}}{SHOP}/{{% endif -%}} more",
        f"{{% if vip %}}{SHOP}/{{% else %}}x{{% endif %}}{{{{ id }}}}",
        f"https://a.example/?to={{{{ x }}}}{SHOP}",
        f"{{{{ '{SHOP}",
        f"{{# {SHOP}",
        f"{{{{ }} }} {{% {SHOP}",
    ],
)
def test_what_is_no_whole_address_in_the_text_stays(source: str) -> None:
    assert track_bare_links(source) == source


def test_several_addresses_are_tracked_in_their_order() -> None:
    assert found(f"{SHOP}/b {SHOP}/a, {SHOP}/b") == [f"{SHOP}/b", f"{SHOP}/a", f"{SHOP}/b"]


def test_an_address_that_korean_parts_from_the_one_before_is_found() -> None:
    assert found("https://a.example와https://b.example") == [
        "https://a.example",
        "https://b.example",
    ]


def test_the_text_that_comes_out_can_be_used() -> None:
    source = track_bare_links(f"{{{{ name }}}}님 {SHOP}?a=1에서. (https://b.example)")

    text = TemplateText(source=source, links=tracked_links(source), link_base="https://go.example")

    assert text.render({"name": "하늘"}) == (
        "하늘님 https://go.example/{~link0~~~}. (https://go.example/{~link1~~~})"
    )


_PARTS = st.sampled_from(
    [
        *(
            "https://a.example",
            "http://b.example/x?y=z",
            "https://",
            "https://a.example/(x)",
            "://",
        ),
        *("{{ name }}", "{{ 'https://c.example' | track }}", '{{ "}}" }}', "{{", "}}", "'", '"'),
        *("{% if a %}", "{% else %}", "{% endif %}", "{% raw %}", "{% endraw %}", "{%", "%}"),
        *(
            "{#",
            "#}",
            "{# https://d.example #}",
            " ",
            "\n",
            ".",
            ")",
            "(",
            "。",
            "」",
            "에서",
            "\\",
        ),
        *("{%- if b -%}", "{%- endif -%}", "{{- x -}}"),
    ]
)
texts = st.lists(_PARTS | st.text(max_size=6), max_size=12).map("".join)


@example(source="https://a.example\x80https://a.example")
@example(source="https://a.example{% endif %})https://a.example")
@given(source=texts)
def test_nothing_but_the_mark_is_added_and_doing_it_again_changes_nothing(source: str) -> None:
    tracked = track_bare_links(source)

    assert track_bare_links(tracked) == tracked
    at = 0
    # Walk through both: what was put in is the only difference.
    rest = source
    for put in _PUT.finditer(tracked):
        between = tracked[at : put.start()]
        assert rest.startswith(between)
        rest = rest[len(between) :]
        taken = put[0] if rest.startswith(put[0]) else put[1]
        assert rest.startswith(taken)
        rest, at = rest[len(taken) :], put.end()
    assert rest == tracked[at:]


def _is_sound(source: str) -> bool:
    try:
        check_source(source)
    except TemplateFault:
        return False
    return True


@given(source=texts)
def test_a_template_that_could_be_used_still_can_be(source: str) -> None:
    if _is_sound(source):
        try:
            check_source(track_bare_links(source))
        except TemplateFault as fault:
            assert fault.code == "too_many_links"  # noqa: PT017


@given(source=texts)
def test_only_the_text_is_tracked_and_never_what_jinja_reads(source: str) -> None:
    """Rendered, the addresses that were put in show their codes, and all else is what it was."""
    if not _is_sound(source):
        return
    variables = {"name": "이름", "a": True, "b": False, "x": "X"}
    tracked = track_bare_links(source)
    try:
        links = tracked_links(tracked)
    except TemplateFault:
        return
    before = _rendered(source, tracked_links(source), variables)
    after = _rendered(tracked, links, variables)
    if before is not None and after is not None:
        assert _with_targets(after, links) == _with_targets(before, tracked_links(source))


def _rendered(source: str, links: tuple[str, ...], variables: dict[str, object]) -> str | None:
    try:
        return TemplateText(source=source, links=links, link_base="\0").render(variables)
    except ValueError:
        return None


def _with_targets(text: str, links: tuple[str, ...]) -> str:
    for place, link in enumerate(links):
        text = text.replace(f"\0/{{~link{place}~~~}}", link)
    return text
