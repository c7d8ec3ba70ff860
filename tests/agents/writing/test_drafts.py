from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.creatives import endings, publication
from agents.creatives.plan import SlotPlan, Timing, Unfilled, Written
from agents.writing.copywriters import bar_of
from agents.writing.drafts import REPEATED, WritingOrder, fill_line, write_all
from models.brief.brief import STYLES, Brief, Copy
from models.campaigns import Template
from models.choice import drafting
from models.choice.drafting import BELOW_BAR
from models.choice.expected_clicks import ClickOpinion, DraftOpinion
from models.choice.headlines import headline_hash
from models.choice.live_bar import LIVE_BAR
from models.choice.ranking import score_copy
from models.choice.selection import BASE_RATE, Posterior
from models.click.copy_traits import traits_of
from models.click.features import Foreseen
from models.copywriter.generate import WrittenCopy
from models.evaluation.writing import samples
from models.judge.finding import Finding
from models.judge.judging import Judged
from models.review.simhash import simhash
from models.rules import load_rules
from models.text.variety import said_pairs
from streams import records as r
from streams import topics
from streams.settings import Settings
from streams.wire.codecs import WireLimits, decode
from tests.agents.creatives.generation_fixtures import NOW_MS, line, plan, request
from tests.agents.creatives.test_planning import planned, planner, vector
from tests.models.choice.test_expected_clicks import learnt

FIRST = Copy("Boots from Stridewell", "Granite trail boots for $129.", "Shop now", "Stridewell")
SECOND = Copy("New boots for you", "Footwear for long trails, made by Stridewell.", "Shop now", "Stridewell")
WARNED = Copy("Boots now", "Footwear for long trails, made by Stridewell.", "Shop now", "Stridewell")
BAD = Copy("The best boots", "Hurry.", "Shop now", "Stridewell")


