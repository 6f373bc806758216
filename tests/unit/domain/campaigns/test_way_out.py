"""Stop words in replies, and the way out that a message offers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.campaigns.way_out import (
    LONGEST_WHOLE,
    is_opt_out,
    may_want_out,
    offers_way_out,
    read_stop_words,
    stop_word_in,
)

WORDS = read_stop_words()
KINDS = ("stop", "may_stop", "courtesy", "way_out")
stop_phrases = st.sampled_from([phrase for language in WORDS.values() for phrase in language["stop"]])
courtesies = st.lists(
    st.sampled_from([word for language in WORDS.values() for word in language["courtesy"]]), max_size=2
)


def test_twelve_languages_have_every_kind_of_phrase() -> None:
    """The data file has twelve languages, each with phrases of every kind and none of them twice."""
    assert len(WORDS) == 12
    for language in WORDS.values():
        assert set(language) == set(KINDS)
        for phrases in language.values():
            assert phrases
            assert len(set(phrases)) == len(phrases)


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "Stop!",
        "unsubscribe",
        "No, thanks.",
        "no thanks 🙏",
        "Hi, no thank you",
        "Thanks but no thanks",
        "Stop. Stop!",
        "Please don\u2019t contact me again",
        "Nein, danke",
        "Désabonnez-moi, s'il vous plaît !",
        "No me interesa, gracias",
        "Não, obrigada",
        "Non mi interessa, grazie",
        "Nee, dank je",
        "Nej tack!",
        "Ikke interesseret, tak",
        "Nie, dziękuję",
        "İLGİLENMİYORUM",
        "Hay\u0131r, teşekkürler",
        "Нет, спасибо",
        "СТОП",
    ],
)
def test_a_stop_word_alone_opts_out(text: str) -> None:
    """A message that is nothing but a stop word, with courtesies, in any of the languages, opts its sender out."""
    assert is_opt_out(text)
    assert may_want_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "I could not stop reading it",
        "Stop by our office on Monday",
        "Please take me off your list, I asked you twice before",
        "We are not interested in selling, but let us talk",
        "Woher haben Sie meine Daten?",
        "Это интересно, но не пишите мне",
    ],
)
def test_a_stop_word_in_a_longer_message_is_for_a_person_to_judge(text: str) -> None:
    """A message that holds a stop word among others is marked and opts nobody out."""
    assert not is_opt_out(text)
    assert may_want_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "👍",
        "Yes, gladly",
        "No",
        "Thanks!",
        "please",
        "Unstoppable work",
        "Nonstop from Oslo",
        "Danke, gerne",
        "Да, давайте",
    ],
)
def test_other_replies_are_no_opt_out(text: str) -> None:
    """A reply without a stop word, also a plain no or a word that a stop word is part of, is not marked."""
    assert not is_opt_out(text)
    assert not may_want_out(text)


@given(stop_phrases, courtesies, courtesies, st.sampled_from([" ", ", ", "! ", "\n", " 🙏 "]), st.booleans())
def test_every_stop_word_is_found_however_it_is_written(
    phrase: str, before: list[str], after: list[str], between: str, upper: bool
) -> None:
    """Every stop word opts out in any case, between courtesies and with any punctuation."""
    text = between.join([*before, phrase, *after]) + "."
    assert is_opt_out(text.upper() if upper else text)


@given(st.text(max_size=400))
def test_any_text_is_judged(text: str) -> None:
    """Any text is judged without an error, and every opt-out is also marked for a person."""
    assert may_want_out(text) or not is_opt_out(text)


def test_a_long_message_opts_nobody_out() -> None:
    """A message that repeats a stop word beyond all measure is read by a person."""
    assert is_opt_out("stop " * (LONGEST_WHOLE // 5))
    assert not is_opt_out("stop " * LONGEST_WHOLE)


@pytest.mark.parametrize(
    "text",
    [
        "If you\u2019d rather not hear from me, just say so.",
        "Kein Interesse? Schreiben Sie STOPP.",
        "Si vous ne souhaitez pas échanger, pas de souci.",
        "Si no te interesa, no te escribiré más.",
        "Svara STOPP så hör jag inte av mig igen.",
        "Если вам не интересно, просто скажите.",
    ],
)
def test_a_way_out_is_found(text: str) -> None:
    """A sentence that offers to end the contact is found in the languages of the data file."""
    assert offers_way_out(f"Hi Anna,\n\nI saw your talk on bees. {text}\n\nSam")


@pytest.mark.parametrize(
    "text", ["", "Hi Anna, let us talk on Monday.", "Ich freue mich auf Ihre Antwort.", "Let me know what you think!"]
)
def test_a_message_without_a_way_out_has_none(text: str) -> None:
    """A message that offers no way out is not taken for one that does."""
    assert not offers_way_out(text)


def test_the_first_stop_word_is_named() -> None:
    """In plain letters, as it was found; None exactly where the message has none."""
    assert stop_word_in("Hello. Where did you GET my name? Remove me!") == "where did you get"
    assert stop_word_in("Désabonnez-moi !") == "desabonnez moi"
    assert stop_word_in("Gladly, on Thursday") is None
