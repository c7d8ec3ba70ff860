from __future__ import annotations

from models.brief.render import lexicon_entries, line_entry
from models.corpus.examples import corpus_examples
from models.corpus.languages import LANGUAGES
from models.corpus.lexicon import known_lines, lexicon


def test_every_word_of_the_corpus_is_listed() -> None:
    known = set(lexicon(LANGUAGES))
    said = {
        entry
        for example in corpus_examples(2000, 21)
        for field in example.fields
        for entry in lexicon_entries(field, example.brief.locale)
    }
    assert said <= known


def test_each_form_of_a_line_is_listed_and_no_pattern() -> None:
    known = set(lexicon(("en",)))
    assert {"en:it", "en:them", "en:costs", "en:cost"} <= known
    assert not [entry for entry in known if "~" in entry or "{" in entry]
    lines = set(known_lines(("en",)))
    assert {"en.sg:It costs<price>.", "en.pl:They cost<price>.", "en:Questions? Just ask."} <= lines
    assert not [line for line in lines if "~" in line or "[" in line]


def test_every_headline_of_an_example_is_listed() -> None:
    lines = {entry.partition(":")[2] for entry in known_lines(LANGUAGES)}
    said = {
        line_entry(each.headline, each.brief.locale).partition(":")[2] for each in corpus_examples(500, 22)
    }
    assert said <= lines
