"""Rows that are longer than a model has positions for are left out of its training, and said to be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from transformers import GPT2Config, GPT2LMHeadModel

from models.preference.dpo import click_pairs_of
from models.preference.on_rules import OnRules
from models.recipes.tuning import Material, tune
from models.training.supervised import DataError
from models.training.tuned import Tuning, load_checkpoint
from tests.models.preference.lamp_log import BRIEF, LIKED, PASSED, PLAN, shown_as
from tests.models.training.checkpoints import text_checkpoint


def with_positions(folder: Path, positions: int) -> Path:
    """A plain text model of so many positions."""
    text_checkpoint(folder)
    config = GPT2Config.from_pretrained(folder, n_positions=positions)
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def mixed_log(folder: Path) -> tuple[Path, int, int]:
    """A log with pairs of short and of long prompts, and how many tokens the longer row of each kind has."""
    rows = [
        shown_as(replace(BRIEF, campaign_id=f"c{number}", title=title), copy, clicked)
        for number in range(4)
        for title in [BRIEF.title if number % 2 else "Northfold Oak Desk Lamp " * 5]
        for copy, clicked in ((LIKED, True), (PASSED, False))
    ]
    path = folder / "mixed.jsonl"
    path.write_bytes(b"\n".join(msgspec.json.encode(row) for row in rows))
    checkpoint = text_checkpoint(folder / "lengths")
    lengths = {pair.length for pair in click_pairs_of(rows, load_checkpoint(checkpoint).form, 4, 1)}
    assert len(lengths) == 2
    return path, min(lengths), max(lengths)


def test_pairs_longer_than_the_model_are_left_out_and_it_is_said_when_none_is_left(tmp_path: Path) -> None:
    log, short, long = mixed_log(tmp_path)
    plan = replace(PLAN, steps=1)
    figures = tune(
        with_positions(tmp_path / "some", long - 1),
        tmp_path / "out",
        "dpo",
        Material(log=log),
        Tuning(),
        plan,
        2,
    )
    assert (figures["pairs"], figures["too_long"]) == (2, 2)
    with pytest.raises(
        DataError, match=f"every pair of the log is longer than the model's {short - 1} tokens"
    ):
        tune(
            with_positions(tmp_path / "none", short - 1),
            tmp_path / "other",
            "dpo",
            Material(log=log),
            Tuning(),
            plan,
            2,
        )


def test_prompts_without_room_for_copy_are_left_out_and_it_is_said_when_none_is_left(tmp_path: Path) -> None:
    log, _, _ = mixed_log(tmp_path)
    form = load_checkpoint(tmp_path / "lengths").form
    short = len(form.prompt(BRIEF))
    plan, limit = replace(PLAN, steps=1), OnRules().limit
    figures = tune(
        with_positions(tmp_path / "some", short + limit),
        tmp_path / "out",
        "rloo",
        Material(log=log),
        Tuning(),
        plan,
        8,
    )
    assert 0 < figures["briefs"] < 8
    small = with_positions(tmp_path / "none", short + limit - 1)
    with pytest.raises(DataError, match=f"no brief leaves room for {limit} tokens"):
        tune(small, tmp_path / "other", "rloo", Material(log=log), Tuning(), plan, 8)
    with pytest.raises(DataError, match=f"no brief leaves room for {limit} tokens"):
        tune(small, tmp_path / "third", "dpo", Material(log=log), Tuning(), plan, 2, rule_steps=1)
    assert not (tmp_path / "third").exists()
