from typing import TypeAlias
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.linkedin.wire.restli import Variable, encode_variables

THREAD = "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAA1,2-NWExZQ==)"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain-._~", "plain-._~"),
        ("", "''"),
        ("a b", "a%20b"),
        ("it's (a, b): %28", "it%27s%20%28a%2C%20b%29%3A%20%2528"),
        ("é", "%C3%A9"),
        (20, "20"),
        (True, "true"),
        (False, "false"),
        ([], "List()"),
        (["urn:li:a:1", 2], "List(urn%3Ali%3Aa%3A1,2)"),
        ({}, "()"),
        (
            {"query": {"predicates": [{"category": "INBOX"}]}, "count": 20},
            "(query:(predicates:List((category:INBOX))),count:20)",
        ),
        (
            {"conversationUrn": THREAD},
            "(conversationUrn:urn%3Ali%3Amsg_conversation%3A%28urn%3Ali%3Afsd_profile%3AACoAA1%2C2-NWExZQ%3D%3D%29)",
        ),
    ],
)
def test_variables_are_written_as_the_web_client_writes_them(value: Variable, written: str) -> None:
    """Variables keep their structure literal and encode each value once."""
    assert encode_variables(value) == written


Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"

texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
trees: st.SearchStrategy[Tree] = st.recursive(
    texts, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=20
)


@given(trees)
def test_what_is_written_is_read_back_by_a_strict_reader(tree: Tree) -> None:
    """Any text is read back unchanged by a strict reader, and the result is plain ASCII of a URL."""
    written = encode_variables(tree)
    assert not set(written) & set(' "<>#?&+/\\\n')
    assert written.isascii()
    assert _Reader(written).read_all() == tree


class _Reader:
    """A reader that accepts the tuple syntax only."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def read_all(self) -> Tree:
        tree = self.read()
        assert self.at == len(self.text)
        return tree

    def read(self) -> Tree:
        if self.take("List("):
            return self.read_items()
        if self.take("("):
            return self.read_pairs()
        return self.read_word()

    def read_items(self) -> list[Tree]:
        items: list[Tree] = []
        while not self.take(")"):
            assert not items or self.take(",")
            items.append(self.read())
        return items

    def read_pairs(self) -> dict[str, Tree]:
        pairs: dict[str, Tree] = {}
        while not self.take(")"):
            assert not pairs or self.take(",")
            name = self.read_word()
            assert self.take(":")
            pairs[name] = self.read()
        return pairs

    def read_word(self) -> str:
        if self.take("''"):
            return ""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in "(),:":
            self.at += 1
        assert self.at > start
        return unquote(self.text[start : self.at])

    def take(self, literal: str) -> bool:
        found = self.text.startswith(literal, self.at)
        self.at += len(literal) * found
        return found
