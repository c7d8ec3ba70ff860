from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from models.brief.brief import LIMITS, STYLES, Brief, Copy, limits_of
from models.brief.render import line_entry
from models.copywriter.generate import ATTEMPTS, CANDIDATES, Copywriter, WrittenCopy
from models.copywriter.pointer_format import PLANS
from models.corpus.languages import lists_of
from models.review.judging import accepted, load_rules, review
from models.text.graphemes import shown_width
from models.text.normalise import clean
from models.text.sentences import sentences_of
from models.text.variety import new_share, said_pairs
from tests.models.copywriter.injections import INJECTIONS
from tests.models.copywriter.items import held_out_briefs, held_out_items

RULES = {market: load_rules((market,)) for market in ("US", "DE", "GB")}


def always_time() -> float:
    return 1e9


def passes(brief: Brief, copy: Copy) -> bool:
    return accepted(review(copy, brief, RULES[brief.place]))


@pytest.fixture(scope="module")
def writer() -> Copywriter:
    return Copywriter.load()


@pytest.fixture(scope="module")
def written(writer: Copywriter) -> list[tuple[Brief, WrittenCopy]]:
    briefs = held_out_briefs(2)
    return list(zip(briefs, writer.write(briefs, always_time, passes), strict=True))


def test_held_out_items_were_not_trained_on() -> None:
    known = {noun for entry in lists_of("en").domains.values() for noun in entry["nouns"]}
    assert len([noun for _, noun, _, _ in held_out_items()[:62] if noun in known]) <= 1


def test_most_briefs_end_in_copy_that_review_accepts(written: list[tuple[Brief, WrittenCopy]]) -> None:
    assert sum(draft.copy is not None for _, draft in written) >= 0.9 * len(written)


def test_nearly_all_copy_names_the_item(written: list[tuple[Brief, WrittenCopy]]) -> None:
    copies = [(brief, draft.copy) for brief, draft in written if draft.copy]
    named = [
        brief for brief, copy in copies if brief.noun.lower() in f"{copy.headline} {copy.description}".lower()
    ]
    assert len(named) >= 0.9 * len(copies)


def test_headlines_differ_and_fit(written: list[tuple[Brief, WrittenCopy]]) -> None:
    copies = [(brief, draft.copy) for brief, draft in written if draft.copy]
    assert len({copy.headline for _, copy in copies}) >= 0.5 * len(copies)
    for brief, copy in copies:
        limits = limits_of(brief.slot)
        assert shown_width(copy.headline) <= limits.headline
        assert shown_width(copy.description) <= limits.description
        assert shown_width(copy.cta) <= limits.cta


def test_first_drafts_state_no_number_or_price_that_is_not_a_fact(writer: Copywriter) -> None:
    briefs = held_out_briefs(1)
    drafts = writer.write(briefs, always_time)
    findings = [
        finding
        for brief, draft in zip(briefs, drafts, strict=True)
        if draft.copy
        for finding in review(draft.copy, brief, RULES[brief.place])
    ]
    codes = [finding.code for finding in findings]
    assert "UNSUPPORTED_NUMBER" not in codes
    assert "UNSUPPORTED_PRICE" not in codes
    assert codes.count("UNSUPPORTED_NAME") <= 0.03 * len(
        briefs
    )  # a capital in the wrong place looks like a name


def fields(drafts: list[WrittenCopy]) -> list[Copy | None]:
    return [draft.copy for draft in drafts]


def test_a_result_is_the_same_alone_in_any_batch_and_after_a_new_load(writer: Copywriter) -> None:
    briefs = held_out_briefs(1)[:21]
    together = fields(writer.write(briefs, always_time))
    assert [fields(writer.write([brief], always_time))[0] for brief in briefs] == together
    assert fields(writer.write(briefs[::-1], always_time)) == together[::-1]
    assert fields(Copywriter.load().write(briefs, always_time)) == together


