"""What kind of item copy is about, by what lines may be said of it: readers take a line for one kind and
refuse it for another."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final

from models.brief.brief import Brief, language_of
from models.brief.render import line_entry
from models.brief.slots import grammatical_number, shown_noun
from models.copywriter.fit.number import may_be_mass
from models.copywriter.fit.services import is_doing, is_service

_NUMBERS: Final = {"sg": "one", "pl": "many", "mass": "mass"}
_REFUSED: Final = {
    language: {kind: frozenset(line_entry(each, language) for each in lines) for kind, lines in table.items()}
    for language, table in tomllib.loads(
        (files("models.copywriter.fit") / "refused.toml").read_text("utf-8")
    ).items()
}
"""Language -> kind -> lines in pointers that readers refused of items of that kind."""


@lru_cache(maxsize=4096)
def kinds_of(brief: Brief) -> frozenset[str]:
    """service and doing (one that is named by what is done), else thing; in English one, many or mass, too:
    one and mass where nobody can tell."""
    kinds = {"service"} if is_service(brief) else {"thing"}
    if is_doing(brief):
        kinds.add("doing")
    if language_of(brief.locale) == "en":
        kinds.add(_NUMBERS[grammatical_number(shown_noun(brief))])
        if may_be_mass(brief):
            kinds.add("mass")
    return frozenset(kinds)


def is_refused(line: str, brief: Brief) -> bool:
    """Whether readers refused a line of items like this one."""
    language = language_of(brief.locale)
    table, entry = _REFUSED.get(language, {}), line_entry(line, language)
    return any(entry in table.get(kind, ()) for kind in kinds_of(brief))
