"""Rule packs per market: what copy may not say, why, and how a finding is treated."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

from models.rules.telling_words import Needs, may_say, telling_keys
from models.text.normalise import fold_text

Severity = Literal["block", "rewrite", "warn"]
Source = Literal["brief", "template", "title", "title words", "text", "row", "statement", "number"]
SOURCES: Final[frozenset[Source]] = frozenset(get_args(Source))
COPY_FIELDS = ("headline", "description", "cta")


class RulesError(ValueError):
    """A rule pack that cannot be read: names the pack, the rule and what is wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One reason to object. `supported`: where the same words may stand to be allowed, () = nothing allows
    them: the brief's own statements, the wording of an approved template, the row's title said as it stands
    or any word of it, the row's text, any word that names the thing, a statement about the same thing, the
    same number however it is written. `unless`: phrases in which its words mean something else.
    `languages`: copy it reads, () = all. `blame`: a word that innocent sentences use as well counts only in
    one whose meaning is blamed at least so much. `needs` and `loose` tell before a search that there is
    nothing to find."""

    code: str
    severity: Severity
    supported: frozenset[Source]
    citation: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    fields: tuple[str, ...] = COPY_FIELDS
    terms: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    blame: float = 0.0
    needs: Needs = ((),)
    loose: re.Pattern[str] | None = None

    def reads(self, language: str) -> bool:
        """Whether the rule looks at copy in `language`."""
        return not self.languages or language in self.languages

    def may_match(self, folded: str, keys: frozenset[str]) -> bool:
        """False only where it objects to nothing in a folded text of these keys: cheaper than a search."""
        return may_say(self.needs, keys) or (self.loose is not None and self.loose.search(folded) is not None)

    def matches(self, folded: str) -> Iterator[re.Match[str]]:
        """Where it objects to a folded text, before any source is asked."""
        spared = [each.span() for each in self.unless.finditer(folded)] if self.unless else []
        for match in self.pattern.finditer(folded):
            if not any(start <= match.start() and match.end() <= end for start, end in spared):
                yield match


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """All rules in force for some markets; `version` names the packs, for provenance."""

    markets: tuple[str, ...]
    version: str
    rules: tuple[Rule, ...]

    @property
    def languages(self) -> frozenset[str]:
        """Languages that rules are written for; copy in another passes whatever it says."""
        return frozenset(language for rule in self.rules for language in rule.languages)


def _term(term: str, substrings: bool) -> str:
    """A term as an expression over folded text; `*` at its start or end stands for the rest of a word.

    Spaces inside a term also match as hyphens or double spaces, and characters of a script without spaces may
    be set apart, so that a trick of spacing does not hide it.
    """
    if substrings:
        return r"\s*".join(re.escape(char) for char in term)
    return re.escape(term).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+")


def _any_of(terms: Sequence[str], substrings: bool) -> str:
    """One of the terms, longest first, as whole words unless `substrings`."""
    folded = sorted((fold_text(term) for term in terms), key=len, reverse=True)
    words = "|".join(_term(term, substrings) for term in folded)
    return f"(?:{words})" if substrings else rf"(?<!\w)(?:{words})(?!\w)"


def _sentence(lists: Sequence[Sequence[str]], substrings: bool) -> str:
    """A sentence that says a word of each list, in any order."""
    inside = "[^.!?。！？]"
    said = "".join(rf"(?={inside}*?{_any_of(each, substrings)})" for each in lists)
    return rf"(?:^|(?<=[.!?。！？])){said}{inside}+"


def _pattern(raw: Mapping[str, Any], words: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    """Terms, patterns and `words` that stand together in a sentence, as one expression over folded text."""
    substrings = bool(raw.get("substrings"))
    parts = [_any_of(raw["terms"], substrings)] if raw.get("terms") else []
    parts += (_sentence([words[name] for name in names], substrings) for names in raw.get("together", ()))
    return re.compile("|".join(f"(?:{part})" for part in (*parts, *raw.get("patterns", ()))), re.MULTILINE)


def _needs(raw: Mapping[str, Any], words: Mapping[str, Sequence[str]]) -> Needs:
    substrings = bool(raw.get("substrings"))
    terms = [telling_keys(raw["terms"], substrings)] if raw.get("terms") else []
    together = (
        tuple(each for name in names for each in telling_keys(words[name], substrings))
        for names in raw.get("together", ())
    )
    return (*terms, *together)


def _loose(raw: Mapping[str, Any]) -> re.Pattern[str] | None:
    patterns = raw.get("patterns")
    return re.compile("|".join(f"(?:{each})" for each in patterns), re.MULTILINE) if patterns else None


def _unless(raw: Mapping[str, Any]) -> re.Pattern[str] | None:
    phrases = raw.get("unless")
    return re.compile(_any_of(phrases, bool(raw.get("substrings")))) if phrases else None


def _rule(pack: Mapping[str, Any], raw: Mapping[str, Any]) -> Rule:
    name, code = pack["pack"], raw.get("code", "?")
    supported = raw.get("supported")
    if raw.get("severity") not in ("block", "rewrite", "warn") or not _are_sources(supported):
        raise RulesError(
            f"rule pack {name}: rule {code}: severity must be block|rewrite|warn and supported a list of "
            f"{', '.join(sorted(SOURCES))}"
        )
    if not any(raw.get(kind) for kind in ("terms", "patterns", "together")):
        raise RulesError(f"rule pack {name}: rule {code}: needs terms, patterns or together")
    words = pack.get("words", {})
    if unknown := {each for names in raw.get("together", ()) for each in names if each not in words}:
        raise RulesError(f"rule pack {name}: rule {code}: no list of words is called {sorted(unknown)[0]}")
    fields = tuple(raw.get("fields", COPY_FIELDS))
    return Rule(
        code,
        raw["severity"],
        frozenset(raw["supported"]),
        raw.get("citation", ""),
        _pattern(raw, words),
        _unless(raw),
        fields,
        tuple(raw.get("terms", ())),
        tuple(raw.get("languages", pack.get("languages", ()))),
        raw.get("blame", 0.0),
        _needs(raw, words),
        _loose(raw),
    )


def _are_sources(supported: object) -> bool:
    return isinstance(supported, list) and SOURCES.issuperset(supported)


def parse_packs(texts: Sequence[str], markets: tuple[str, ...]) -> Rules:
    """Rules of those packs (TOML texts) that hold in any of `markets` (ISO countries of two letters). Raises
    RulesError."""
    rules: list[Rule] = []
    names: list[str] = []
    for text in texts:
        raw = tomllib.loads(text)
        if not {"*", *(market.upper() for market in markets)}.isdisjoint(raw["markets"]):
            names.append(f"{raw['pack']}.{raw['version']}")
            rules += [_rule(raw, rule) for rule in raw["rule"]]
    return Rules(markets, "+".join(names), tuple(rules))


@lru_cache(maxsize=256)
def load_rules(markets: tuple[str, ...] = ()) -> Rules:
    """The project's rule packs for the countries an ad may be shown in; () = those of every market alone."""
    packs = sorted(
        (entry for entry in files(__name__).iterdir() if entry.name.endswith(".toml")),
        key=lambda entry: entry.name,
    )
    return parse_packs([pack.read_text(encoding="utf-8") for pack in packs], markets)
