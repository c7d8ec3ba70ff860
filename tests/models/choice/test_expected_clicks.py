"""What the click model changes of a choice: by how much, and never the whole of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models.brief.brief import Copy
from models.choice.expected_clicks import CLICKED, ClickOpinion, DraftOpinion, lifted_scores
from models.choice.selection import (
    TEMPERATURE,
    Posterior,
    choose_arm,
    expected_rate,
    item_probabilities,
    lifted,
)
from models.click.copy_traits import traits_of
from models.click.features import Foreseen
from models.click.learner import Learning
from models.click.model import MOST_LIFT, ClickLearner, ClickModel
from models.click.quality import Quality

FAST = Learning(alpha=0.1, l2=1.0)
NAMES = ["story.t1", "offer.t1"]


def learnt(showings: list[Foreseen], rate: Callable[[Foreseen], float], bought: float = 0.2) -> ClickModel:
    """A model that has seen these showings many times, clicked at their rates."""
    rng, learner = np.random.default_rng(1), ClickLearner.fresh(FAST)
    for _ in range(4_000 // len(showings)):
        clicked = rng.random(len(showings)) < [rate(each) for each in showings]
        learner.learn(showings, clicked, clicked & (rng.random(len(showings)) < bought))
    nothing = Quality(0, 0)
    return ClickModel(
        1, FAST, learner.click.weights, learner.conversion.weights, learner.exposures, learner.clicks,
        nothing, nothing,
    )  # fmt: skip


def liked(showing: Foreseen) -> float:
    return 0.3 if showing.code in showing.interest else 0.05


LAMP, SOFA = Foreseen(campaign_id="c1", code="lamps"), Foreseen(campaign_id="c1", code="sofas")


def of(user: str, showing: Foreseen) -> Foreseen:
    return Foreseen(campaign_id=showing.campaign_id, code=showing.code, interest=(user,))


def test_items_are_ranked_by_who_likes_what() -> None:
    everyone = [of(user, item) for user in ("lamps", "sofas") for item in (LAMP, SOFA)]
    opinion = ClickOpinion(learnt(everyone, liked))
    for user, best in (("lamps", 0), ("sofas", 1)):
        factors = opinion.factors([of(user, LAMP), of(user, SOFA)], "clicks")
        assert int(np.argmax(factors)) == best and factors.max() > 1.4
        chances = item_probabilities(lifted_scores(np.array([0.5, 0.5]), factors))
        weights = factors ** (CLICKED / TEMPERATURE)
        assert chances[best] == pytest.approx(0.98 * weights[best] / weights.sum() + 0.01)


def test_nearness_is_outweighed_by_no_more_than_the_bound() -> None:
    far = lifted_scores(np.array([0.9, 0.1]), np.array([1 / MOST_LIFT, MOST_LIFT]))
    assert np.argmax(far) == 0


def test_a_goal_of_conversions_counts_what_follows_the_click() -> None:
    buying, looking = Foreseen(campaign_id="c1", item_id="buy"), Foreseen(campaign_id="c1", item_id="look")
    rng, learner = np.random.default_rng(2), ClickLearner.fresh(FAST)
    for _ in range(3_000):
        clicked = rng.random(2) < [0.1, 0.2]
        learner.learn([buying, looking], clicked, clicked & (rng.random(2) < [0.8, 0.05]))
    nothing = Quality(0, 0)
    opinion = ClickOpinion(
        ClickModel(1, FAST, learner.click.weights, learner.conversion.weights, 6_000, 900, nothing, nothing)
    )
    assert np.argmax(opinion.factors([buying, looking], "clicks")) == 1
    assert np.argmax(opinion.factors([buying, looking], "conversions")) == 0
    assert opinion.factors([buying, looking], "awareness").tolist() == [1, 1], "who clicks saw no more"


def test_a_cold_arm_starts_where_the_model_expects_it() -> None:
    start = Posterior(1.0, 99.0)
    assert expected_rate(Posterior(), lifted(start, 2.0)) == pytest.approx(0.02)
    assert expected_rate(Posterior(), lifted(start, 1_000.0)) == pytest.approx(0.505)
    assert lifted(start, 1.0) == start


def test_a_cold_arm_is_drawn_by_the_models_opinion_until_its_own_clicks_say_otherwise() -> None:
    def share(known: dict[str, Posterior], factors: tuple[float, ...]) -> float:
        drawn = [choose_arm(known, NAMES, n, "c|s", 0.02, factors).index for n in range(400)]
        return sum(index == 0 for index in drawn) / len(drawn)

    assert share({}, ()) == pytest.approx(0.5, abs=0.1)
    assert share({}, (2.0, 0.5)) > 0.8
    settled = {"story.t1": Posterior(20, 1_980), "offer.t1": Posterior(60, 1_940)}
    assert share(settled, (4.0, 0.25)) < 0.1


def test_the_policys_version_tells_the_opinion() -> None:
    plain = choose_arm({}, NAMES, 1, "c|s", 0.02)
    told = [choose_arm({}, NAMES, n, "c|s", 0.02, (2.0, 0.5)).policy_version for n in range(3)]
    assert len(set(told)) == 1 and told[0] != plain.policy_version


def test_arms_of_a_style_that_earns_more_elsewhere_start_higher() -> None:
    seen = [Foreseen(campaign_id=f"c{n}", slot="native", style=style, template_id=f"t{n}")
            for n in range(5) for style in ("story", "offer")]  # fmt: skip
    opinion = ClickOpinion(learnt(seen, lambda each: 0.3 if each.style == "story" else 0.05))
    factors = opinion.arm_factors("new", "native", (("story", "t9"), ("offer", "t9")), "clicks")
    assert factors[0] > 1.4 > 0.8 > factors[1]
    assert opinion.arm_factors("new", "native", (("story", "t9"), ("offer", "t9")), "clicks") is factors


def test_drafts_differ_by_their_words() -> None:
    asks, says = Copy("A lamp?", "For you.", "Shop now"), Copy("A lamp", "For you.", "Shop now")
    seen = [
        Foreseen(campaign_id="c1", slot="native", said=traits_of(f"{word}{mark}", "For you.", "Shop now"))
        for word in ("Sofas", "Rugs", "Beds") for mark in ("", "?")
    ]  # fmt: skip
    model = learnt(seen, lambda each: 0.3 if each.said.asks else 0.05)
    factors = DraftOpinion(ClickOpinion(model), Foreseen(campaign_id="c1", slot="native"), "clicks").factors(
        [asks, says]
    )
    assert factors[0] > 1.3 > 0.8 > factors[1]


def at_hour(showing: Foreseen, hour: int) -> Foreseen:
    return replace(showing, hour=hour)


def on_device(showing: Foreseen, device: int) -> Foreseen:
    return replace(showing, device=device)


@pytest.mark.parametrize(("there", "lamps", "sofas"), [(at_hour, 23, 11), (on_device, 4, 2)])
def test_hour_and_device_steer_which_item_is_offered(
    there: Callable[[Foreseen, int], Foreseen], lamps: int, sofas: int
) -> None:
    """Lamps are clicked on at night and on phones, sofas by day and on computers."""
    fitting = {there(LAMP, lamps), there(SOFA, sofas)}
    seen = [there(item, value) for value in (lamps, sofas) for item in (LAMP, SOFA)]
    opinion = ClickOpinion(learnt(seen, lambda each: 0.3 if each in fitting else 0.05))
    for value, best in ((lamps, 0), (sofas, 1)):
        factors = opinion.factors([there(LAMP, value), there(SOFA, value)], "clicks")
        chances = item_probabilities(lifted_scores(np.array([0.5, 0.5]), factors))
        assert chances[best] > 0.8
