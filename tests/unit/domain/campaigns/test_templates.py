"""Texts of campaigns: what a template may hold, and what it makes of a person."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confrere.domain.campaigns.campaign import SkipReason
from confrere.domain.campaigns.template_values import FILTERS, NAMES, SharedValues, values_of
from confrere.domain.campaigns.templates import NotRendered, Template, UnknownVariable, UnknownVariables, parse_template
from confrere.domain.errors import InvalidField
from confrere.domain.message import MAX_CHARACTERS
from confrere.domain.person import Person
from confrere.domain.urns import ProfileUrn

SHARED = SharedValues("Beekeepers", "Sam", "Stone")
BLANK = SkipReason.BLANK_VARIABLE


def person(number: int = 0, *, first: str | None = "Anna", headline: str | None = None) -> Person:
    """A member of the group."""
    return Person(ProfileUrn(f"urn:li:fsd_profile:ACoAA{number}"), "anna-s", first, "Smith", headline)


def made(text: str, who: Person | None = None, custom: Mapping[str, str] | None = None) -> object:
    """What the template makes of the person."""
    return parse_template(text).render(values_of(who or person(), custom or {}, SHARED))


def fault(text: str) -> str:
    """Why the template is refused."""
    with pytest.raises(InvalidField) as raised:
        parse_template(text)
    return str(raised.value)


def test_every_known_variable_shows_its_value() -> None:
    """Each known variable, and a column of the table, is replaced by what is known of the person and the campaign."""
    text = "|".join(f"{{{{ {name} }}}}" for name in NAMES) + "|{{ custom.city }}"
    shown = made(text, person(headline="Chemist"), {"city": " Bonn "})
    assert shown == "Anna|Smith|Anna Smith|Chemist|anna-s|Beekeepers|Sam|Stone|Bonn"


def test_variables_are_listed() -> None:
    """A template lists each variable that it uses once, also those in conditions and arguments, and no local ones."""
    template = parse_template(
        "{% assign x = lastName %}{% if headline %}{{ x | append: custom.city }}{% endif %}{{ x }}"
    )
    assert template.variables == ("custom.city", "headline", "lastName")
    assert "Anna" not in repr(template)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("firstname", "firstName"), ("first_name", "firstName"), ("groupname", "groupName"), ("zzz", None), ("now", None)],
)
def test_an_unknown_variable_is_refused_with_the_nearest_name(name: str, nearest: str | None) -> None:
    """A template with an unknown variable is refused with its name and the known name that is most like it."""
    with pytest.raises(UnknownVariables) as raised:
        parse_template(f"Hi {{{{ {name} }}}}")
    assert raised.value.unknown == (UnknownVariable(name, nearest),)
    assert name in str(raised.value)


@pytest.mark.parametrize("path", ["custom", "firstName.size", "custom[firstName]", "custom.a.b", "custom['a'][0]"])
def test_only_whole_values_are_variables(path: str) -> None:
    """Parts of a value, and columns whose name is computed, are refused as unknown variables."""
    with pytest.raises(UnknownVariables):
        parse_template(f"Hi {{{{ {path} }}}}")


def test_columns_are_checked_where_they_are_known() -> None:
    """A template whose column the audience lacks is refused with the nearest column, when saved or when checked."""
    text = "Hi {{ custom.cty }} {{ custom.zip }}"
    for check in (
        lambda: parse_template(text, columns=["city", "zip"]),
        lambda: parse_template(text).check_columns(["city", "zip"]),
    ):
        with pytest.raises(UnknownVariables) as raised:
            check()
        assert raised.value.unknown == (UnknownVariable("custom.cty", "custom.city"),)
    parse_template(text).check_columns(["cty", "zip"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n{{ firstName", 2),
        ("a\n{{ }}\nb", 2),
        ("{% if firstName %}\n{% for x in (1..2) %}\n{% endfor %}", 1),
        ("{% if firstName %}\n{% if lastName %}\n{% endif %}\n{{ | }}{% endif %}", 4),
        ("\n\n{% endif %}", 3),
        ("\n{{ firstName | }}", 2),
        ("\n{{ firstName | frob }}", 2),
    ],
)
def test_a_fault_is_reported_with_its_line(text: str, line: int) -> None:
    """A fault in the syntax is refused with the line on which it stands."""
    assert f"in line {line}" in fault(text)


@pytest.mark.parametrize("tag", ["include 'x'", "render 'x'", "liquid", "increment x", "cycle 'a'", "tablerow x in y"])
def test_other_tags_are_unknown(tag: str) -> None:
    """Tags that read other templates, or whose result is not the person's own, do not exist."""
    assert "unexpected tag" in fault(f"Hi {{% {tag} %}}")


