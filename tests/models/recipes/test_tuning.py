from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from safetensors.torch import load_file, save_file

from models.brief.brief import Copy
from models.corpus.examples import as_shown, corpus_examples
from models.preference.dpo import MOST_WEIGHT, click_pairs_of
from models.preference.rewards import broken_rules, rule_reward
from models.preference.sampled import sample
from models.recipes.tuning import Material, tune
from models.recipes.verdict import reasons_against
from models.training.examples.batches import pack
from models.training.examples.formats import PointerIds, TextIds, format_of, read_note
from models.training.loop import OnTrainingReport, ResumeError, silent
from models.training.losses import copy_log_probs
from models.training.tuned import CheckpointError, Tuning, load_checkpoint, prepare
from tests.models.preference.lamp_log import BRIEF, LIKED, PASSED, PLAN, shown
from tests.models.training.checkpoints import pointer_checkpoint, text_checkpoint


@pytest.fixture(scope="module")
def pointers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pointer_checkpoint(tmp_path_factory.mktemp("pointers"))


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return text_checkpoint(tmp_path_factory.mktemp("text"))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return dict(load_file(folder / "model.safetensors"))


def changed(before: Path, after: Path) -> set[str]:
    old, new = weights(before), weights(after)
    assert old.keys() == new.keys()
    return {name for name in old if not torch.equal(old[name], new[name])}


@pytest.mark.parametrize("kind", [pointer_checkpoint, text_checkpoint])
def test_any_causal_model_is_tuned_whole_and_its_loss_falls(
    kind: Callable[[Path], Path], tmp_path: Path
) -> None:
    source = kind(tmp_path / "source")
    figures = tune(
        source, tmp_path / "out", "sft", Material(examples=60), Tuning(), replace(PLAN, steps=12), 8
    )
    assert figures["held_out_loss"] < figures["held_out_before"]
    assert changed(source, tmp_path / "out") == set(weights(source))
    assert (read_note(source) is None) == (read_note(tmp_path / "out") is None)
    assert not (tmp_path / "out" / "checkpoint.pt").exists()


def test_lora_changes_no_norm_and_leaves_the_adapter_beside_the_merged_weights(
    pointers: Path, tmp_path: Path
) -> None:
    tune(pointers, tmp_path, "sft", Material(examples=40, augment=1), Tuning(rank=2, frozen=1), PLAN, 8)
    touched = changed(pointers, tmp_path)
    assert touched
    assert all("layers.1." in name and name.endswith("proj.weight") for name in touched)
    assert (tmp_path / "adapter" / "adapter_config.json").exists()


def test_frozen_layers_and_the_embedding_below_them_stay(pointers: Path, tmp_path: Path) -> None:
    tune(pointers, tmp_path, "sft", Material(examples=40), Tuning(frozen=1), PLAN, 8)
    assert not [name for name in changed(pointers, tmp_path) if "layers.0." in name or "embed" in name]


def test_the_same_seed_tunes_the_same_weights_and_a_killed_run_goes_on(
    pointers: Path, tmp_path: Path
) -> None:
    class KilledError(Exception):
        pass

    def die(step: int, loss: float) -> None:
        if step == 5:
            raise KilledError

    material = Material(examples=40)
    tune(pointers, tmp_path / "one", "sft", material, Tuning(), PLAN, 8)
    with pytest.raises(KilledError):
        tune(pointers, tmp_path / "two", "sft", material, Tuning(), PLAN, 8, die)
    assert (tmp_path / "two" / "checkpoint.pt").exists()
    tune(pointers, tmp_path / "two", "sft", material, Tuning(), PLAN, 8)
    assert changed(tmp_path / "one", tmp_path / "two") == set()


def test_what_cannot_be_tuned_is_refused_by_name(pointers: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"config\.json"):
        tune(tmp_path, tmp_path / "out", "sft", Material(examples=4), Tuning(), PLAN, 2)
    with pytest.raises(CheckpointError, match="2 layers"):
        prepare(load_checkpoint(pointers).network, Tuning(frozen=2), 1)


def test_neither_the_source_nor_a_finished_folder_is_overwritten(pointers: Path, tmp_path: Path) -> None:
    source = Path(shutil.copytree(pointers, tmp_path / "source"))
    with pytest.raises(CheckpointError, match="choose another --out"):
        tune(source, source, "sft", Material(examples=4), Tuning(), PLAN, 2)
    with pytest.raises(CheckpointError, match="holds a finished model"):
        tune(pointers, source, "sft", Material(examples=4), Tuning(), PLAN, 2)
    assert changed(pointers, source) == set()