def test_a_brief_that_a_step_of_its_own_raises_for_fails_alone(
    writer: Copywriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, unasked, unjudged = held_out_briefs(1)[:3]
    prompt = writer._format.prompt

    def asked(brief: Brief) -> tuple[list[int], list[int]]:
        return prompt(brief) if brief != unasked else ([0][1:], [[0][1]])

    def judged(brief: Brief, copy: Copy) -> bool:
        return passes(brief, copy) if brief != unjudged else [True][1]

    monkeypatch.setattr(writer._format, "prompt", asked)
    alone = writer.write([good], always_time, passes)
    drafts = writer.write([unasked, good, unjudged], always_time, judged)
    assert [each.why_none for each in drafts] == ["failed", "", "failed"]
    assert drafts[1].candidates == alone[0].candidates


@pytest.mark.parametrize("noun", ["-bag", "- mug", "-", "–"])
def test_a_noun_as_a_list_has_it_fails_nobody(writer: Copywriter, noun: str) -> None:
    good, other = held_out_briefs(1)[:2]
    drafts = writer.write([good, replace(other, noun=noun)], always_time, passes)
    assert drafts[0].copy is not None
    assert "failed" not in {each.why_none for each in drafts}


def test_what_other_briefs_may_point_at_changes_nothing(writer: Copywriter) -> None:
    base = replace(held_out_briefs(1)[0], title="Oak Desk Lamp", noun="lamp", price_minor=1250)
    kinds: tuple[dict[str, Any], ...] = (
        {"price_minor": None}, {"salesprice_minor": 990}, {"facts": ("Free returns within 30 days",)},
        {"brand": ""}, {"avoid": ("oak",)},
        {"ctas": ("See it",)},
    )  # fmt: skip
    briefs = [
        replace(base, request_id=f"rq_{number}", slot=slot, **kind)
        for number, kind in enumerate(kinds)
        for slot in LIMITS
    ]
    together = fields(writer.write(briefs, always_time))
    assert [fields(writer.write([brief], always_time))[0] for brief in briefs] == together


def test_another_request_slot_style_or_item_changes_the_copy(writer: Copywriter) -> None:
    base = held_out_briefs(1)[0]
    others = [replace(base, request_id=f"rq_{number}") for number in range(8)]
    assert len({draft.copy for draft in writer.write(others, always_time)}) >= 6
    styled = writer.write([replace(base, style=style) for style in STYLES], always_time)
    assert len({draft.copy.headline for draft in styled if draft.copy}) >= 5
    before = fields(writer.write(others, always_time))
    kites = writer.write(
        [replace(brief, title="Zephyr Kite", noun="kite", category="toys") for brief in others], always_time
    )
    assert sum(left != right for left, right in zip(fields(kites), before, strict=True)) >= 7


def test_calls_to_action_come_from_the_campaign_when_it_names_some(writer: Copywriter) -> None:
    ctas = ("Visit Northfold", "Get in touch")
    drafts = writer.write([replace(brief, ctas=ctas) for brief in held_out_briefs(1)[:20]], always_time)
    assert all(draft.copy.cta in ctas for draft in drafts if draft.copy)
    assert sum(draft.copy is not None for draft in drafts) >= 18


def test_a_call_to_action_with_markup_is_not_said(writer: Copywriter) -> None:
    brief = held_out_briefs(1)[0]
    marked = [
        replace(brief, request_id=f"rq_{number}", ctas=("<b>Go</b>", "www.a.de", "Go | now", "Go!"))
        for number in range(8)
    ]
    copies = [copy for draft in writer.write(marked, always_time) for copy in draft.candidates]
    assert {copy.cta for copy in copies} == {"Go!"}
    (nothing,) = writer.write([replace(brief, ctas=("<b>Go</b>",))], always_time)
    assert nothing.why_none == "no_room"


def test_an_item_whose_name_may_not_be_said_is_not_written_about(writer: Copywriter) -> None:
    brief = replace(held_out_briefs(1)[0], title="Oak Desk Lamp", noun="lamp")
    forbidden = [replace(brief, avoid=("Lamp",)), replace(brief, noun="lamp [x](y)")]
    assert [draft.why_none for draft in writer.write([brief, *forbidden], always_time)] == ["", "no_noun", ""]


def test_a_required_statement_is_in_the_copy(writer: Copywriter) -> None:
    briefs = [
        replace(brief, must_use=("Two-year warranty",), slot="native") for brief in held_out_briefs(1)[:20]
    ]
    drafts = writer.write(briefs, always_time, passes)
    copies = [draft.copy for draft in drafts if draft.copy]
    assert len(copies) >= 14
    assert all("Two-year warranty" in copy.description for copy in copies)


def test_more_candidates_begin_with_the_headline_of_the_first(writer: Copywriter) -> None:
    briefs = held_out_briefs(1)
    three, one = writer.write(briefs, always_time, passes), writer.write(briefs, always_time, passes, 1)
    both = [
        (more.copy, less.copy)
        for more, less in zip(three, one, strict=True)
        if more.copy and less.copy and less.tokens < more.tokens
    ]
    assert len(both) >= 60
    assert all(len(draft.candidates) <= PLANS for draft in one)
    assert sum(more.headline == less.headline for more, less in both) > len(both) / 2


def test_what_other_copy_for_the_item_says_is_not_said_again(writer: Copywriter) -> None:
    briefs = [brief for brief in held_out_briefs(1) if brief.slot == "native"][:12]
    first = [draft.copy for draft in writer.write(briefs, always_time, passes) if draft.copy]
    assert len(first) == len(briefs)
    said = [said_pairs(copy.headline, copy.description) for copy in first]
    known = [draft.copy for draft in writer.write(briefs, always_time, passes, said=said) if draft.copy]
    pairs = zip(known, said, strict=True)
    new = [new_share(said_pairs(copy.headline, copy.description), before) for copy, before in pairs]
    assert sum(new) / len(new) > 0.5


def countdown(calls: int) -> Callable[[], float]:
    left = iter(range(calls, -(10**6), -1))
    return lambda: float(next(left))


def test_the_deadline_ends_the_writing(writer: Copywriter) -> None:
    briefs = held_out_briefs(1)[:4]
    drafts = writer.write(briefs, countdown(6))
    assert [draft.why_none for draft in drafts] == ["deadline"] * 4
    assert all(draft.copy is None for draft in drafts)


def test_copy_that_is_never_accepted_is_given_up_after_some_attempts(writer: Copywriter) -> None:
    seen: list[Copy] = []

    def refuse(_: Brief, copy: Copy) -> bool:
        seen.append(copy)
        return False

    drafts = writer.write(held_out_briefs(1)[:6], always_time, refuse)
    assert {draft.copy for draft in drafts} == {None}
    assert {draft.why_none for draft in drafts} <= {"not_accepted", "misspelt", "unsaid", "no_token_fits"}
    assert (
        6 * CANDIDATES < len(seen) <= 6 * ATTEMPTS * CANDIDATES * PLANS
    )  # neither a misspelt draft nor the same one again is shown


def test_a_locale_or_item_it_cannot_write_for_is_refused_by_name(writer: Copywriter) -> None:
    brief = held_out_briefs(1)[0]
    drafts = writer.write(
        [replace(brief, locale="fr-FR"), replace(brief, noun="<>"), replace(brief, locale="en-GB")],
        always_time,
    )
    assert [draft.why_none for draft in drafts] == ["locale", "no_noun", ""]


def test_text_of_a_catalogue_cannot_change_protected_fields(writer: Copywriter) -> None:
    base = Brief(
        "rq_x", "c", "native", "Northfold", "", "mug", price_minor=1250, place="US", ctas=("Shop now",)
    )
    briefs = [
        replace(base, title=title, category=title, interest=(title,), request_id=f"rq_{title}", slot=slot)
        for title in INJECTIONS
        for slot in LIMITS
    ]
    for brief, draft in zip(briefs, writer.write(briefs, always_time, passes), strict=True):
        if draft.copy is None:
            continue
        whole = f"{draft.copy.headline} {draft.copy.description}"
        assert draft.copy.cta == "Shop now"
        assert draft.copy.brand == "Northfold"
        assert not [sign for sign in ("http", "<", "{", "`", "|") if sign in whole.lower()]
        of_the_title = set(clean(brief.title, 200).lower().split())
        own = " ".join(word for word in whole.lower().split() if word.rstrip(".,:!?") not in of_the_title)
        assert not [sign for sign in ("90", "free", "instructions") if sign in own], whole


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=70),
    st.text(max_size=40),
    st.text(max_size=70),
    st.lists(st.text(max_size=20), max_size=3),
    st.sampled_from(sorted(LIMITS)),
)
@example("0", "", "", ["0 "], "banner_160x600")
def test_any_text_of_others_gives_copy_within_the_limits_or_a_reason(
    writer: Copywriter, title: str, brand: str, fact: str, ctas: list[str], slot: str
) -> None:
    brief = Brief(
        "rq_h", "c", slot, brand, title, title[-20:] or "mug", title, price_minor=1250, facts=(fact,),
        claims=(brand,), avoid=(fact[:9],),
        must_use=(fact,) if len(fact) % 2 else (), ctas=tuple(ctas), interest=(brand, title), place="US",
    )  # fmt: skip
    (draft,) = writer.write([brief], always_time)
    assert bool(draft.why_none) == (draft.copy is None)
    for copy in draft.candidates:
        limits = limits_of(slot)
        assert shown_width(copy.headline) <= limits.headline
        assert shown_width(copy.description) <= limits.description
        assert copy.cta in ctas or not ctas
        assert shown_width(copy.cta) <= limits.cta
        assert shown_width(copy.brand) <= limits.brand
        assert not [sign for sign in "<>{}[]|\\`*_~^" if sign in copy.headline + copy.description]
        assert (copy.headline + copy.description).isprintable()