@pytest.mark.parametrize("name", ["date", "replace", "escape", "base64_decode", "times"])
def test_other_filters_are_unknown(name: str) -> None:
    """Filters that read the clock or multiply a text do not exist, and the error lists those that do."""
    assert f"unknown filter {name}" in (why := fault(f"Hi {{{{ firstName | {name}: 'a' }}}}"))
    assert all(known in why for known in FILTERS)


def test_the_clock_is_no_variable() -> None:
    """The library's own variables of the present time are unknown: a text that was checked stays as it is."""
    for text in ("{{ now }}", "{{ today }}", "{% if now %}x{% endif %}"):
        assert "known variables" in fault(text)


@pytest.mark.parametrize(
    "text",
    [
        "x{% for i in (1..2000) %}{% endfor %}",
        "{% assign x = 'ab' %}{% for i in (1..99) %}{% assign x = x | append: x %}{% endfor %}x",
    ],
)
def test_endless_work_is_refused(text: str) -> None:
    """A template that loops or grows without measure is refused when it is saved."""
    assert "limit reached" in fault(text)


@pytest.mark.parametrize(
    "text", ["", " \n", "{% if false %}x{% endif %}", "{{ '' }}", "x" * (MAX_CHARACTERS + 1), "a\0"]
)
def test_a_template_without_a_message_is_refused(text: str) -> None:
    """A template that makes no text that can be sent, whatever the person, is refused when it is saved."""
    assert fault(text).startswith("text ")


@pytest.mark.parametrize("headline", [None, "", " \u200b\n", "\ufe0f", "a\0b", "\ud800"])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ headline }}!", NotRendered(BLANK, "headline")),
        ("{{ headline | upcase }}!", NotRendered(BLANK, "headline")),
        ("{{ 'in ' | append: headline }}!", NotRendered(BLANK, "headline")),
        ("{% assign x = headline %}{{ x }}!", NotRendered(BLANK, "headline")),
        ("{% capture x %}{{ headline }}{% endcapture %}!", NotRendered(BLANK, "headline")),
        ("{% if headline %}{{ headline }}{% else %}none{% endif %}", "none"),
        ("{% if headline != blank %}{{ headline }}{% else %}none{% endif %}", "none"),
        ("{% if headline == empty %}none{% else %}{{ headline }}{% endif %}", "none"),
        ("{% if headline == nil and nil == headline %}none{% else %}{{ headline }}{% endif %}", "none"),
        ("{% if headline == '' %}none{% else %}{{ headline }}{% endif %}", "none"),
        ("{% unless headline contains 'x' %}none{% endunless %}", "none"),
        ("{{ headline | upcase | default: 'none' }}", "none"),
        ("{{ headline | default: custom.role }}", NotRendered(BLANK, "custom.role")),
        ("{% if headline %}x{% endif %}", NotRendered(BLANK)),
    ],
)
def test_a_blank_variable_is_never_shown(text: str, shown: object, headline: str | None) -> None:
    """A blank variable is false, takes its default through any filter, and otherwise keeps the text from being made."""
    assert made(text, person(headline=headline)) == shown


def test_a_column_that_a_person_lacks_is_blank() -> None:
    """A row without the column is as a row whose cell is blank."""
    assert (
        made("{{ custom.city }}") == NotRendered(BLANK, "custom.city") == made("{{ custom.city }}", custom={"city": ""})
    )


