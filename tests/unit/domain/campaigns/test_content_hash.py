"""The hash over people, texts and settings."""

from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.campaigns.content_hash import ContentHash

people = st.lists(st.tuples(st.text(max_size=4), st.none() | st.text(max_size=4)), max_size=4)
plans = st.dictionaries(st.sampled_from(["cap", "spread", "name"]), st.none() | st.integers(0, 3) | st.text(max_size=2))


def digest(settings: dict[str, object], rows: list[tuple[str, str | None]]) -> str:
    """The hash of these."""
    content = ContentHash(settings)
    for urn, text in rows:
        content.add(urn, text)
    return content.hexdigest()


@given(plans, people, plans, people)
def test_two_contents_have_one_hash_only_if_they_are_equal(
    settings: dict[str, object],
    rows: list[tuple[str, str | None]],
    others: dict[str, object],
    more: list[tuple[str, str | None]],
) -> None:
    """Any difference in a setting, a person, a text, or where one ends and the next begins changes the hash."""
    assert (digest(settings, rows) == digest(others, more)) == (settings == others and rows == more)


def test_the_hash_does_not_depend_on_the_order_of_settings() -> None:
    """The same settings give the same hash, in this process and in every other."""
    assert digest({"cap": 5, "spread": True}, []) == digest({"spread": True, "cap": 5}, [])
    assert digest({"cap": 5}, [("a", "x")]) == "a2ece2a1be0d4c36387d0677475e1338de82d5bd7fb93a95854232fb7355a50f"


def test_parts_do_not_run_together() -> None:
    """A text that looks like a person after another text is not taken for one."""
    assert digest({}, [("a", "x1:b+y")]) != digest({}, [("a", "x"), ("b", "y")])
    assert digest({}, [("a", "-")]) != digest({}, [("a", None)]) != digest({}, [("a", "")])
