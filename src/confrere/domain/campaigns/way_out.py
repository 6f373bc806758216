"""Stop words: whether a reply asks for no more messages, and whether a message offers to ask so.

The phrases of all languages are tried at once: nobody has to know in which one a reply is written.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final
from unicodedata import combining, normalize

LONGEST_WHOLE: Final = 300
"""Characters; a longer reply is never a stop word alone, and a person should read it."""

_APOSTROPHES: Final = re.compile("['`\u00b4\u2018\u2019\u02bc]")
_NO_WORD: Final = re.compile(r"[\W_]+")
_LETTERS: Final = str.maketrans({"\u0131": "i", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d"})
"""Letters that people write plainly, and that Unicode does not take apart."""


def is_opt_out(text: str) -> bool:
    """Whether the whole message asks for no more messages, courtesies around it aside."""
    return len(text) <= LONGEST_WHOLE and _OPT_OUT.fullmatch(_words(text)) is not None


def may_want_out(text: str) -> bool:
    """Whether the message contains a stop word, so that a person should decide; true of every `is_opt_out`."""
    return _MAY_STOP.search(f" {_words(text)} ") is not None


def stop_word_in(text: str) -> str | None:
    """Return the first stop word of the message, in plain lower-case letters; None where `may_want_out` is false."""
    found = _MAY_STOP.search(f" {_words(text)} ")
    return None if found is None else found[0].strip()


def offers_way_out(text: str) -> bool:
    """Whether a sentence of the message offers its reader to get no more of them."""
    return _WAY_OUT.search(f" {_words(text)} ") is not None


def read_stop_words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The phrases of `stop_words.toml`, by language and kind."""
    return tomllib.loads(files(__package__).joinpath("stop_words.toml").read_text("utf-8"))


def _words(text: str) -> str:
    """The words in plain lower-case letters, with one blank between them."""
    plain = normalize("NFKD", _APOSTROPHES.sub("", text.casefold()))
    plain = "".join(letter for letter in plain if not combining(letter)).casefold().translate(_LETTERS)
    return _NO_WORD.sub(" ", plain).strip()


def _phrases(*kinds: str) -> frozenset[str]:
    return frozenset(_words(phrase) for language in _LANGUAGES.values() for kind in kinds for phrase in language[kind])


def _any_of(phrases: frozenset[str]) -> str:
    """A pattern in which longer phrases come first."""
    return "|".join(map(re.escape, sorted(phrases, key=lambda phrase: (-len(phrase), phrase))))


_LANGUAGES: Final = read_stop_words()
_STOP: Final = _any_of(_phrases("stop"))
_COURTESY: Final = _any_of(_phrases("courtesy"))
_OPT_OUT: Final = re.compile(rf"(?:(?:{_COURTESY}) )*(?:{_STOP})(?: (?:{_STOP}|{_COURTESY}))*")
_MAY_STOP: Final = re.compile(f" (?:{_any_of(_phrases('stop', 'may_stop'))}) ")
_WAY_OUT: Final = re.compile(f" (?:{_any_of(_phrases('way_out'))})")
