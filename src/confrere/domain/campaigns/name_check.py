"""Names that would make a message look like a mail merge, each with a clean form to take instead."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from unicodedata import category, normalize

from confrere.domain.urns import trimmed

_TITLE: Final = re.compile(
    "dr|doctor|prof|professor|mr|mrs|ms|mx|herr|frau|monsieur|madame|sra|dra|dott|dottssa|dipling|mgr|judr|mudr"
)
"""What stands before a name: in lower case, without full stops and hyphens."""

_ABBREVIATED_TITLE: Final = re.compile("ing|mag|eng|arch|adv|rev|hon|capt|lic|sr|fr|dipl")
"""These are names, too, where no full stop follows."""

_DEGREE: Final = re.compile(
    "phd|dphil|md|e?mba|msc|bsc|ll[bm]|esq|pmp|cpa|cfa|cma|acca|fcca|cissp|shrmcp|s?phr|dds|dvm|edd|mp[ha]|meng|csm"
)
"""What stands after a name. Not `ma` and `ba`, which are names."""

_EMOJI_CATEGORIES: Final = frozenset({"So", "Sk", "Cn", "Co", "Cs", "Me"})
_EMOJI_JOINERS: Final = frozenset("\u200d\ufe0e\ufe0f")
_STYLED_LETTERS: Final = re.compile("[\U0001d400-\U0001d7ff]")
"""Letters in bold, script and so on, that people decorate their names with."""

_BLANKS: Final = re.compile(r"\s+")
_WORD: Final = re.compile(r"[^\W\d_]+")
_MARGIN: Final = " ,;|/*~"
_FEWEST_CAPITALS: Final = 3
"""Two capitals may be initials."""


class NameFault(StrEnum):
    """What is odd about a name."""

    EMOJI = "emoji"
    LAST_FIRST = "last_first"
    TITLE = "title"
    ALL_CAPITALS = "all_capitals"


@dataclass(frozen=True, slots=True)
class NameWarning:
    """A name that nobody would write like this to a person, and the clean form, which has no fault; it may be blank."""

    faults: tuple[NameFault, ...]
    first_name: str
    last_name: str


_Name = tuple[str, str]


def check_name(first_name: str | None, last_name: str | None) -> NameWarning | None:
    """Return what is odd about a name; None where nothing is."""
    first, last = first_name or "", last_name or ""
    if _is_plain(first) and _is_plain(last):
        return None
    faults: list[NameFault] = []
    name = _tidied((first, last))
    if first.rstrip().endswith(",") and all(name) and not _is_degree(name[1]):  # `LAST, First` over both
        faults.append(NameFault.LAST_FIRST)
        name = name[::-1]
    while found := next(((fault, clean) for fault, check in _CHECKS if (clean := check(name)) != name), None):
        fault, name = found
        if fault not in faults:
            faults.append(fault)
    return NameWarning(tuple(faults), *name) if faults else None


def _is_plain(name: str) -> bool:
    """Whether a name obviously has no fault; so it is with nearly all."""
    return name.isascii() and name.isalpha() and not name.isupper()


def _tidied(name: _Name) -> _Name:
    return _tidied_part(name[0]), _tidied_part(name[1])


def _tidied_part(part: str) -> str:
    """With single blanks, and without separators around it."""
    if part.isascii() and part.replace(" ", "x").isalnum() and "  " not in part:
        return part.strip(" ")
    before = None
    while part != before:  # an invisible character may stand between two separators
        before = part
        part = trimmed(_BLANKS.sub(" ", part).strip(_MARGIN))
    return part


def _without_emoji(name: _Name) -> _Name:
    return _without_symbols(name[0]), _without_symbols(name[1])


def _without_symbols(part: str) -> str:
    if part.isascii():
        return part
    part = _STYLED_LETTERS.sub(lambda letter: normalize("NFKC", letter[0]), part)
    return _tidied_part(
        "".join(one for one in part if category(one) not in _EMOJI_CATEGORIES and one not in _EMOJI_JOINERS)
    )


def _in_order(name: _Name) -> _Name:
    """`LAST, First` in one of the names; what follows a comma may also be degrees."""
    first, last = name
    before, _, after = (first or last).partition(",")
    before, after = _tidied_part(before), _tidied_part(after)
    if not before or not after or all(map(_is_degree, re.split(r"[ ,]+", after))):
        return name
    return (after, last or before) if first else (after, before)


def _without_titles(name: _Name) -> _Name:
    first, last = name
    words = first.split(" ")
    while len(words) > 1 and _is_title(words[0]):
        words = words[1:]
    return _without_degrees(" ".join(words)), _without_degrees(last)


def _without_degrees(part: str) -> str:
    if " " not in part:
        return part
    words = part.split(" ")
    while len(words) > 1 and _is_degree(words[-1]):
        words = words[:-1]
    return _tidied_part(" ".join(words))


def _without_capitals(name: _Name) -> _Name:
    return _lowered(name[0]), _lowered(name[1])


def _lowered(part: str) -> str:
    if not part.isupper() or sum(map(str.isalpha, part)) < _FEWEST_CAPITALS:
        return part
    return _WORD.sub(lambda word: word[0][0] + word[0][1:].lower(), part)


def _is_title(word: str) -> bool:
    key = _key(word)
    if _TITLE.fullmatch(key):
        return True
    return word.endswith(".") and _ABBREVIATED_TITLE.fullmatch(key) is not None


def _is_degree(word: str) -> bool:
    return _DEGREE.fullmatch(_key(word)) is not None


def _key(word: str) -> str:
    return re.sub(r"[.,()-]", "", word).lower()


_CHECKS: Final[tuple[tuple[NameFault, Callable[[_Name], _Name]], ...]] = (
    (NameFault.EMOJI, _without_emoji),
    (NameFault.LAST_FIRST, _in_order),
    (NameFault.TITLE, _without_titles),
    (NameFault.ALL_CAPITALS, _without_capitals),
)
