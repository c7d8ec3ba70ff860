"""Where a text may end early without saying something else."""

from __future__ import annotations

import re
from typing import Final

from models.text.graphemes import cut, shown_width

_TURNING: Final = (
    "not no non never without except unless only less until nicht kein keine keinen ohne nie nur außer bis "
    "sans pas non jamais sauf sin no nunca solo excepto senza mai zonder geen niet"
)
_TURNS: Final = frozenset(_TURNING.split())
"""Words that turn what follows: cut off behind one, or a little later, a phrase says the opposite."""
_FREE: Final = "free frei freie freier freies libre gratis gratuit kostenlos"
_TURNS_BEFORE: Final = frozenset(_FREE.split())
"""Words that turn what stands before ("sugar free") or promise something by themselves."""
_LEADING: Final = (
    "a an the and or of for to in on at by with from into as per plus up than under over very "
    "der die das ein eine einen und oder von für mit im in am an auf aus zu zum zur bei als pro unter über "
    "le la les un une et ou de du des pour avec en à au aux par sur el los las y o con para por del al "
    "il lo gli e di da su per che het een en of van voor met op "
    "inkl incl inc exkl excl zzgl av till med och för på til og z na do dla ve için для с на и в"
)
_LEADS: Final = frozenset(_LEADING.split())
"""Words behind which something must follow."""
_FIGURE: Final = re.compile(r"[\W\d_]*\d[\W\d_]*|[^\w\s]+")
"""A figure alone, with what belongs to it or not, or signs alone."""
_LOOSE: Final = " ,;:-–(&/+"


def whole_phrase(text: str, limit: int) -> str:
    """The longest beginning of `text` within `limit` that says nothing else than the whole does: it ends
    neither behind a word that leads on nor behind a figure, and before whatever is turned around. '' where
    nothing is left."""
    if shown_width(text) <= limit:
        return text
    words = cut(text, limit).split()
    for at, word in enumerate(words):
        if _bare(word) in _TURNS:
            words = words[:at]
            break
        if _bare(word) in _TURNS_BEFORE or word.casefold().endswith(("-free", "-frei")):
            words = words[: max(at - 1, 0)]
            break
    while words and (_bare(words[-1]) in _LEADS or _FIGURE.fullmatch(words[-1])):
        words.pop()
    return " ".join(words).rstrip(_LOOSE)


def leads_on(word: str) -> bool:
    """Whether a phrase may not begin with a word once what stood before it is gone."""
    return _bare(word) in _LEADS | _TURNS | _TURNS_BEFORE or bool(_FIGURE.fullmatch(word))


def _bare(word: str) -> str:
    """Without signs and capitals; a capital alone stays one, as in "vitamin E"."""
    bare = word.strip(".,;:!?()")
    return bare if len(bare) == 1 else bare.casefold()
