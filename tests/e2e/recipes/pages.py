"""Code blocks of the documentation's pages."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def blocks(file: Path, language: str) -> list[str]:
    """Return the blocks of code in this language, those in lists too."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", file.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]
