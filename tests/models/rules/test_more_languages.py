"""What may not be said in languages that nothing is learnt from, and what may."""

from __future__ import annotations

import pytest

from models.brief.brief import Brief, Copy
from models.campaigns import Campaign, Template
from models.mistakes.wording import wording_mistakes
from models.review.judging import review
from models.rules import load_rules

FORBIDDEN = {
    "fr": "Guérit le cancer.|Gains garantis : doublez votre argent.|Réservé aux blancs.|Livraison gratuite",
    "es": "Cura el cáncer.|Ganancias garantizadas: duplica tu dinero.|Solo para blancos.|Envío gratis",
    "it": "Guarisce il cancro.|Guadagni garantiti ogni mese.|Solo per bianchi.|Spedizione gratuita",
    "pt": "Cura o câncer.|Lucro garantido, dobre seu dinheiro.|Só para brancos.|Frete grátis",
    "nl": "Geneest kanker.|Gegarandeerde winst, verdubbel je geld.|Geen buitenlanders.|Gratis verzending",
    "pl": "Leczy raka.|Gwarantowany zysk co miesiąc.|Tylko dla białych.|Darmowa dostawa",
    "tr": "Kanseri iyileştirir.|Garantili kazanç, kolay para.|Sadece beyazlar için.|Ücretsiz kargo",
    "ar": "يشفي من السرطان|أرباح مضمونة كل شهر|للبيض فقط|توصيل مجاني",
}
INNOCENT = {
    "fr": "Une lampe en laiton pour lire le soir.|Chaussures blanches et noires, deux tailles.",
    "es": "Una lámpara de latón para leer.|Zapatillas blancas y negras hechas con cuidado.",
    "it": "Una lampada in ottone fatta con cura la sera.|Scarpe bianche e nere per ogni giorno.",
    "pt": "Um abajur de latão para ler à noite.|Tênis brancos e pretos, feitos à mão.",
    "nl": "Een messing lamp om bij te lezen.|Witte en zwarte schoenen voor elke dag.",
    "pl": "Mosiężna lampa do czytania.|Białe i czarne buty na co dzień.",
    "tr": "Akşam okumak için pirinç bir lamba.|Beyaz ve siyah ayakkabılar.",
    "ar": "مصباح نحاسي للقراءة في المساء|حذاء أبيض وأسود لكل يوم",
}
CODES = ("HEALTH_CLAIM", "CERTAIN_PROFIT", "DISCRIMINATION", "OFFER")


def codes(text: str, language: str, *facts: str) -> set[str]:
    brief = Brief("r", "c", "native", "", "", "", locale=language, facts=facts)
    found = review(Copy("x", text, ""), brief, load_rules())
    return {each.code for each in found if each.severity == "block"} & set(CODES)


@pytest.mark.parametrize("language", FORBIDDEN)
def test_effects_profit_exclusion_and_offers_are_blocked(language: str) -> None:
    for text, code in zip(FORBIDDEN[language].split("|"), CODES, strict=True):
        assert code in codes(text, language), text


@pytest.mark.parametrize("language", INNOCENT)
def test_innocent_sentences_pass(language: str) -> None:
    assert {text: codes(text, language) for text in INNOCENT[language].split("|")} == {
        text: set() for text in INNOCENT[language].split("|")
    }


def test_an_offer_that_the_brief_makes_may_be_made() -> None:
    assert not codes("Livraison gratuite", "fr", "Livraison gratuite dès 50 €")


@pytest.mark.parametrize(("locale", "told"), [("ja", True), ("sv-SE", True), ("fr-FR", False), ("en", False)])
def test_a_language_that_no_pack_reads_is_told_once(locale: str, told: bool) -> None:
    templates = tuple(Template(f"t{at}", "native", locale, "{title}", "{noun}", "OK", 3) for at in (0, 1))
    found = wording_mistakes(Campaign("c", 1, "active", "A", "A", templates=templates))
    where = [each.where for each in found if "no rule pack reads" in each.what]
    assert where == ["templates[0].locale"] * told
