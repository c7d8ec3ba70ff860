"""Rule packs per market: what copy may not say, why, and how a finding is treated."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from models.text.normalise import fold_text

Severity = Literal["block", "rewrite", "warn"]
Supported = Literal["claims", "row", "never"]
COPY_FIELDS = ("headline", "description", "cta")


class RulesError(ValueError):
    """A rule pack that cannot be read: names the pack, the rule and what is wrong."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to object. `supported`: where the same words must stand for them to be allowed; `languages`:
    copy it reads, () = all."""

    code: str
    severity: Severity
    supported: Supported
    citation: str
    pattern: re.Pattern[str]
    fields: tuple[str, ...] = COPY_FIELDS
    terms: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def reads(self, language: str) -> bool:
        """Whether the rule looks at copy in `language`."""
        return not self.languages or language in self.languages


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules in force for one market; `version` names the packs, for provenance."""

    market: str
    version: str
    rules: tuple[Rule, ...]


def _pattern(raw: Mapping[str, Any]) -> re.Pattern[str]:
    """All terms (longest first, whole words unless `substrings`) and patterns as one expression over folded
    text."""
    left, right = ("", "") if raw.get("substrings") else (r"(?<!\w)", r"(?!\w)")
    terms = sorted((fold_text(term) for term in raw.get("terms", ())), key=len, reverse=True)
    # Spaces inside a term also match as hyphens or double spaces, and characters of a script without spaces
    # may be set apart,
    # so that a trick of spacing does not hide it.
    if raw.get("substrings"):
        words = "|".join(r"\s*".join(re.escape(char) for char in term) for term in terms)
    else:
        words = "|".join(re.escape(term).replace(r"\ ", r"[\s-]+") for term in terms)
    parts = [f"{left}(?:{words}){right}"] if words else []
    return re.compile(
        "|".join([*parts, *(f"(?:{pattern})" for pattern in raw.get("patterns", ()))]), re.MULTILINE
    )


def _rule(pack: str, languages: Sequence[str], raw: Mapping[str, Any]) -> Rule:
    code = raw.get("code", "?")
    if raw.get("severity") not in ("block", "rewrite", "warn") or raw.get("supported") not in (
        "claims",
        "row",
        "never",
    ):
        raise RulesError(
            f"rule pack {pack}: rule {code}: severity must be block|rewrite|warn and supported "
            "claims|row|never"
        )
    if not raw.get("terms") and not raw.get("patterns"):
        raise RulesError(f"rule pack {pack}: rule {code}: needs terms or patterns")
    fields = tuple(raw.get("fields", COPY_FIELDS))
    return Rule(
        code,
        raw["severity"],
        raw["supported"],
        raw.get("citation", ""),
        _pattern(raw),
        fields,
        tuple(raw.get("terms", ())),
        tuple(raw.get("languages", languages)),
    )


def parse_packs(texts: Sequence[str], market: str) -> Rules:
    """Rules of those packs (TOML texts) that hold in `market` (ISO country, "" = unknown). Raises
    RulesError."""
    rules: list[Rule] = []
    names: list[str] = []
    for text in texts:
        raw = tomllib.loads(text)
        if "*" in raw["markets"] or market.upper() in raw["markets"]:
            names.append(f"{raw['pack']}.{raw['version']}")
            rules += [_rule(raw["pack"], raw.get("languages", ()), rule) for rule in raw["rule"]]
    return Rules(market.upper(), "+".join(names), tuple(rules))


def load_rules(market: str = "") -> Rules:
    """The project's rule packs for a market (ISO country code; unknown = the base pack alone)."""
    packs = sorted(
        (entry for entry in files(__name__).iterdir() if entry.name.endswith(".toml")),
        key=lambda entry: entry.name,
    )
    return parse_packs([pack.read_text(encoding="utf-8") for pack in packs], market)