def test_words_of_the_row_that_the_campaign_avoids_are_not_pointed_at(writer: Copywriter) -> None:
    base = replace(held_out_briefs(1)[0], avoid=("Northfold",), facts=())
    drafts = writer.write(
        [replace(base, request_id=f"rq_{number}", style=STYLES[number % 6]) for number in range(12)],
        always_time,
    )
    copies = [copy for draft in drafts for copy in draft.candidates]
    assert len(copies) >= 20
    assert not [copy for copy in copies if "northfold" in f"{copy.headline} {copy.description}".lower()]


def test_calls_to_action_that_do_not_fit_are_left_out(writer: Copywriter) -> None:
    base = held_out_briefs(1)[0]
    drafts = writer.write(
        [
            replace(base, ctas=("Come and have a look at it", "Visit us")),
            replace(base, ctas=("Come and have a look",)),
        ],
        always_time,
    )
    assert [draft.copy.cta if draft.copy else draft.why_none for draft in drafts] == ["Visit us", "no_room"]


def test_where_a_model_is_withheld_it_writes_nothing_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(str(files("models.copywriter").joinpath("builtin")), folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "withheld": {"de": ["video"]}}))
    brief = Brief("r", "c", "video_16x9", "Marrow", "Becher aus Steingut", "Becher", locale="de-AT")
    others = replace(brief, slot="native"), replace(brief, locale="en", noun="mug", title="Stoneware Mug")
    withheld, *written = Copywriter.load(folder).write([brief, *others], always_time)
    assert withheld.why_none == "withheld" and all(draft.copy for draft in written)


