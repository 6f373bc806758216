"""The commands that errors, remedies and the documentation name."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main
from typer.core import TyperGroup

from confrere.cli.app import app

REPOSITORY = Path(__file__).parents[3]
PAGES = [*REPOSITORY.glob("docs/**/*.md"), *REPOSITORY.glob("clients/*/*.md"), *REPOSITORY.glob("*.md")]
CODE = [*REPOSITORY.glob("src/**/*.py"), *REPOSITORY.glob("src/**/*.toml"), *REPOSITORY.glob("src/**/*.html")]
FILES = [file for file in (*PAGES, *CODE) if file.name != "CHANGELOG.md"]  # it names commands of earlier versions

QUOTED = re.compile(r"`(?:\./)?confrere ([^`\n]+)`")
TYPED = re.compile(r"^ *(?:[A-Z]+=\$\()?(?:\./)?confrere ([a-z-].*)$", re.MULTILINE)
"""A line of a code block; lines of prose begin with a capital."""

ROOT = typer.main.get_command(app)
assert isinstance(ROOT, TyperGroup)


def named_commands(file: Path) -> Iterator[str]:
    """Return what follows `confrere` wherever the file names a command, with X in place of what is filled in."""
    text = file.read_text("utf-8")
    for found in (*QUOTED.findall(text), *(TYPED.findall(text) if file.suffix == ".md" else ())):
        yield re.sub(r"<[^>]*>|{[^}]*}", "X", found)


def words_of(command: str) -> list[str]:
    """Return the words up to the end of the command, as a shell splits them."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = []
    for word in lexer:
        if set(word) <= set("|&;<>()"):
            break
        words.append(word)
    return [word for word in words if word != "…"]


def parse(words: list[str]) -> None:
    """Parse as the command line does, except that values may be missing. Raises for what it does not know."""
    command: Any = ROOT
    while isinstance(command, TyperGroup) and words and words[0] != "X" and not words[0].startswith("-"):
        command, words = command.commands[words[0]], words[1:]
    context = typer.Context(command, **command.context_settings)
    _, rest, _ = command.make_parser(context).parse_args(words)
    assert not rest or context.allow_extra_args, rest


def test_every_named_command_exists() -> None:
    """Every command that an error, a remedy or a page names exists, with its options."""
    faults, count = [], 0
    for file in FILES:
        for command in named_commands(file):
            count += 1
            try:
                parse(words_of(command))
            except (AssertionError, KeyError, typer.TyperException) as fault:
                faults.append(f"{file.relative_to(REPOSITORY)}: confrere {command}: {fault!r}")
    assert faults == []
    assert count > 150


@pytest.mark.parametrize("command", ["accounts update X --enable", "accounts enable X --now", "quota X", "look"])
def test_a_command_that_does_not_exist_is_noticed(command: str) -> None:
    """A wrong command, option or argument does not pass."""
    with pytest.raises((AssertionError, KeyError, typer.TyperException)):
        parse(words_of(command))
