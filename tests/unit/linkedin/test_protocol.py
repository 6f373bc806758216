from pathlib import Path

import pytest

from confrere.domain.errors import InvalidField
from confrere.linkedin import load_protocol


def test_the_shipped_facts_have_their_provenance() -> None:
    """Every table of the shipped facts has its provenance."""
    protocol = load_protocol()
    facts = [protocol.page, *(getattr(protocol.queries, name) for name in protocol.queries.__struct_fields__)]
    assert all(len(fact.seen) > 10 for fact in facts)
    assert all(len(query.hash) == 32 and query.id == f"{query.name}.{query.hash}" for query in facts[1:])


def test_an_operator_s_file_puts_a_new_hash_in(tmp_path: Path) -> None:
    """An operator's file replaces a hash, and facts that it omits keep their values."""
    own = tmp_path / "protocol.toml"
    own.write_text(f'[queries.newest_messages]\nhash = "{"0" * 32}"\n')
    changed, shipped = load_protocol(own).queries, load_protocol().queries
    assert changed.newest_messages.id == f"messengerMessages.{'0' * 32}"
    assert changed.newest_messages.field == shipped.newest_messages.field
    assert changed.older_messages == shipped.older_messages


@pytest.mark.parametrize(
    "text",
    ["[queries.newest]\nhash = 'x'", "[page]\nclient_version = 1", "queries = 1", "[page", "\0", "[queries]\nmore = 1"],
)
def test_a_file_with_a_misspelt_name_is_refused(tmp_path: Path, text: str) -> None:
    """A misspelt name in an operator's file is rejected."""
    own = tmp_path / "protocol.toml"
    own.write_text(text)
    with pytest.raises(InvalidField, match="LinkedIn protocol file must be a readable TOML file of known names"):
        load_protocol(own)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing file is rejected with the operating system's reason."""
    with pytest.raises(InvalidField, match="No such file"):
        load_protocol(tmp_path / "none.toml")