@pytest.mark.parametrize("other", ["method", "log", "batch", "source"])
def test_a_run_goes_on_with_the_same_data_and_method_alone(
    other: str, pointers: Path, tmp_path: Path
) -> None:
    class KilledError(Exception):
        pass

    def die(step: int, loss: float) -> None:
        if step == 1:
            raise KilledError

    plan, log, again = (
        replace(PLAN, checkpoint_every=1),
        log_file(tmp_path),
        Path(shutil.copytree(pointers, tmp_path / "again")),
    )

    def tuned(source: Path, method: str, batch: int, report: OnTrainingReport) -> None:
        tune(source, tmp_path / "out", method, Material(log=log), Tuning(), plan, batch, report)

    with pytest.raises(KilledError):
        tuned(again, "dpo", 2, lambda step, loss: die(step - 1, loss))
    if other == "log":
        log.write_bytes(log.read_bytes() + b"\n")
    if other == "source":
        stored = weights(again)
        save_file(
            {name: weight + 1 for name, weight in stored.items()},
            again / "model.safetensors",
            {"format": "pt"},
        )
    with pytest.raises(ResumeError, match="another plan"):
        tuned(again, "rloo" if other == "method" else "dpo", 3 if other == "batch" else 2, silent)


@pytest.mark.parametrize("kind", ["pointers", "text"])
def test_formats_read_back_what_they_write(kind: str, pointers: Path, text: Path) -> None:
    folder = pointers if kind == "pointers" else text
    form = format_of(folder, load_checkpoint(folder).network.config)
    assert isinstance(form, PointerIds if kind == "pointers" else TextIds)
    for example in corpus_examples(60, 12):
        brief, copy = as_shown(example, "rq")
        read = form.decode(form.encode(example).copy, brief)
        assert read is not None
        assert (read.headline, read.description, read.cta, read.scenes) == (
            copy.headline,
            copy.description,
            copy.cta,
            copy.scenes,
        )


def test_pairs_are_of_one_context_and_weigh_what_the_policy_seldom_showed(pointers: Path) -> None:
    form = format_of(pointers, load_checkpoint(pointers).network.config)
    assert (
        click_pairs_of([shown(LIKED, True, campaign="a"), shown(PASSED, False, campaign="b")], form, 4, 1)
        == []
    )
    rows = [
        shown(LIKED, True, 0.5, "a"),
        shown(PASSED, False, 0.5, "a"),
        shown(LIKED, True, 0.1, "b"),
        shown(PASSED, False, 0.1, "b"),
    ]
    first, second = click_pairs_of(rows, form, 4, 1)
    assert second.weight == pytest.approx(5 * first.weight)
    assert (first.weight + second.weight) / 2 == pytest.approx(1)
    assert first.chosen.prompt == first.rejected.prompt
    many = [
        row
        for number in range(40)
        for row in (shown(LIKED, True, 0.9, f"n{number}"), shown(PASSED, False, 0.9, f"n{number}"))
    ]
    rare = [shown(LIKED, True, 1e-4, "r"), shown(PASSED, False, 0.9, "r")]
    assert (
        max(pair.weight for pair in click_pairs_of([*many, *rare], form, 4, 1))
        <= MOST_WEIGHT * 1.01 * 40 / 10
    )


def test_copy_that_breaks_a_rule_is_never_the_one_liked_better(pointers: Path) -> None:
    form = format_of(pointers, load_checkpoint(pointers).network.config)
    claimed = Copy("Meet the lamp", "The best lamp ever.", "See more")
    assert click_pairs_of([shown(claimed, True), shown(PASSED, False)], form, 4, 1) == []


def test_rules_cost_a_third_each() -> None:
    assert rule_reward(LIKED, BRIEF) == 1.0
    assert rule_reward(None, BRIEF) == 0.0
    assert rule_reward(
        replace(LIKED, headline="A lamp that is much too long for it"), BRIEF
    ) == pytest.approx(2 / 3)
    broken = broken_rules(replace(LIKED, description="Only 7 left, the best lamp."), BRIEF)
    assert (broken.length, broken.facts, broken.policy) == (False, True, True)


def log_file(folder: Path) -> Path:
    path = folder / "log.jsonl"
    rows = [
        shown(copy, clicked, 0.5, f"c{number}")
        for number in range(12)
        for copy, clicked in ((LIKED, True), (PASSED, False))
    ]
    path.write_bytes(b"\n".join(msgspec.json.encode(row) for row in rows))
    return path


def log_probability(folder: Path, copy: Copy) -> float:
    from models.training.examples.pointing import point_out

    checkpoint = load_checkpoint(folder)
    example = point_out(replace(BRIEF, campaign_id="new"), copy)
    assert example is not None
    with torch.no_grad():
        return float(
            copy_log_probs(checkpoint.network, pack([checkpoint.form.encode(example)], checkpoint.form.pad))
        )


