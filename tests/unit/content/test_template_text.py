import pytest

from functions.content.template_text import (
    MAX_SOURCE_CHARS,
    MAX_TEXT_CHARS,
    MissingVariable,
    TemplateFault,
    TemplateText,
    check_source,
    names_used,
    tracked_links,
)

BASE = "https://go.example.com"
CONTACT = {"name": "김하늘", "이름": "하늘", "points": 7, "vip": True}


def rendered(source: str, **variables: object) -> str:
    text = TemplateText(source=source, links=tracked_links(source), link_base=BASE)
    return text.render({"contact": CONTACT} | variables)


def fault_of(source: str) -> str:
    with pytest.raises(TemplateFault) as refused:
        check_source(source)
    return refused.value.code


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("안녕하세요", "안녕하세요"),
        ("{{ contact.name }}님", "김하늘님"),
        ("{{ contact['name'] }}님", "김하늘님"),
        ("{{ contact.이름 }}", "하늘"),
        ("{{ contact.points + 1 }}점", "8점"),
        ("{{ coupon }}", "SPRING"),
        ("{{ contact.city | default('서울') }}", "서울"),
        ("{{ nothing | default('손님') }}", "손님"),
        ("{% if contact.vip %}VIP{% else %}-{% endif %}", "VIP"),
        ("{% if contact.city is defined %}y{% else %}n{% endif %}", "n"),
        ("{% for each in [1, 2, 3] %}{{ each }}{% endfor %}", "123"),
        ("{{ '<b>' }} & {{ coupon }}", "<b> & SPRING"),
        ("{{ contact.name | upper }}{# nothing to see #}", "김하늘"),
        ("첫 줄\n둘째 줄\n", "첫 줄\n둘째 줄"),
    ],
)
def test_gaps_are_filled(source: str, text: str) -> None:
    assert rendered(source, coupon="SPRING") == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ nothing }}",
        "{{ contact.city }}",
        "{{ contact.city.name }}",
        "{{ contact['city'] }}",
        "{% if contact.city %}{% endif %}",
        "{% for each in nothing %}{% endfor %}",
        "{{ nothing ~ 'x' }}",
        "{{ nothing | upper }}",
    ],
)
def test_gap_without_a_value_is_missing_and_never_blank(source: str) -> None:
    with pytest.raises(MissingVariable):
        rendered(source)


@pytest.mark.parametrize("name", ["items", "keys", "values", "get", "pop", "copy", "update"])
def test_methods_of_python_are_no_values(name: str) -> None:
    with pytest.raises(MissingVariable):
        rendered(f"{{{{ contact.{name} }}}}")


@pytest.mark.parametrize("name", ["items", "keys", "get"])
def test_attribute_may_have_the_name_of_a_method(name: str) -> None:
    assert rendered(f"{{{{ c.{name} }}}}", c={name: "세 개"}) == "세 개"


@pytest.mark.parametrize(
    "source",
    [
        "{{ contact.__class__ }}",
        "{{ contact.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ contact['__class__'] }}",
        "{{ contact.__init__.__globals__ }}",
        "{{ contact.name.__class__ }}",
        "{{ contact.pop('name') }}",
        "{{ contact.get('name') }}",
        "{{ contact() }}",
        "{{ contact.name() }}",
        "{{ self.__dict__ }}",
        "{{ namespace.__init__ }}",
        "{{ range.__globals__ }}",
        "{{ contact | attr('__class__') }}",
    ],
)
def test_hostile_template_gets_nothing_of_python(source: str) -> None:
    with pytest.raises((MissingVariable, TemplateFault)):
        rendered(source)

    assert CONTACT["name"] == "김하늘"


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(100000) %}x{% endfor %}",
        "{% for i in range(100000000) %}x{% endfor %}",
        "{% for i in range(300) %}{% for j in range(300) %}x{% endfor %}{% endfor %}",
        "{% for i in range(3000) %}{% for j in range(3000) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}",
        "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 'x' * 30000 }}",
        "{{ 10 ** 1000000 }}",
        "{{ 1 / 0 }}",
        "{% include 'text' %}",
        "{% include '/etc/passwd' %}",
        "{% import 'text' as t %}",
        "{% from 'text' import t %}",
        "{% extends 'text' %}",
        "{% extends '/etc/passwd' %}",
        "{{ nofunction() }}",
        "{{ contact | nofilter }}",
        "{{ contact is notest }}",
    ],
)
def test_template_that_would_do_harm_is_unrenderable(source: str) -> None:
    with pytest.raises(TemplateFault):
        rendered(source)


