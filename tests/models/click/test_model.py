"""The two rates learnt together: clicks of all showings, conversions of those that were clicked."""

from __future__ import annotations

import numpy as np
import pytest

from models.click.features import Foreseen
from models.click.learner import Learning
from models.click.model import MOST_LIFT, ClickLearner, lifts


def world(n: int) -> tuple[list[Foreseen], np.ndarray, np.ndarray]:
    """Lovers of lamps click on lamps; on telephones they buy less."""
    rng = np.random.default_rng(5)
    codes, liked = rng.choice(["lamps", "sofas"], n), rng.choice(["lamps", "sofas"], n)
    devices = rng.choice([2, 4], n)
    showings = [
        Foreseen(campaign_id="c", code=str(code), interest=(str(like),), device=int(device))
        for code, like, device in zip(codes, liked, devices, strict=True)
    ]
    clicked = rng.random(n) < np.where(codes == liked, 0.3, 0.05)
    converted = clicked & (rng.random(n) < np.where(devices == 2, 0.4, 0.1))
    return showings, clicked, converted


def test_it_learns_who_likes_what_and_who_buys() -> None:
    learner = ClickLearner.fresh(Learning(alpha=0.1, l2=1.0))
    showings, clicked, converted = world(20_000)
    learner.learn(showings, clicked, converted)
    assert learner.exposures == 20_000 and learner.clicks == clicked.sum()
    assert learner.conversion.recent.quality().showings == clicked.sum()
    quality = learner.click.recent.quality()
    assert quality.log_loss is not None and quality.base_log_loss is not None
    assert quality.log_loss < 0.95 * quality.base_log_loss
    assert quality.calibration == pytest.approx(1, abs=0.05)
    bought = learner.conversion.recent.quality()
    assert bought.auc is not None and bought.auc > 0.6


def test_a_lift_is_relative_and_bounded() -> None:
    made = lifts(np.array([0.01, 0.02, 0.04]))
    np.testing.assert_allclose(made, [0.5, 1.0, 2.0])
    np.testing.assert_allclose(lifts(np.array([0.1, 0.2, 0.4])), made)  # the level says nothing
    assert lifts(np.array([1e-6, 0.9])).tolist() == [1 / MOST_LIFT, MOST_LIFT]
