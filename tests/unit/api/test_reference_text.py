"""The data file of the API reference is consistent with the code that it describes."""

from pathlib import Path

import pytest

from confrere.api.reference import texts as module
from confrere.api.reference.document import EXAMPLES
from confrere.api.reference.texts import VALUES, texts

FILE = Path(module.__file__).parent / "reference.toml"


def test_every_operation_has_examples_and_every_example_an_operation() -> None:
    """The data file has texts for exactly the operations that have examples."""
    assert texts().operations.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("operation_id", EXAMPLES)
def test_every_caption_is_of_an_example(operation_id: str) -> None:
    """Captions and examples of an operation correspond one to one."""
    operation = texts().operations[operation_id]
    assert operation.captions.keys() <= EXAMPLES[operation_id].keys()
    assert EXAMPLES[operation_id].keys() <= operation.captions.keys() | texts().captions.keys()


def test_every_shared_entry_is_used() -> None:
    """Every caption, parameter and request of the data file is used by an operation."""
    operations = texts().operations.values()
    shared = {
        name for own, names in EXAMPLES.items() for name in names.keys() - texts().operations[own].captions.keys()
    }
    assert texts().captions.keys() <= shared
    used = {name for operation in operations for name in operation.parameters}
    assert texts().parameters.keys() == used | {"X-Request-Id"}
    assert texts().requests.keys() == {operation.request for operation in operations if operation.request}


def test_every_value_of_the_code_is_used() -> None:
    """Every value that the code offers to the data file is used there."""
    source = FILE.read_text("utf-8")
    assert [name for name in VALUES if f"@{name}@" not in source] == []
