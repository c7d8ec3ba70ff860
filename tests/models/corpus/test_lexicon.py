from __future__ import annotations

from models.brief.render import lexicon_entries
from models.corpus.examples import examples
from models.corpus.languages import LANGUAGES
from models.corpus.lexicon import lexicon


def test_every_word_of_the_corpus_is_listed() -> None:
    known = set(lexicon(LANGUAGES))
    said = {
        entry
        for example in examples(2000, 21)
        for field in example.fields
        for entry in lexicon_entries(field, example.brief.locale)
    }
    assert said <= known


def test_british_and_american_spellings_are_both_listed_and_joined_ones_are_not() -> None:
    known = set(lexicon(("en",)))
    assert {"en:favorite", "en:favourite"} <= known
    assert not [entry for entry in known if "~" in entry or "{" in entry]
