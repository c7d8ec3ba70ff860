"""When the watch over the inputs alarms, and what it has a person type."""

from __future__ import annotations

import numpy as np
import pytest

from models.inputs.counts import QUALITY, SCORES, inputs_of
from models.inputs.reference import InputReference, reference_of
from models.inputs.verdict import (
    BOUNDS,
    CODES_MOST,
    LEAST_BLOCKS,
    LEAST_POSITIVES,
    SCORES_MOST,
    InputState,
    judged,
)
from models.inputs.window import Seen
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import CODES, empty_profiles
from models.interest.threshold.calibration import Log, positives
from models.interest.update import update_profiles
from models.world.interests import Shift, draw_population, zipf
from tests.models.streams_of_events import small_catalog

KNOBS = DetectorSettings(threshold=8.0)
USUAL = zipf(20, 0.7)
WELL = {
    "events": 10_000, "duplicate": 20, "late": 10, "bot": 100, "with_item": 2_000, "no_item": 100,
    "unknown_item": 40, "no_price": 30,
}  # fmt: skip


def spread(
    seed: int, users: int, shift: Shift = Shift.NONE, popularity: np.ndarray = USUAL
) -> InputReference:
    """What a population of the simulated world makes of the detector."""
    people = draw_population(np.random.default_rng(seed), users, shift, popularity)
    log = Log(people.user, people.session, people.category, people.ts)
    return reference_of(log, small_catalog(), KNOBS)


REFERENCE = spread(1, 400)


def state(
    now: InputReference,
    counts: dict[str, int] = WELL,
    before: InputReference | None = REFERENCE,
    blocks: int = LEAST_BLOCKS,
) -> InputState:
    quality = np.array([counts[name] for name in QUALITY], np.int64)
    codes, scores = (np.array(each, np.int64) for each in now)
    return judged(Seen(quality, codes, scores, blocks), before)


NOTHING = InputReference((0,) * CODES, (0,) * SCORES)


def test_the_same_people_again_alarm_nobody_also_where_they_are_few() -> None:
    for seed, users in ((2, 400), (3, 60)):
        found = state(spread(seed, users))
        assert found.alarms == () and set(found.drift) == {"codes", "scores"}
        assert set(found.shares) == set(BOUNDS)


def test_who_buys_at_prices_as_before_alarms_nobody() -> None:
    """What prices do to the scores is in the calibration's, too."""
    people = draw_population(np.random.default_rng(6), 400, Shift.NONE, USUAL)
    prices = np.random.default_rng(7).normal(size=len(people.user)).astype(np.float32)
    log = Log(people.user, people.session, people.category, people.ts, prices)
    live = positives(people.user, people.category, people.ts, prices)
    catalog, rows = small_catalog(), empty_profiles(int(people.user.max()) + 1)
    update_profiles(rows, live, catalog, KNOBS)
    codes, scores = np.split(inputs_of(live, rows, catalog)[len(QUALITY) :], [CODES])
    now = InputReference(tuple(codes.tolist()), tuple(scores.tolist()))
    assert state(now, before=reference_of(log, catalog, KNOBS)).alarms == ()
    assert state(now, before=reference_of(log._replace(price_z=None), catalog, KNOBS)).alarms != ()


def test_other_interests_ask_for_a_refit_and_then_a_calibration() -> None:
    (alarm,) = state(spread(4, 400, popularity=np.roll(USUAL, 7))).alarms
    assert alarm.what == "codes" and alarm.repair.startswith("`shiftcast index --refit`")
    assert "`shiftcast calibrate --target 5 --publish`" in alarm.repair


def test_other_scores_of_the_same_interests_ask_for_a_calibration() -> None:
    found = state(spread(5, 400, Shift.ABRUPT))
    assert found.drift["codes"] < CODES_MOST and found.drift["scores"] > SCORES_MOST
    (alarm,) = found.alarms
    assert (alarm.what, alarm.repair) == ("scores", "`shiftcast calibrate --target 5 --publish`")


def test_nothing_is_said_of_drift_without_a_calibration_or_on_few_positives() -> None:
    assert state(spread(4, 400), before=None).drift == {}
    few = InputReference(
        (LEAST_POSITIVES - 1,) + (0,) * (CODES - 1), (LEAST_POSITIVES - 1,) + (0,) * (SCORES - 1)
    )
    assert state(few).drift == {}


def test_nothing_is_said_of_drift_before_another_part_of_the_day_was_seen() -> None:
    found = state(spread(5, 400, Shift.ABRUPT), blocks=LEAST_BLOCKS - 1)
    assert found.drift == {} and found.alarms == ()


@pytest.mark.parametrize("what", BOUNDS)
def test_each_share_alarms_beyond_its_bound_alone(what: str) -> None:
    bound = BOUNDS[what]
    of = WELL[bound.of] - sum(WELL[name] for name in bound.less)
    at = int(bound.most * of)
    assert state(NOTHING, WELL | {what: at}).alarms == ()
    (alarm,) = state(NOTHING, WELL | {what: at + 1 + of // 50}).alarms
    assert alarm.what == what and alarm.text.partition("%")[0].isdigit() and alarm.repair == bound.repair


def test_a_catalogue_without_prices_misses_none_and_few_events_say_nothing() -> None:
    known = WELL["with_item"] - WELL["no_item"] - WELL["unknown_item"]
    assert state(NOTHING, WELL | {"no_price": known}).alarms == ()
    assert state(NOTHING, {name: count // 100 for name, count in WELL.items()}).shares == {}