@pytest.fixture(autouse=True)
def _all_would_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers would run every draft here: which of them is published is not told by what the judge learnt."""
    monkeypatch.setattr(drafting, "judge", lambda brief, copy: Judged(1.0, ()))


@dataclass(frozen=True)
class Offers:
    """A copywriter that offers the same candidates for every brief."""

    copies: tuple[Copy, ...]
    model_hash: str = "m"

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
        candidates: int = 3,
        said: Sequence[object] = (),
    ) -> list[WrittenCopy]:
        kept = [tuple(copy for copy in self.copies if accept(brief, copy)) for brief in briefs]
        return [
            WrittenCopy(each[0], 1.0, 9, "", each) if each else WrittenCopy(None, 1.0, 9, "not_accepted")
            for each in kept
        ]


def chosen(made: SlotPlan, *copies: Copy) -> Copy:
    (written,) = write_all(Offers(copies), WritingOrder([made], NOW_MS + 1_000), load_rules, lambda: NOW_MS)
    return written.copy


def test_of_equal_drafts_the_one_that_the_click_model_expects_more_of_is_published() -> None:
    asks = Copy("New boots for you?", SECOND.description, "Shop now", "Stridewell")
    seen = [Foreseen(said=traits_of(f"{word}{mark}", "", "Shop now")) for word in "abc" for mark in ("", "?")]

    def opinion(asking: float, saying: float) -> DraftOpinion:
        model = learnt(seen, lambda each: asking if each.said.asks else saying)
        return DraftOpinion(ClickOpinion(model), Foreseen(), "clicks")

    made = about("footwear")
    assert chosen(replace(made, opinion=opinion(0.4, 0.05)), SECOND, asks) == asks
    assert chosen(replace(made, opinion=opinion(0.05, 0.4)), asks, SECOND) == SECOND


def about(interest: str, recent: tuple[int, ...] = ()) -> SlotPlan:
    made = line()
    return replace(made, brief=replace(made.brief, interest=(interest,)), recent=recent)


def test_the_best_accepted_candidate_is_published_whatever_its_place() -> None:
    assert chosen(about("footwear"), BAD, FIRST, SECOND) == chosen(about("footwear"), SECOND, FIRST) == SECOND
    assert chosen(about("footwear", (simhash(SECOND),)), FIRST, SECOND) == FIRST
    assert chosen(about("footwear"), WARNED, SECOND) == SECOND


class Broken(DraftOpinion):
    """An opinion that nobody can have."""

    def factors(self, copies: Sequence[Copy]) -> NDArray[np.float64]:
        raise IndexError("list index out of range")


def test_the_judge_is_asked_only_where_it_decides_something(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Copy] = []

    def asks(_brief: Brief, copy: Copy) -> Judged:
        asked.append(copy)
        return Judged(1.0, ())

    monkeypatch.setattr(drafting, "judge", asks)
    made = line("native")
    assert chosen(made, FIRST) == FIRST and not asked, "a bar of 0 refuses none, and nothing is to be ordered"
    chosen(made, FIRST, SECOND)
    assert sorted(each.headline for each in asked) == sorted([FIRST.headline, SECOND.headline])


def test_a_line_that_cannot_be_judged_gets_its_template_and_fails_no_other() -> None:
    opinion = Broken(ClickOpinion(learnt([Foreseen()], lambda _: 0.1)), Foreseen(), "clicks")
    good, bad = about("footwear"), replace(about("hiking"), opinion=opinion)
    order = WritingOrder([bad, good], NOW_MS + 1_000)
    failed, written = write_all(Offers((SECOND,)), order, load_rules, lambda: NOW_MS)
    assert (written.source, written.copy) == ("model", SECOND)
    assert failed.source == "template" and "MODEL_FAILED" in failed.codes


def test_a_template_that_cannot_be_filled_is_left_out_and_fails_no_other() -> None:
    bad = replace(line(), brief=replace(line().brief, title=None))  # type: ignore[arg-type]
    order = WritingOrder([bad, about("footwear")], NOW_MS + 1_000)
    assert isinstance(fill_line(bad, load_rules), Unfilled)
    (written,) = write_all(Offers(()), order, load_rules, lambda: NOW_MS)
    assert written.source == "template"


def test_without_an_accepted_candidate_the_template_goes_out_unranked() -> None:
    (written,) = write_all(Offers((BAD,)), WritingOrder([line()], NOW_MS + 1_000), load_rules, lambda: NOW_MS)
    assert (written.source, written.score, written.candidates) == ("template", None, 0)
    assert "MODEL_NOT_ACCEPTED" in written.codes


def marked(monkeypatch: pytest.MonkeyPatch, of: dict[Copy, Judged]) -> None:
    monkeypatch.setattr(drafting, "judge", lambda brief, copy: of[copy])


CUT_OFF = Judged(0.0, (Finding("CUT_OFF", "headline", "for the"),))


@pytest.mark.parametrize(("says", "code"), [(CUT_OFF, "CUT_OFF"), (Judged(0.77, ()), BELOW_BAR)])
def test_a_bad_best_draft_goes_to_the_template_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, says: Judged, code: str
) -> None:
    marked(monkeypatch, {FIRST: says, SECOND: says})
    order = WritingOrder([about("footwear")], NOW_MS + 1_000)
    (written,) = write_all(Offers((FIRST, SECOND)), order, load_rules, lambda: NOW_MS, LIVE_BAR)
    assert written.source == "template"
    assert {code, "MODEL_NOT_ACCEPTED"} <= set(written.codes)
    marked(monkeypatch, {FIRST: says, SECOND: Judged(0.8, ())})
    (written,) = write_all(Offers((FIRST, SECOND)), order, load_rules, lambda: NOW_MS, LIVE_BAR)
    assert (written.source, written.copy) == ("model", SECOND), "one reaches the bar"


def test_a_worker_serves_what_reaches_the_bar_that_is_set_and_any_test_copy() -> None:
    assert bar_of(Settings()) == LIVE_BAR
    assert bar_of(Settings(live_bar=0.5)) == 0.5
    assert bar_of(Settings(copywriter="stub:5")) == 0


def test_what_is_measured_is_the_draft_that_would_be_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the first that review accepts, and none where the template would answer."""
    made = about("footwear")
    marked(monkeypatch, {FIRST: Judged(0.79, ()), SECOND: Judged(0.9, ())})
    (sample,) = samples(Offers((FIRST, SECOND)), [made.brief])
    assert sample.copy == chosen(made, FIRST, SECOND) == SECOND
    assert sample.judged == Judged(0.9, ())
    marked(monkeypatch, {FIRST: CUT_OFF})
    (sample,) = samples(Offers((FIRST,)), [made.brief])
    assert (sample.copy, sample.why_none) == (None, "not_accepted")


