"""Preference training in short form on simulated readers; nothing here is about real ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.brief.brief import Copy
from models.copywriter.registry import builtin_folder
from models.preference.from_log import FromLog, learn_from_log
from models.preference.tastes import TRAITS, TraitWeights, contexts, measure, simulated_log, weighed_traits_of
from models.recipes.verdict import sampling_error
from models.training.loop import TrainingPlan
from models.training.tuned import load_checkpoint
from models.training.unpack import unpack

SAMPLES = 16


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(builtin_folder(), tmp_path_factory.mktemp("builtin"))


def test_traits_are_read_from_copy_and_brief() -> None:
    brief = replace(contexts(1, 3)[0], brand="Northfold", noun="lamp")
    seen = dict(
        zip(
            TRAITS,
            weighed_traits_of(Copy("Need a lamp?", "By Northfold! Yours for $9.", "Buy", "Northfold"), brief),
            strict=True,
        )
    )
    assert set(TRAITS) == {name for name, value in seen.items() if value}
    assert not weighed_traits_of(
        Copy("Hello", "Made for slow mornings and for long walks by the lake with friends", "Buy"), brief
    ).any()


def test_a_taste_makes_what_it_likes_likelier_to_be_clicked() -> None:
    brief = contexts(1, 3)[0]
    taste = TraitWeights(np.array([2.0, 0, 0, 0, 0, 0, 0]))
    assert taste.click_rate(Copy("A lamp?", "Here it is.", "Buy"), brief) > taste.click_rate(
        Copy("A lamp", "Here it is.", "Buy"), brief
    )


def test_training_on_a_log_raises_the_simulated_click_rate_and_breaks_no_more_rules(source: Path) -> None:
    torch.set_num_threads(1)
    checkpoint, taste = load_checkpoint(source), TraitWeights(np.array([2.0, 0, 0, 0, 0, 0, -2.0]))
    network, form = checkpoint.network, checkpoint.form
    unseen, logged = contexts(16, 5), contexts(14, 6)
    before = measure(network, form, unseen, taste, SAMPLES, 1)
    rows = simulated_log(network, form, logged, taste, SAMPLES, 1)
    assert all(0 < row.propensity <= 1 for row in rows)
    learn_from_log(network, form, rows, FromLog(TrainingPlan(24, 5e-4), rule_steps=72, batch=16))
    after = measure(network, form, unseen, taste, SAMPLES, 1)
    assert after.click_rate > before.click_rate
    count = SAMPLES * len(unseen)
    assert after.unsupported <= before.unsupported + 2 * sampling_error(before.unsupported, count)
    assert after.too_long <= before.too_long + 2 * sampling_error(before.too_long, count)


def test_the_built_in_model_unpacks_to_the_weights_that_its_graph_computes_with(source: Path) -> None:
    """The gate of the exporter compares graphs with the checkpoint: what was packed and unpacked must pass it
    again."""
    from models.export import verify
    from models.export.asked_model import truth_of
    from models.model_folder.session import open_folder, open_session

    checkpoint = load_checkpoint(source)
    prompts = [list(checkpoint.form.prompt(brief)) for brief in contexts(3, 8, ("en", "de", "zh"))]
    folder = open_folder(builtin_folder())
    known = truth_of(
        checkpoint.network.eval(), prompts[0][:1], [prompt[1:] for prompt in prompts], folder.spec.eos
    )
    session = open_session(folder.read(str(folder.variant("cpu").decode)), "cpu", 1)
    found = verify.figures(known, *verify.run_decode(session, folder.spec, known), "w8")
    assert found.top1_agreement >= 0.97
