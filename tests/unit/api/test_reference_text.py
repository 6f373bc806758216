"""The data file of the API reference and the code that it describes fit together."""

from pathlib import Path

import pytest

from confrere.api.reference import texts as module
from confrere.api.reference.compatible_examples import EXAMPLES as COMPATIBLE
from confrere.api.reference.texts import VALUES, texts
from confrere.api.reference.v1_examples import EXAMPLES as V1

EXAMPLES = {**COMPATIBLE, **V1}
FILE = Path(module.__file__).parent / "reference.toml"


def test_every_operation_has_examples_and_every_example_an_operation() -> None:
    """The operations of the data file are those of the examples."""
    assert texts().operations.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("operation_id", EXAMPLES)
def test_every_caption_is_of_an_example(operation_id: str) -> None:
    """An operation has captions for its own examples only, and each example has a caption."""
    operation = texts().operations[operation_id]
    assert operation.captions.keys() <= EXAMPLES[operation_id].keys()
    assert EXAMPLES[operation_id].keys() <= operation.captions.keys() | texts().captions.keys()


def test_every_shared_entry_is_used() -> None:
    """A caption, parameter or request that no operation uses is not in the data file."""
    operations = texts().operations.values()
    shared = {
        name for own, names in EXAMPLES.items() for name in names.keys() - texts().operations[own].captions.keys()
    }
    assert texts().captions.keys() <= shared
    used = {name for operation in operations for name in operation.parameters}
    assert texts().parameters.keys() == used | {"X-Request-Id"}
    assert texts().requests.keys() == {operation.request for operation in operations if operation.request}


def test_every_value_of_the_code_is_used() -> None:
    """A value that the data file does not mention is not offered to it."""
    source = FILE.read_text("utf-8")
    assert [name for name in VALUES if f"@{name}@" not in source] == []
