"""The titles of two real shops in the default creative of a plain template: innocent words pass."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
import yaml

from models.brief.brief import Brief, Copy
from models.review.judging import review
from models.review.template import fill_template
from models.rules import load_rules

NAMED = os.environ.get("SHIFTCAST_DATA")
DATA = Path(NAMED) if NAMED else Path(__file__).parents[4] / "shared" / "data"
SAID_NAMES = (
    "P.F. Candle Co. Candle|L.O.L. Surprise Doll|D.A.R.E. T-Shirt|Node.js T-Shirt|Booking.com Gift Card"
    "|Amazon.de Gutschein|Ancestry.com Kit|A.P.C. Jeans|S.T. Dupont Pen|G.I. Joe Figure|E.L.F. Primer"
    "|F.R.I.E.N.D.S Mug|Vue.js Sticker|will.i.am Speaker|Xbox One S|J.R.R. Tolkien Box Set|R.E.M. Vinyl"
    "|M·A·C Lipstick|S.H.I.E.L.D. Mug|Ke$ha Vinyl|P!nk Poster|Blink-182 Shirt|T.M. Lewin Shirt"
)
HEADLINE, DESCRIPTION, CTA = "{title}", "{title}. {price}.", "Shop now"


def titles() -> Iterator[str]:
    products = yaml.safe_load((DATA / "retail-demo-store" / "products.yaml").read_text(encoding="utf-8"))
    yield from islice(dict.fromkeys(each["name"] for each in products), 1_000)
    with gzip.open(DATA / "online-retail" / "2010-12.csv.gz", "rt", encoding="latin1") as lines:
        sold = (row["Description"].strip() for row in csv.DictReader(lines) if float(row["UnitPrice"]) > 0)
        yield from islice(dict.fromkeys(title for title in sold if title), 1_000)


def found(title: str, description: str, locale: str = "en", copy: Copy | None = None) -> list[str]:
    """Codes of what blocks a title in a plain template, or `copy` about it."""
    brief = Brief("r", "c", "native", "", title, "", price_minor=1299, currency="GBP", locale=locale)
    filled = copy or fill_template(HEADLINE, description, CTA, brief)
    approved = "" if copy else f"{HEADLINE} \n {description} \n {CTA}"
    findings = review(filled, brief, load_rules(), approved=approved)
    return [each.code for each in findings if each.severity == "block"]


@pytest.mark.parametrize("title", SAID_NAMES.split("|"))
def test_names_with_dots_and_domains_may_be_said_as_the_row_has_them(title: str) -> None:
    for description in (HEADLINE, DESCRIPTION, "{title}. See it today."):
        for locale in ("en", "de"):
            assert not found(title, description, locale), (description, locale)


@pytest.mark.parametrize(
    ("title", "said", "code"),
    [
        ("L.O.L. Surprise Doll", "L.O.L. Surprise Doll with f.r.e.e shipping.", "OFFER"),
        ("Booking.com Gift Card", "The gift card. Go and visit booking.com today.", "CONTACT"),
        ("Booking.com Gift Card", "Booking.com Gift Card, or airbnb.com at home.", "CONTACT"),
        ("Node.js T-Shirt", "Node.js T-Shirt: the b.e.s.t of all shirts.", "SUPERLATIVE"),
        ("Mug", "A mug that c.u.r.e.s your cold.", "HEALTH_CLAIM"),
        ("Relaxing Tea", "Relaxing Tea g.u.a.r.a.n.t.e.e.d to double your money.", "GUARANTEE"),
    ],
)
def test_what_a_writer_hides_beside_such_a_name_is_read(title: str, said: str, code: str) -> None:
    assert code in found(title, "", copy=Copy(title, said, CTA))


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}; SHIFTCAST_DATA names the folder")
def test_two_thousand_real_titles_pass_but_those_that_claim_something() -> None:
    blocked = {title: codes for title in titles() if (codes := found(title, DESCRIPTION))}
    print(blocked)
    assert len(blocked) <= 4, blocked
