"""Where copy of a model must be told as such, by which rule and in which words. An unknown market asks for it
too: who shows the creative knows better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.brief.brief import language_of

_MEMBERS: Final = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
_EU: Final = frozenset(_MEMBERS.split())
AI_ACT: Final = "eu_ai_act_article_50"
"""Regulation (EU) 2024/1689, Art. 50(2): synthetic text is marked."""
CHINA: Final = "cn_ai_content_labelling_measures_2025"
"""Measures for labelling AI-generated content, with GB 45438-2025: a visible label."""
_LABELS: Final = {
    "bg": "Създадено с ИИ", "cs": "Vytvořeno pomocí AI", "da": "AI-genereret", "de": "KI-generiert",
    "el": "Δημιουργήθηκε με ΤΝ", "es": "Generado con IA", "et": "Loodud tehisaruga", "fi": "Tekoälyn luoma",
    "fr": "Généré par IA", "ga": "Ginte le hintleacht shaorga", "hr": "Generirano pomoću UI-ja",
    "hu": "MI-vel készült", "it": "Generato con IA", "lt": "Sukurta naudojant DI", "lv": "Radīts ar MI",
    "mt": "Iġġenerat bl-IA", "nl": "Gegenereerd met AI", "pl": "Wygenerowane przez AI", "pt": "Gerado por IA",
    "ro": "Generat cu IA",
    "sk": "Vytvorené pomocou AI", "sl": "Ustvarjeno z UI", "sv": "AI-genererat", "zh": "AI生成",
}  # fmt: skip
"""By language: those that the Union's laws are written in, and Chinese."""
_LABEL: Final = "AI-generated"


@dataclass(frozen=True, slots=True)
class LabelDuty:
    """One country that asks for a label, its rule and the words for a reader of the copy."""

    country: str
    regulation: str
    label: str


def label_in(locale: str) -> str:
    """The words for a reader of the copy."""
    return _LABELS.get(language_of(locale), _LABEL)


def label_duties(markets: Sequence[str], locale: str) -> list[LabelDuty]:
    """The duties of the markets (ISO countries of two letters) in which a model's copy may be shown."""
    label = label_in(locale)
    rules = {country: AI_ACT for country in markets if country in _EU}
    rules |= {country: CHINA for country in markets if country == "CN"}
    return [LabelDuty(country, rule, label) for country, rule in rules.items()]


def must_be_disclosed(markets: Sequence[str], locale: str) -> bool:
    """Whether a model's copy carries a label: where a market asks for it, and where no market is known."""
    return not markets or bool(label_duties(markets, locale))
