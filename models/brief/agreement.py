"""English pronouns that stand for the thing that is advertised, and its number."""

from __future__ import annotations

import re
from typing import Final

from models.brief.slots import grammatical_number

_DONE: Final = (
    "get|buy|order|see|find|try|want|choose|meet|shop|(?:have a |take a )?look at|look for|"
    "ask [^.!?]{1,30} about|sells?|has|have"
)
_SEVERAL: Final = re.compile(rf"(?:^|[.!?:] )(?:they cost\b|(?:{_DONE}) them\b)")
_ONE: Final = re.compile(rf"(?:^|[.!?:] )(?:it costs\b|(?:{_DONE}) it\b(?! (?:like|as|in|for yourself)\b))")
_WRONG_FOR: Final = {"sg": _SEVERAL, "mass": _SEVERAL, "pl": _ONE}


def disagreeing_pronoun(folded: str, noun: str) -> str:
    """The words with which a sentence of folded English copy takes a thing for several or several for one
    ("it costs" of shoes), "" = none, or nobody can tell."""
    match = _WRONG_FOR[grammatical_number(noun)].search(folded) if noun else None
    return match.group().strip(" .!?:") if match else ""
