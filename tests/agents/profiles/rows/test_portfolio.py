"""Headlines in row r: none of a model's comes to the same user twice within the window."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.creatives import publication
from agents.profiles.requests import MAX_BYTES, fitted_request
from agents.profiles.rows import portfolio
from agents.profiles.rows.portfolio import Portfolio
from agents.writing.drafts import WritingOrder, write_all
from models.brief.brief import Brief, Copy
from models.choice.headlines import HEADLINES_KEPT, headline_hash, unpacked_hashes
from models.copywriter.generate import WrittenCopy
from models.earned.exposures import CAPPED
from models.rules import load_rules
from streams import records as r
from streams.wire.codecs import encode
from tests.agents.creatives.generation_fixtures import BOOT, CAMPAIGN, NOW_MS, request
from tests.agents.creatives.test_planning import planned, vector

DAY_MS = 86_400_000
WINDOW_MS = 30 * DAY_MS
NOUNS = ("Boots", "New boots", "boots!", "Your boots", "Boots, boots", "More boots", "BOOTS now")


class Fickle:
    """Offers headlines by number, the same ones again and again."""

    model_hash = "m"

    def __init__(self, offers: Sequence[int]) -> None:
        self.offers = offers

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
        candidates: int = 3,
        said: Sequence[object] = (),
    ) -> list[WrittenCopy]:
        copies = [Copy(NOUNS[n], "Granite trail boots.", "Shop now", CAMPAIGN.brand) for n in self.offers]
        kept = [tuple(copy for copy in copies if accept(brief, copy)) for brief in briefs]
        return [
            WrittenCopy(each[0], 1, 9, "", each) if each else WrittenCopy(None, 1, 9, "not_accepted")
            for each in kept
        ]


def published(held: Portfolio, n: int, offers: Sequence[int], now_ms: int) -> list[r.Creative]:
    """One request with what row r says, answered; its creatives are taken into the row."""
    asked = request(
        n,
        vector=vector(0),
        context=r.RequestContext(slots=["native", "banner_300x250"]),
        headlines=portfolio.headlines_had(held, now_ms, WINDOW_MS),
    )
    plan = planned(asked)
    written = write_all(Fickle(offers), WritingOrder(plan.slots, now_ms + 1_000), load_rules, lambda: now_ms)
    made = publication.make_creatives(asked, plan, written, now_ms)
    for each in made:
        portfolio.hold(held, each, f"u:u1|c1|{each.slot}")
        portfolio.remember_headline(held, each, WINDOW_MS)
    return made


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, len(NOUNS) - 1), min_size=1, max_size=3), st.integers(0, 12 * DAY_MS)
        ),
        min_size=2,
        max_size=20,
    )
)
def test_no_headline_of_a_model_comes_to_a_user_twice_within_the_window(
    life: list[tuple[list[int], int]],
) -> None:
    held, now_ms, shown = Portfolio(), NOW_MS, list[tuple[int, int]]()
    for n, (offers, pause_ms) in enumerate(life):
        now_ms += pause_ms
        for each in published(held, n, offers, now_ms):
            if each.provenance.ai_tool is not None:
                new = headline_hash(each.copy.headline)
                assert all(new != old or now_ms - at >= WINDOW_MS for old, at in shown)
                shown.append((new, now_ms))


def creative(headline: str, created: int = NOW_MS, by_model: bool = True) -> r.Creative:
    (made,) = published(Portfolio(), 1, [0], NOW_MS)[:1]
    tool = r.Provenance("x", ai_tool=r.AiTool("copy-lm")) if by_model else r.Provenance("human_edits")
    copy = msgspec.structs.replace(made.copy, headline=headline)
    return msgspec.structs.replace(made, copy=copy, created=created, provenance=tool)


def test_a_headline_may_come_again_when_its_window_is_over_and_at_once_without_one() -> None:
    held = Portfolio()
    portfolio.remember_headline(held, creative("Boots"), WINDOW_MS)
    had = portfolio.headlines_had(held, NOW_MS + WINDOW_MS - 60_000, WINDOW_MS)
    assert unpacked_hashes(had) == {headline_hash("Boots")}
    assert portfolio.headlines_had(held, NOW_MS + WINDOW_MS + 60_000, WINDOW_MS) == ""
    assert portfolio.headlines_had(held, NOW_MS, 0) == ""


def test_what_a_person_wrote_is_not_remembered() -> None:
    held = Portfolio()
    assert not portfolio.remember_headline(held, creative("Boots", by_model=False), WINDOW_MS)
    assert held.headlines == []


def test_the_oldest_are_forgotten_when_there_is_no_room_and_that_is_told() -> None:
    held = Portfolio()
    early = [
        portfolio.remember_headline(held, creative(f"Boots {n}", NOW_MS + n * 60_000), WINDOW_MS)
        for n in range(HEADLINES_KEPT + 2)
    ]
    assert early == [False] * HEADLINES_KEPT + [True] * 2
    assert len(held.headlines) == HEADLINES_KEPT
    assert held.headlines[-1][0] == headline_hash(f"Boots {HEADLINES_KEPT + 1}")
    late = creative("Boots much later", NOW_MS + WINDOW_MS + DAY_MS)
    assert not portfolio.remember_headline(held, late, WINDOW_MS), "the others had their time"
    assert len(held.headlines) == 1


def test_a_request_with_all_headlines_stays_small_and_keeps_them() -> None:
    held = Portfolio()
    for n in range(HEADLINES_KEPT):
        portfolio.remember_headline(held, creative(f"Boots {n}"), WINDOW_MS)
    headlines = portfolio.headlines_had(held, NOW_MS, WINDOW_MS)
    past = r.PastCreative("c" * 60, BOOT.item_id, "native", r.CopyText("h" * 60, "d" * 200, "c" * 30))
    live = [r.LiveCreative("k" * 120, "cr_" + "0" * 16, "c" * 60, "native", 1, NOW_MS)] * 6
    asked = request(headlines=headlines, regime=[past] * 3, live=live, vector=vector(0))
    value = fitted_request(asked)
    assert len(value) <= MAX_BYTES
    assert len(unpacked_hashes(msgspec.json.decode(value)["headlines"])) == HEADLINES_KEPT


def test_a_request_that_is_made_short_keeps_what_decides_whether_an_ad_may_be_shown() -> None:
    caps = {f"campaign-{n:02d}-of-the-autumn-of-2026": 3 for n in range(CAPPED)}
    live = [r.LiveCreative("k" * 120, "cr_" + "0" * 16, "c" * 60, "native", 1, NOW_MS)] * 6
    context = r.RequestContext(12, 3, 4, "DEU", ["banner_300x250", "banner_728x90"], "de")
    headlines = base64.b64encode(bytes(8 * HEADLINES_KEPT)).decode()
    wanted = [f"item-{n:036d}" for n in range(6)]
    lists: dict[str, Any] = {
        "live": live * 2,
        "caps": caps,
        "wanted": wanted,
        "recent": [2**63 - n for n in range(8)],
    }
    asked = request(headlines=headlines, context=context, vector=vector(0), **lists)
    value = fitted_request(asked)
    fitted = msgspec.json.decode(value, type=r.CreativeRequest)
    assert len(value) <= MAX_BYTES < len(encode(asked))
    assert (fitted.caps, fitted.headlines) == (caps, headlines)
    assert (fitted.context.slots, fitted.context.locale) == (context.slots, "de")
