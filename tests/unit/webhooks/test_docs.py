"""The page about webhooks: its programs accept what Confrere signs, and nothing else."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from confrere.domain.webhooks import EventType
from confrere.webhooks.poster import signed_headers

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text("utf-8")
VECTOR = dict(re.findall(r"^\| `?([\w-]+)`? \| `(.+)` \|$", PAGE.partition("### Test vectors")[2], re.MULTILINE))
BODY = VECTOR["body"].encode()
OTHER = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
NOW = datetime.fromtimestamp(int(VECTOR["webhook-timestamp"]), UTC)

PROGRAMS = {
    "Python": ("python", [sys.executable, "-I"], "check.py"),
    "JavaScript": ("javascript", ["node"], "check.js"),
    "Shell": ("sh", ["sh"], "check.sh"),
    "PHP": ("php", ["php"], "check.php"),
    "Go": ("go", ["go", "run"], "check.go"),
}
HERE = [name for name, (_, command, _) in PROGRAMS.items() if shutil.which(command[0])]


def program(name: str) -> str:
    """Its text in the page."""
    section = PAGE.partition(f"\n### {name}\n")[2]
    return section.partition(f"```{PROGRAMS[name][0]}\n")[2].partition("```")[0]


@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"webhook-signature": f"v1,AAAA {VECTOR['webhook-signature']}"}, 0),
        ({"secret": OTHER}, 1),
        ({"webhook-id": "evt_other"}, 1),
        ({"webhook-timestamp": "1773478844"}, 1),
        ({"body": VECTOR["body"].replace("\\u2028", "\u2028")}, 1),
        ({"webhook-signature": "v1,"}, 1),
        ({"webhook-signature": VECTOR["webhook-signature"].replace("v1,", "v2,")}, 1),
    ],
    ids=["as it is", "two signatures", "secret", "id", "timestamp", "body", "empty", "version"],
)
def test_the_programs_of_the_page_check_signatures(
    tmp_path: Path, name: str, changes: dict[str, str], code: int
) -> None:
    """Each program that can be run here accepts the test vector, and refuses it if any part is another."""
    _, command, file = PROGRAMS[name]
    (tmp_path / file).write_text(program(name), "utf-8")
    given = VECTOR | changes
    arguments = [given[part] for part in ("secret", "webhook-id", "webhook-timestamp", "webhook-signature")]
    ran = subprocess.run(
        [*command, tmp_path / file, *arguments], input=given["body"].encode(), check=False, capture_output=True
    )
    assert (ran.returncode, ran.stderr) == (code, b"")


def test_every_language_has_a_program() -> None:
    """The page has a program in each language, and those for Python and the shell are always run."""
    assert all(program(name) for name in PROGRAMS)
    assert {"Python", "Shell"} <= set(HERE)


def test_the_test_vector_is_what_is_sent() -> None:
    """Confrere signs the vector's body with exactly the vector's signatures."""
    headers = signed_headers([VECTOR["secret"]], VECTOR["webhook-id"], BODY, NOW)
    for name in ("webhook-timestamp", "webhook-signature", "x-webhook-signature"):
        assert {key.lower(): value for key, value in headers.items()}[name] == VECTOR[name]
    assert BODY.isascii()


def test_every_event_is_in_the_page() -> None:
    """The table of events names each of them."""
    table = PAGE.partition("## Events")[2].partition("```json")[0]
    assert set(re.findall(r"`([a-z]+\.[a-z_]+|ping)`", table)) - {"data.outcome", "data.cause"} >= set(EventType)