def test_values_are_no_templates() -> None:
    """What stands in a value is shown as it is: no markup in it is run, and nothing is escaped."""
    assert made("Hi {{ firstName }}", person(first="{{ lastName }} <b>&'")) == "Hi {{ lastName }} <b>&'"


def test_a_text_that_is_too_long_is_not_made() -> None:
    """A text above the limit of messages is counted as too long, and one at the limit is made."""
    name = "ä" * (MAX_CHARACTERS - 3)
    assert made("Hi {{ firstName }}", person(first=name)) == f"Hi {name}"
    for more in ("x", "x" * 4 * MAX_CHARACTERS):
        too_long = made("Hi {{ firstName }}", person(first=name + more))
        assert too_long == NotRendered(SkipReason.TEXT_TOO_LONG)


@pytest.mark.parametrize(
    "markup",
    ["{{ firstName | truncate: custom.n }}", "{{ firstName | slice: custom.n }}", "{% if custom.n > 3 %}{% endif %}"],
)
def test_a_fault_with_one_value_is_an_error_that_quotes_no_value(markup: str) -> None:
    """A template that fails with a value, as a length that is no number, raises an error without that value."""
    template = parse_template(f"{{% if custom.n == 'secret' %}}{markup}{{% endif %}}y")
    with pytest.raises(InvalidField) as raised:
        template.render(values_of(person(), {"n": "secret"}, SHARED))
    assert "secret" not in str(raised.value)


@settings(max_examples=50, deadline=None)  # a template is parsed for each name
@given(
    st.lists(st.text(min_size=1), min_size=1, max_size=6),
    st.sampled_from(
        ["Hi {{ firstName }}.", "{{ firstName | default: 'you' }}!", "{% if firstName %}Hi{% endif %} you"]
    ),
)
def test_a_text_depends_on_its_own_person_only(names: list[str], text: str) -> None:
    """Rendering others before, after or again does not change a person's text."""
    template = parse_template(text)
    alone = [parse_template(text).render(values_of(person(first=name), {}, SHARED)) for name in names]
    assert [template.render(values_of(person(first=name), {}, SHARED)) for name in names * 2] == alone * 2


def render_one(template: Template, number: int) -> object:
    """The text of the person with this number."""
    who = person(number, first=f"Name{number}", headline=f"Role{number}" if number % 2 else None)
    return template.render(values_of(who, {"city": f"City{number}"}, SHARED))


def test_concurrent_renders_give_everybody_their_own_text() -> None:
    """Two thousand people rendered by eight threads from one template get two thousand texts, each its own."""
    template = parse_template(
        "{% assign city = custom.city %}{% capture role %}{% if headline %}{{ headline }}{% else %}you{% endif %}"
        "{% endcapture %}Hi {{ firstName }}, {{ role }} of {{ city }}"
    )
    with ThreadPoolExecutor(8) as threads:
        texts = list(threads.map(lambda number: render_one(template, number), range(2_000)))
    expected = [f"Hi Name{n}, {f'Role{n}' if n % 2 else 'you'} of City{n}" for n in range(2_000)]
    assert texts == expected


@given(st.text(max_size=60))
def test_a_text_without_markup_is_sent_as_it_is(text: str) -> None:
    """Where there is neither `{{` nor `{%`, everybody gets exactly this text, or it is refused."""
    text = text.replace("{{", "{").replace("{%", "{")
    try:
        template = parse_template(text)
    except InvalidField:
        return
    assert (template.variables, template.render(values_of(person(), {}, SHARED))) == ((), text)


def test_blank_variables_of_a_person_are_listed() -> None:
    """Those that the template uses, with a default or without, and no others; placeholders have none."""
    template = parse_template(
        "{{ firstName }} {{ headline | default: 'x' }} {{ custom.city }} {{ custom['home town'] }}"
    )
    values = values_of(person(), {"city": " ", "home town": "Bonn"}, SHARED)
    assert template.blank_in(values) == ("custom.city", "headline")
    assert template.blank_in(template.placeholders()) == ()
    assert template.render(template.placeholders()) == "[firstName] [headline] [custom.city] [custom.home town]"
