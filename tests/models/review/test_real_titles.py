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

from models.brief.brief import Brief
from models.review.judging import review
from models.review.template import fill_template
from models.rules import load_rules

NAMED = os.environ.get("SHIFTCAST_DATA")
DATA = Path(NAMED) if NAMED else Path(__file__).parents[4] / "shared" / "data"
HEADLINE, DESCRIPTION, CTA = "{title}", "{title}. {price}.", "Shop now"


def titles() -> Iterator[str]:
    products = yaml.safe_load((DATA / "retail-demo-store" / "products.yaml").read_text(encoding="utf-8"))
    yield from islice(dict.fromkeys(each["name"] for each in products), 1_000)
    with gzip.open(DATA / "online-retail" / "2010-12.csv.gz", "rt", encoding="latin1") as lines:
        sold = (row["Description"].strip() for row in csv.DictReader(lines) if float(row["UnitPrice"]) > 0)
        yield from islice(dict.fromkeys(title for title in sold if title), 1_000)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}; SHIFTCAST_DATA names the folder")
def test_two_thousand_real_titles_pass_but_those_that_claim_something() -> None:
    rules = load_rules()
    blocked = {}
    for title in titles():
        brief = Brief("r", "c", "native", "", title, "", price_minor=1299, currency="GBP")
        filled = fill_template(HEADLINE, DESCRIPTION, CTA, brief)
        findings = review(filled, brief, rules, approved=f"{HEADLINE} \n {DESCRIPTION} \n {CTA}")
        if codes := [each.code for each in findings if each.severity == "block"]:
            blocked[title] = codes
    print(blocked)
    assert len(blocked) <= 4, blocked
