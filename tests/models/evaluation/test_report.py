"""The whole report and its page: groups add up, references are said to be missing, markup of others stays
text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from models.brief.brief import Brief, Copy
from models.evaluation.briefs import own_briefs
from models.evaluation.page import page
from models.evaluation.reaction import reaction_shares
from models.evaluation.references import COUNT, overlap, references
from models.evaluation.report import evaluate
from models.review.judging import review
from models.rules import load_rules
from tests.models.evaluation.writers import Says, plain

pytestmark = pytest.mark.usefixtures("no_bar")

BRIEFS = [own_briefs([language])[number] for language in ("en", "de", "zh") for number in (0, 1, 4)]
STRANGE = replace(
    BRIEFS[0], request_id="rq_x", title="Vorlitz Grumpex", noun="grumpex", category="", locale="en-GB"
)
LAMP = Brief(
    "rq_1",
    "c",
    "native",
    "Northfold",
    "Brass Lamp",
    "lamp",
    price_minor=1_250,
    facts=("Free returns",),
    must_use=("Two-year warranty",),
)


def test_groups_hold_every_brief_once_and_add_up() -> None:
    report = evaluate(Says(plain), BRIEFS, 2)
    assert len(report.samples) == 2 * len(BRIEFS)
    for group in report.groups.values():
        assert sum(figures["briefs"] for figures in group.values()) == len(BRIEFS)
        assert sum(figures["copies"] for figures in group.values()) == report.figures["copies"]
    assert set(report.groups["locale"]) == {"en-US", "de-DE", "zh-CN"}
    assert report.as_dict()["by"] == report.groups


def test_without_the_packages_of_overlaps_these_figures_are_none_and_all_others_stay() -> None:
    whole, without = (evaluate(Says(plain), BRIEFS, 2, overlaps=each).figures for each in (True, False))
    left_out = {name for name in whole if without[name] is None and whole[name] is not None}
    assert left_out == {"self_bleu", "bleu", "chrf", "rouge_1", "rouge_l"}
    assert {name: whole[name] for name in whole if name not in {*left_out, "references"}} == {
        name: without[name] for name in without if name not in {*left_out, "references"}
    }


NOTHING = {"item_changes": None, "interest_changes": None, "text_told": None}


def test_copy_that_follows_the_text_of_its_row_says_what_only_that_has() -> None:
    rows = [
        replace(LAMP, title=f"Brass {noun}", noun=noun, interest=(noun,), text=text, must_use=())
        for noun, text in (
            ("lamp", "Sewn in Porto."),
            ("mug", "Waxed by hand."),
            ("tray", "Lined with felt."),
        )
    ]

    def say(brief: Brief) -> Copy:
        return Copy(f"The {brief.noun}", f"It is a {brief.noun}. {brief.text}", "See it")

    assert reaction_shares(Says(say), rows)["text_told"] == 1.0
    silent = Copy("Home again", "A {}.", "Open")
    quiet = Says(lambda brief: replace(silent, description=f"It is a {brief.noun}."))
    assert reaction_shares(quiet, rows)["text_told"] == 0.0


def test_copy_that_follows_the_item_alone_is_told_from_copy_that_follows_the_interest_too() -> None:
    assert reaction_shares(Says(plain), BRIEFS) == {
        "item_changes": 1.0,
        "interest_changes": 0.0,
        "text_told": None,
    }

    def say(brief: Brief) -> Copy:
        return replace(
            plain(brief), description=f"The {brief.noun}, if you like {brief.interest[0].lower()}."
        )

    assert reaction_shares(Says(say), BRIEFS)["interest_changes"] == 1.0
    assert reaction_shares(Says(lambda brief: None), BRIEFS) == NOTHING
    assert reaction_shares(Says(plain), BRIEFS[:1]) == NOTHING


def test_findings_of_drafts_are_told_apart() -> None:
    def say(brief: Brief) -> Copy:
        return replace(plain(brief), description=f"Guaranteed best {brief.noun} for 7 people!!!")

    figures = evaluate(Says(say), BRIEFS[:1], 1).figures
    assert figures["template_share"] == 1.0
    assert figures["findings"]["UNSUPPORTED_NUMBER"] == 1
    form = ("UNSUPPORTED_NUMBER", "UNSUPPORTED_NAME")
    assert (
        figures["policy_violations"]
        == sum(count for code, count in figures["findings"].items() if code not in form)
        > 0
    )
    assert figures["why_none"] == {"not_accepted": 1}


def test_facts_that_are_stated_are_a_share_of_those_given() -> None:
    def say(description: str) -> float:
        covered = evaluate(
            Says(lambda brief: Copy("A lamp", description, "Shop now", brief.brand)), [LAMP], 1
        ).figures["facts_covered"]
        assert isinstance(covered, float)
        return covered

    assert say("Two-year warranty. The lamp is here.") == pytest.approx(1 / 3, abs=1e-4)
    assert say("Two-year warranty. Free returns. A lamp, $12.50.") == 1.0


def test_references_are_reviewed_examples_and_missing_where_nothing_is_known() -> None:
    known = [brief for brief in BRIEFS if references(brief)]
    assert {brief.locale for brief in known} == {"en-US", "de-DE", "zh-CN"}
    for brief in known:
        examples = references(brief)
        assert examples == references(brief)
        assert len(examples) <= COUNT
        for example in examples:
            assert not re.search(r"[<>{}]", f"{example.headline}{example.description}{example.cta}")
            blocked = [
                each.code
                for each in review(example, brief, load_rules(brief.markets))
                if each.severity == "block"
            ]
            assert blocked == [], (example, blocked)
    assert references(replace(known[0], tone="energetic"))  # a campaign's own word for a tone
    assert references(STRANGE) == []
    assert references(replace(BRIEFS[0], locale="fr-FR")) == []
    figures = evaluate(Says(plain), [STRANGE], 1).figures
    assert (figures["references"], figures["bleu"], figures["rouge_l"]) == (0, None, None)


def test_overlap_is_full_for_a_reference_itself_and_low_for_a_stranger() -> None:
    a, b = (
        Copy("A lamp for slow evenings", "Brass and quiet light at home.", "Go"),
        Copy("三餐四季", "铜火锅，一起慢慢煮。", "看看"),
    )
    other = Copy("Nothing alike", "Words that differ entirely from those before.", "Go")
    same = overlap([a, b], [[a, other], [b, other]])
    assert same["bleu"] == pytest.approx(100, abs=0.01)
    assert same["rouge_l"] == same["rouge_1"] == 1.0
    apart = overlap([other, other], [[a, a], [b, b]])
    assert apart["bleu"] < 5
    assert apart["rouge_1"] < 0.2
    assert apart["chrf"] < same["chrf"]


def test_the_page_shows_both_sides_and_runs_no_markup_of_others() -> None:
    nasty = replace(BRIEFS[0], title="<script>alert(1)</script>", noun="mug")
    briefs = [nasty, *BRIEFS[1:]]
    silent = evaluate(Says(lambda brief: None), briefs, 2)
    html = page([("old", evaluate(Says(plain), briefs, 2)), ("new & better", silent)])
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html
    assert html.count("<section>") == len(briefs)
    assert html.count("template: no_noun") == len(briefs)
    assert "new &amp; better" in html
    assert not re.search(r"""(?:src|href)=|https?://""", html), "the page needs nothing else"
    assert "$" not in re.sub(r"\$\d", "", html.partition("<script>")[0]), "every place is filled"


def test_a_page_of_one_model_has_one_column() -> None:
    assert "repeat(1," in page([("only", evaluate(Says(plain), BRIEFS[:2], 1))])