def test_a_sentence_that_readers_refused_is_left_out_and_the_rest_said(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(str(files("models.copywriter").joinpath("builtin")), folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    brief = Brief("r", "c", "native", "Marrow", "Stoneware Mug", "mug")
    briefs = [replace(brief, request_id=f"r{number}") for number in range(6)]

    def drafted(unsaid: list[str]) -> list[str]:
        (folder / "manifest.json").write_text(json.dumps({**manifest, "unsaid": unsaid}))
        drafts = Copywriter.load(folder).write(briefs, always_time)
        return [copy.description for draft in drafts for copy in draft.candidates]

    whole = drafted([])
    line = next(each for text in whole for each in text.split(". ")[1:])
    refused = [each for each in whole if f". {line}" in each]
    kept = drafted([line])
    assert refused and not any(line in each for each in kept)
    assert len(kept) > 0.9 * len(whole), "a draft is lost for a sentence"


def test_a_sentence_that_is_not_of_the_book_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(str(files("models.copywriter").joinpath("builtin")), folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    lines = (folder / "lines.txt").read_text().splitlines()
    brief = Brief("r", "c", "native", "Marrow", "Stoneware Mug", "mug")
    whole = Copywriter.load(folder).write([brief], always_time)[0].candidates
    said = [each for copy in whole for each in sentences_of(copy.description)]
    inside = {each: each.replace("Marrow", "<brand>").replace("Stoneware Mug", "<title>") for each in said}
    entries = {each: line_entry(line, "en") for each, line in inside.items()}
    gone = next(each for each in said if entries[each] in lines)
    fewer = "\n".join(each for each in lines if each != entries[gone])
    (folder / "lines.txt").write_text(fewer)
    manifest["files"]["lines.txt"] = hashlib.sha256(fewer.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    kept = Copywriter.load(folder).write([brief], always_time)[0].candidates
    assert kept and not any(gone in copy.description for copy in kept)


def test_a_long_name_that_no_opening_leaves_room_for_is_the_headline_itself() -> None:
    brief = Brief(
        "r", "c", "native", "Brackenday", "Hot Air Balloon Flight over the Vale", "hot air balloon flight",
        style="scene", price_minor=14900, currency="GBP", locale="en-GB",
    )  # fmt: skip
    draft = Copywriter.load().write([brief], always_time)[0]
    headlines = {copy.headline for copy in draft.candidates}
    assert headlines == {"Hot air balloon flight"}
    short = replace(brief, noun="smart turbo trainer", title="Turbo Trainer")
    told = [copy for draft in Copywriter.load().write([short], always_time) for copy in draft.candidates]
    assert not any("£149" in copy.headline and "£149" in copy.description for copy in told)


def test_a_draft_with_a_line_that_readers_refused_is_dropped(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(str(files("models.copywriter").joinpath("builtin")), folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    brief = Brief("r", "c", "native", "Marrow", "Stoneware Mug", "mug", style="question")
    briefs = [replace(brief, request_id=f"r{number}") for number in range(4)]
    said: dict[str, set[str]] = {}
    for unsaid in ("never said", "Fancy <anoun>", "<"):
        (folder / "manifest.json").write_text(json.dumps({**manifest, "unsaid": [unsaid]}))
        drafts = Copywriter.load(folder).write(briefs, always_time)
        said[unsaid] = {copy.headline for draft in drafts for copy in draft.candidates}
    assert "Fancy a mug?" in said["never said"]
    assert said["Fancy <anoun>"] and "Fancy a mug?" not in said["Fancy <anoun>"]
    assert not said["<"] and {draft.why_none for draft in drafts} <= {"unsaid", "misspelt", "no_token_fits"}
