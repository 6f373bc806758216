"""Names that nobody would write like this, and their clean form."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from confrere.domain.campaigns.name_check import NameFault, NameWarning, check_name

EMOJI, ORDER, TITLE, CAPITALS = NameFault.EMOJI, NameFault.LAST_FIRST, NameFault.TITLE, NameFault.ALL_CAPITALS

pieces = st.sampled_from(
    ["Dr.", "Anna", "SMITH", ",", " ", ", ", "PhD", "\U0001f31f", "\u200b", "O'NEIL", "|", "ing.", "x", "\U0001d4d0"]
)
names = st.lists(pieces, max_size=7).map("".join) | st.text(max_size=12)


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        (("SMITH, Anna", ""), NameWarning((ORDER, CAPITALS), "Anna", "Smith")),
        (("Smith, Anna", "Smith"), NameWarning((ORDER,), "Anna", "Smith")),
        (("", "Smith, Anna"), NameWarning((ORDER,), "Anna", "Smith")),
        (("Smith,", "Anna"), NameWarning((ORDER,), "Anna", "Smith")),
        (("ANNA", "SMITH"), NameWarning((CAPITALS,), "Anna", "Smith")),
        (("Anna", "SMITH-O'NEIL"), NameWarning((CAPITALS,), "Anna", "Smith-O'Neil")),
        (("ÉLODIE", "Öz"), NameWarning((CAPITALS,), "Élodie", "Öz")),
        (("Anna \U0001f680", "Smith"), NameWarning((EMOJI,), "Anna", "Smith")),
        (("\U0001f469\U0001f3fd\u200d\U0001f52c Anna", "Smith\u2122"), NameWarning((EMOJI,), "Anna", "Smith")),
        (("\U0001d4d0\U0001d4f7\U0001d4f7\U0001d4ea", "Smith"), NameWarning((EMOJI,), "Anna", "Smith")),
        (("Dr. Anna", "Smith"), NameWarning((TITLE,), "Anna", "Smith")),
        (("Prof. Dr. Anna", "Smith"), NameWarning((TITLE,), "Anna", "Smith")),
        (("Dipl.-Ing. Anna", "Smith"), NameWarning((TITLE,), "Anna", "Smith")),
        (("Anna", "Smith, Ph.D., MBA"), NameWarning((TITLE,), "Anna", "Smith")),
        (("Anna, PMP", "Smith"), NameWarning((TITLE,), "Anna", "Smith")),
        (("\U0001f680", "Smith"), NameWarning((EMOJI,), "", "Smith")),
    ],
)
def test_an_odd_name_gets_a_clean_form(name: tuple[str, str], warning: NameWarning) -> None:
    """Each fault of a name is named, and the clean form is how a person would write it."""
    assert check_name(*name) == warning


@pytest.mark.parametrize(
    "name",
    [
        (None, None),
        ("Anna", "Smith"),
        ("Anna Maria", "van der Berg"),
        ("AJ", "Smith"),
        ("Dr", "Ma"),
        ("Mag", "Ba"),
        ("Anna", "Smith Jr."),
        ("  Anna ", "Smith"),
        ("Анна", "Иванова"),
        ("安娜", "王"),
        ("Seán", "Ó Briain"),
        ("Jean-Luc", "d'Arc"),
    ],
)
def test_ordinary_names_are_left_alone(name: tuple[str | None, str | None]) -> None:
    """Ordinary names of any script, initials and particles give no warning."""
    assert check_name(*name) is None


@given(names, names)
@example("a,b,c", "d,")
@example("SMITH,", "PhD, x")
def test_a_proposed_name_has_no_fault(first: str, last: str) -> None:
    """Whatever a name is, its clean form gives no warning."""
    if warning := check_name(first, last):
        assert warning.faults
        assert check_name(warning.first_name, warning.last_name) is None
