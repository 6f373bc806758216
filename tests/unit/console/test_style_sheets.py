"""The classes of the pages and the rules of the style sheets."""

import re
from pathlib import Path

import confrere.console

_FOLDER = Path(confrere.console.__file__).parent
_CLASSES = re.compile(r'\sclass="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"')
_EXPRESSIONS = re.compile(r"\S*(?:\{\{.*?\}\}|\{%.*?%\})")


def test_each_class_of_a_page_has_a_rule() -> None:
    """No page names a class that no style sheet has, as far as the name is written out."""
    rules = "".join(sheet.read_text() for sheet in (_FOLDER / "assets").glob("*.css"))
    known = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "", rules)))
    named = {
        (page.name, name)
        for page in (_FOLDER / "html").glob("*.html")
        for found in _CLASSES.findall(page.read_text())
        for name in _EXPRESSIONS.sub(" ", found).split()
    }
    assert len(named) > 300
    assert sorted(one for one in named if one[1] not in known) == []
