"""The sentences of a draft, and the ones it is better without: those that readers refused, those that the
call to action says."""

from __future__ import annotations

from collections.abc import Sequence

from models.brief.render import join_scenes
from models.text.normalise import fold_text
from models.text.sentences import sentences_of


def asked_and_answered(description: str) -> tuple[str, ...]:
    """A description's sentences, a question with the one that answers it."""
    whole: list[str] = []
    for sentence in sentences_of(description):
        if whole and whole[-1].endswith("?"):
            whole[-1] += f" {sentence}"
        else:
            whole.append(sentence)
    return tuple(whole)


def without_unsaid(description: str, unsaid: Sequence[str], locale: str) -> str:
    """A description without the sentences that a line which readers refused is part of, or goes over; "" when
    none is left."""
    for line in unsaid:
        while (begins := description.find(line)) >= 0:
            ends, at, kept = begins + len(line), 0, []
            for sentence in sentences_of(description):
                at = description.index(sentence, at)
                if at >= ends or at + len(sentence) <= begins:
                    kept.append(sentence)
                at += len(sentence)
            description = join_scenes(kept, locale)
    return description


def without_echo(description: str, cta: str, locale: str) -> str:
    """A description without the sentence that says what the call to action says, unless it has no other."""
    sentences = sentences_of(description)
    kept = [each for each in sentences if _bare(each) != _bare(cta)]
    return join_scenes(kept, locale) if kept and len(kept) < len(sentences) else description


def _bare(text: str) -> str:
    return fold_text(text).strip(" .!?。！？")
