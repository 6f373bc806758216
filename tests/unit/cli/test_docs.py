from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from confrere.cli.app import app
from confrere.cli.exit_codes import MEANING

DOCS = (Path(__file__).parents[3] / "docs" / "cli.md").read_text()


def commands(group: TyperGroup, path: str) -> Iterator[tuple[str, list[str]]]:
    """Return every command with its long options."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{path} {name}")
        else:
            options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
            yield f"{path} {name}", options


ROOT = typer.main.get_command(app)
assert isinstance(ROOT, TyperGroup)
COMMANDS = dict(commands(ROOT, "confrere"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_docs_with_an_example(command: str) -> None:
    """Every command has a section in the docs, with an example and every option."""
    _, heading, rest = DOCS.partition(f"\n### {command}\n")
    section = rest.partition("\n## ")[0].partition("\n### ")[0]
    assert heading, f"docs/cli.md has no section for {command}"
    assert f"{command}" in section.partition("```sh")[2]
    for option in set(COMMANDS[command]) - {"--json", "--help"}:
        shared = option in ("--host", "--port") and "options as above" in section
        assert shared or option in section, f"docs/cli.md does not name {option} of {command}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_speaks_json(command: str) -> None:
    """Every command has --json, except the sandbox, a separate program, and mcp, whose output is a protocol's."""
    assert "--json" in COMMANDS[command] or command in {"confrere sandbox", "confrere mcp"}


def test_no_section_is_about_a_command_that_is_gone() -> None:
    """The docs have no section about a command that does not exist."""
    headings = {line.removeprefix("### ") for line in DOCS.splitlines() if line.startswith("### ")}
    assert headings == set(COMMANDS)


def test_every_exit_code_is_in_the_docs() -> None:
    """The docs have the table of exit codes of the code."""
    for code, meaning in MEANING.items():
        assert f"| {int(code)} | {meaning} |" in DOCS