def test_clicks_make_the_copy_that_was_liked_likelier_than_the_other(pointers: Path, tmp_path: Path) -> None:
    figures = tune(
        pointers,
        tmp_path / "out",
        "dpo",
        Material(log=log_file(tmp_path)),
        Tuning(),
        replace(PLAN, steps=10),
        8,
    )
    assert figures["pairs"] == 12
    before = log_probability(pointers, LIKED) - log_probability(pointers, PASSED)
    assert log_probability(tmp_path / "out", LIKED) - log_probability(tmp_path / "out", PASSED) > before + 1


def test_clicks_come_first_and_rules_after_and_a_run_killed_among_the_rules_goes_on(
    pointers: Path, tmp_path: Path
) -> None:
    class KilledError(Exception):
        pass

    seen: list[int] = []

    def die(step: int, loss: float) -> None:
        seen.append(step)
        if step == 3:
            raise KilledError

    def tuned(out: str, report: OnTrainingReport, rule_steps: int = 2) -> dict[str, Any]:
        plan = replace(PLAN, steps=1, checkpoint_every=1)
        return tune(pointers, tmp_path / out, "dpo", material, Tuning(), plan, 2, report, rule_steps)

    material = Material(log=log_file(tmp_path))
    assert tuned("whole", silent)["rule_steps"] == 2
    assert "rule_steps" not in tuned("clicks", silent, 0)
    assert changed(tmp_path / "clicks", tmp_path / "whole")
    with pytest.raises(KilledError):
        tuned("killed", die)
    tuned("killed", lambda step, _: seen.append(step))
    assert seen == [1, 2, 3, 3]
    assert changed(tmp_path / "whole", tmp_path / "killed") == set()
    assert not list((tmp_path / "killed").rglob("checkpoint.pt"))


@pytest.mark.parametrize("method", ["rloo", "grpo"])
def test_training_on_rules_runs_and_leaves_a_whole_checkpoint(
    method: str, pointers: Path, tmp_path: Path
) -> None:
    figures = tune(pointers, tmp_path, method, Material(examples=6), Tuning(), replace(PLAN, steps=2), 8)
    assert figures["kind"] == method
    assert json.loads((tmp_path / "copywriter.json").read_text())["recipe"]["tuned"]["kind"] == method


@pytest.mark.parametrize("kind", ["pointers", "text"])
def test_samples_depend_on_the_seed_alone_and_end(kind: str, pointers: Path, text: Path) -> None:
    checkpoint = load_checkpoint(pointers if kind == "pointers" else text)
    form = checkpoint.form
    short, long = (
        form.prompt(BRIEF),
        form.prompt(replace(BRIEF, title="Northfold Oak Desk Lamp with a Long Linen Shade", facts=("40 W",))),
    )
    assert len(short) < len(long)

    def drawn(prompts: list[tuple[int, ...]], seed: int) -> list[list[list[int]]]:
        return sample(checkpoint.network, prompts, 4, form.end, 20, seed)

    first, beside_a_longer = drawn([short], 1), drawn([short, long], 1)
    assert first == drawn([short], 1) != drawn([short], 2)
    assert beside_a_longer[0] == first[0]
    assert beside_a_longer[1] != first[0]
    assert all(len(ids) <= 20 and form.end not in ids[:-1] for written in beside_a_longer for ids in written)


FIGURES = {
    "unsupported": 0,
    "length_violations": 0,
    "template_share": 0.02,
    "distinct_2": 0.65,
    "noun_share": 0.97,
    "copies": 3000,
}


def test_a_candidate_is_refused_for_every_figure_that_got_worse_in_any_language() -> None:
    assert (
        reasons_against({**FIGURES, "languages": {"de": FIGURES}}, {**FIGURES, "languages": {"de": FIGURES}})
        == []
    )
    for name, value in (
        ("unsupported", 1),
        ("length_violations", 1),
        ("template_share", 0.04),
        ("distinct_2", 0.6),
        ("noun_share", None),
    ):
        assert len(reasons_against(FIGURES, {**FIGURES, name: value})) == 1
        worse = {**FIGURES, "languages": {"de": {**FIGURES, name: value}}}
        assert reasons_against({**FIGURES, "languages": {"de": FIGURES}}, worse)[0].startswith("de: ")
    assert reasons_against({**FIGURES, "languages": {"de": FIGURES}}, FIGURES) == ["de: no longer written"]
    assert reasons_against(FIGURES, {**FIGURES, "distinct_2": 0.645, "template_share": 0.0}) == []