def test_work_is_limited_per_message_and_not_per_template() -> None:
    source = "{% for i in range(2000) %}x{% endfor %}"

    assert [rendered(source) for _ in range(50)] == ["x" * 2000] * 50


def test_text_longer_than_any_channel_takes_is_cut_off_by_a_fault() -> None:
    assert len(rendered("{{ 'x' * n }}", n=MAX_TEXT_CHARS)) == MAX_TEXT_CHARS
    with pytest.raises(TemplateFault) as refused:
        rendered("{{ 'x' * n }}", n=MAX_TEXT_CHARS + 1)
    assert refused.value.code == "too_long"


def test_values_are_text_and_never_templates() -> None:
    assert rendered("{{ x }}", x="{{ contact.name }}{% raw %}") == "{{ contact.name }}{% raw %}"


def test_fault_does_not_repeat_values() -> None:
    with pytest.raises(TemplateFault) as refused:
        rendered("{{ contact.name() }}")

    assert "김하늘" not in str(refused.value)


@pytest.mark.parametrize("name", ["self", "name", "template_name", "ctx", "loop", "이름"])
def test_variable_may_have_any_name(name: str) -> None:
    assert rendered(f"{{{{ {name} }}}}", **{name: "x"}) == "x"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{{ name", "syntax"),
        ("{% if name %}", "syntax"),
        ("{% endif %}", "syntax"),
        ("{% nonsense %}", "syntax"),
        ("{{ name | }}", "syntax"),
        ("{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}", "syntax"),
        ("x" * (MAX_SOURCE_CHARS + 1), "too_long"),
        ("{{ url | track }}", "track_needs_literal"),
        ("{{ ('https://a.example' ~ x) | track }}", "track_needs_literal"),
        ("{% filter track %}https://a.example{% endfilter %}", "track_needs_literal"),
        ("{%- filter  track %}https://a.example{% endfilter %}", "track_needs_literal"),
        ("{{ 'ftp://a.example' | track }}", "invalid_link"),
        ("{{ 'javascript:alert(1)' | track }}", "invalid_link"),
        ("{{ 'a.example' | track }}", "invalid_link"),
        ("{{ 'https://' | track }}", "invalid_link"),
        ("{{ '' | track }}", "invalid_link"),
        ("{{ 'https://[::1' | track }}", "invalid_link"),
        ("{{ 'https://a.example/a b' | track }}", "invalid_link"),
        ("{{ 'https://a.example/\n' | track }}", "invalid_link"),
        ("{{ 'https://a.example/" + "x" * 2000 + "' | track }}", "invalid_link"),
        (
            "".join(f"{{{{ 'https://a.example/{n}' | track }}}}" for n in range(9)),
            "too_many_links",
        ),
    ],
)
def test_template_that_can_never_work_is_refused_by_a_code(source: str, code: str) -> None:
    assert fault_of(source) == code


@pytest.mark.parametrize(
    "source",
    [
        "",
        "안녕하세요",
        "{{ contact.nobody.has.this }}",
        "{{ 'https://a.example' | track }}",
        '{{ "https://a.example/?q=1#top"|track }}',
        "".join(f"{{{{ 'https://a.example/{n}' | track }}}}" for n in range(8)),
        "x" * MAX_SOURCE_CHARS,
    ],
)
def test_template_that_may_work_is_accepted(source: str) -> None:
    check_source(source)


def test_tracked_links_are_numbered_by_their_first_place() -> None:
    source = (
        "{{ 'https://b.example' | track }} {{ 'https://a.example' | track }} "
        '{{ "https://b.example"|track }} https://c.example'
    )

    assert tracked_links(source) == ("https://b.example", "https://a.example")


def test_tracked_link_leaves_a_mark_for_its_code() -> None:
    source = "{{ 'https://a.example' | track }} {{ 'https://b.example' | track }}"

    assert rendered(source) == f"{BASE}/{{~link0~~~}} {BASE}/{{~link1~~~}}"


@pytest.mark.parametrize(
    "source",
    ["{{ ['https://a.example'] | map('track') | join }}", "{{ [[1]] | map('track') | join }}"],
)
def test_track_applied_behind_our_back_is_unrenderable(source: str) -> None:
    with pytest.raises(TemplateFault):
        rendered(source)


def test_names_that_a_template_reads_are_known() -> None:
    assert names_used("{{ contact.name }} {% if x %}{{ y | default('') }}{% endif %}") == {
        "contact",
        "x",
        "y",
    }