def test_a_filled_template_counts_for_the_arm_that_was_drawn_with_its_chance() -> None:
    written = fill_line(line(), load_rules, ["MODEL_LATE"])
    assert isinstance(written, Written) and written.source == "template"
    (made,) = publication.make_creatives(request(), plan(), [written], NOW_MS)
    assert made.experiment == r.CreativeExperiment(line().arm, line().propensity, line().policy_version)
    assert made.provenance.ai_tool is None


def test_a_headline_that_the_user_had_is_no_draft() -> None:
    had = replace(about("footwear"), headlines=frozenset({headline_hash("NEW boots: for you")}))
    assert chosen(had, FIRST, SECOND) == FIRST, "the better one was shown before"
    (written,) = write_all(Offers((SECOND,)), WritingOrder([had], NOW_MS + 1_000), load_rules, lambda: NOW_MS)
    assert written.source == "template" and REPEATED in written.codes


def test_of_drafts_that_may_be_run_the_one_comes_that_the_items_other_copy_does_not_say() -> None:
    plain = about("footwear")
    usual = chosen(plain, FIRST, SECOND)
    other = FIRST if usual == SECOND else SECOND
    told = replace(plain, said=said_pairs(usual.headline, usual.description))
    assert chosen(told, FIRST, SECOND) == other


def test_two_slots_of_a_request_get_different_headlines() -> None:
    first = about("footwear")
    second = replace(line("banner_300x250"), brief=replace(first.brief, slot="banner_300x250"))
    both = write_all(
        Offers((FIRST, SECOND)), WritingOrder([first, second], NOW_MS + 1_000), load_rules, lambda: NOW_MS
    )
    assert [each.copy for each in both] == [SECOND, FIRST]
    alone = write_all(
        Offers((SECOND,)), WritingOrder([first, second], NOW_MS + 1_000), load_rules, lambda: NOW_MS
    )
    assert [each.source for each in alone] == ["model", "template"]
    other = replace(second, brief=replace(second.brief, request_id="rq_other"))
    apart = write_all(
        Offers((SECOND,)), WritingOrder([first, other], NOW_MS + 1_000), load_rules, lambda: NOW_MS
    )
    assert [each.source for each in apart] == ["model", "model"], "another user's"


def test_the_result_says_how_the_copy_was_chosen() -> None:
    made = about("footwear")
    written = write_all(
        Offers((FIRST, SECOND)), WritingOrder([made], NOW_MS + 1_000), load_rules, lambda: NOW_MS
    )
    ending = endings.end_written(request(), plan(), written, Timing(), NOW_MS)
    (found,) = ending.scores
    expected = score_copy(SECOND, made.brief)
    assert (found.slot, found.candidates) == ("native", 2)
    assert found.total == round(expected.total, 4)
    assert found.relevance == round(expected.relevance, 4)
    sent = endings.result_output(ending, 0)
    assert decode(topics.GENERATION, sent.value, sent.key, sent.headers, NOW_MS, WireLimits()) == ending


def test_a_plan_knows_what_the_user_saw_and_what_its_arm_promises() -> None:
    asked = request(1, recent=[-5], vector=vector(1))
    (made,) = planned(asked, planner()).slots
    assert made.recent == (2**64 - 5,)
    assert made.expected_ctr == pytest.approx(BASE_RATE)
    known = {("c2", "native"): {f"{style}.t-native": Posterior(300.0, 700.0) for style in STYLES}}
    (better,) = planned(asked, planner(posteriors=known)).slots
    assert better.expected_ctr == pytest.approx(0.3, abs=0.02)


SCRIPT = Template(
    "t-video",
    "video_9x16",
    "en",
    "Meet the {noun}",
    "Rain on the roof. {noun} at the door. Out you go.",
    "Shop now",
    audit=3,
)


def test_a_videos_template_is_a_script_and_its_record_holds_the_scenes() -> None:
    base = line()
    video = replace(base, slot="video_9x16", template=SCRIPT, brief=replace(base.brief, slot="video_9x16"))
    written = fill_line(video, load_rules)
    assert isinstance(written, Written)
    assert written.copy.scenes == ("Rain on the roof.", "Boots at the door.", "Out you go.")
    (made,) = publication.make_creatives(request(), plan(), [written], NOW_MS)
    assert made.copy.scenes == list(written.copy.scenes)
    assert made.copy.description == " ".join(written.copy.scenes)
