from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.decoder.adapter_bank import AdapterBank
from models.decoder.engine import DecoderEngine
from models.decoder.fused_graph import FusedGraph
from models.decoder.mover import Mover
from models.decoder.sequence import Prompt
from models.export.config import read_spec
from models.model_folder.adapters import Bank, fill_bank
from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import ProviderError, open_folder, open_session
from tests.models.decoder.engines import CONTEXT, Sampler, endless, engine, graph, hugging_face, some_prompts
from tests.models.decoder.greedy import Greedy

STEPS = 24
WAYS: dict[str, dict[str, Any]] = {
    "fused alone": {"extend": False},
    "fused and extend": {},
    "extend alone": {"decode": False},
    "buckets as for CUDA graphs": {"captured": True},
    "gpt2": {"family": "gpt2", "decode": False},
    "eight bit": {"eight_bit": True},
}


def greedy_by_transformers(family: str, prompt: Prompt) -> list[int]:
    ids = torch.tensor([prompt.prefix + prompt.suffix])
    mask = torch.ones_like(ids)
    model = hugging_face(family)
    with torch.no_grad():
        whole = model.generate(
            ids, attention_mask=mask, max_new_tokens=STEPS, do_sample=False, pad_token_id=0
        )
    written: list[int] = whole[0, ids.shape[1] :].tolist()
    return written


@pytest.mark.parametrize("way", [way for way in WAYS if way != "eight bit"])
def test_greedy_tokens_are_those_of_transformers_in_a_ragged_batch_with_and_without_prefix(way: str) -> None:
    prompts = some_prompts(13)
    written = engine(**WAYS[way]).decode(prompts, Greedy(), endless, limit=STEPS)
    for prompt, (sequence,) in zip(prompts, written, strict=True):
        assert (sequence.ids, sequence.why) == (
            greedy_by_transformers(WAYS[way].get("family", "llama"), prompt),
            "limit",
        )


@pytest.mark.parametrize("way", WAYS)
def test_a_result_is_bitwise_the_same_alone_in_any_batch_and_after_a_restart(way: str) -> None:
    prompts, together = some_prompts(13), Sampler()
    written = engine(**WAYS[way]).decode(prompts, together, endless, candidates=3, limit=STEPS)
    assert (
        len({len(sequence.ids) for candidates in written for sequence in candidates}) > 5
    )  # rows end at many steps: compaction ran
    assert min(together.batch_sizes) < max(together.batch_sizes)
    fresh = engine(**WAYS[way], batch_rows=6)
    for index, prompt in enumerate(prompts):
        alone = Sampler()
        assert [
            each.ids for each in fresh.decode([prompt], alone, endless, candidates=3, limit=STEPS)[0]
        ] == [each.ids for each in written[index]]
        assert alone.shown == {
            (row - 3 * index, step): seen for (row, step), seen in together.shown.items() if row // 3 == index
        }


def test_candidates_differ_and_the_first_does_not_depend_on_how_many_there_are() -> None:
    prompts, one = some_prompts(4), engine()
    several = one.decode(prompts, Sampler(), endless, candidates=4, limit=STEPS)
    single = one.decode(prompts, Sampler(), endless, candidates=1, limit=STEPS)
    for candidates, (alone,) in zip(several, single, strict=True):
        assert candidates[0].ids == alone.ids
        assert len({tuple(each.ids) for each in candidates}) == 4


def test_another_seed_draws_other_tokens_from_the_same_prompt() -> None:
    prompt = some_prompts(1)[0]
    first, second = engine().decode([prompt, prompt._replace(seed=7)], Sampler(), endless, limit=STEPS)
    assert first[0].ids != second[0].ids


def test_a_prefix_is_computed_once_for_all_batches_that_share_it() -> None:
    one = engine(batch_rows=2)
    one.decode(some_prompts(9, prefixes=(30,)), Greedy(), endless, limit=2)
    assert (one.prefixes.misses, one.prefixes.hits) == (1, 4)


def test_what_finished_before_the_deadline_is_given_back_and_the_rest_says_so() -> None:
    def clock() -> Iterator[float]:
        yield from (9.0, 8.0, 7.0, 6.0, 5.0, 4.0)
        while True:
            yield -1.0

    left = clock()
    prompts, chooser = some_prompts(20), Sampler()
    written = [
        each for (each,) in engine(batch_rows=8).decode(prompts, chooser, lambda: next(left), limit=STEPS)
    ]
    assert {each.why for each in written} == {"", "deadline"}
    assert all(len(each.ids) <= 5 for each in written)
    in_full = [each for (each,) in engine().decode(prompts, Sampler(), endless, limit=STEPS)]
    for cut, full in zip(written, in_full, strict=True):
        assert cut.ids == full.ids[: len(cut.ids)]
        assert cut.why == "deadline" or cut.ids == full.ids
    assert (
        sum(not each.ids and each.why == "deadline" for each in written) >= 12
    )  # later micro-batches were not begun


def test_no_time_at_all_runs_nothing() -> None:
    chooser = Sampler()
    (only,) = engine().decode(some_prompts(1), chooser, lambda: 0.0)[0]
    assert (only.ids, only.why, chooser.shown) == ([], "deadline", {})


def test_prompts_that_cannot_be_written_for_are_refused_by_number() -> None:
    one = engine(extend=False)
    with pytest.raises(ValueError, match="prompt 1 has an empty suffix"):
        one.decode([Prompt((), (1,)), Prompt((1, 2), ())], Greedy(), endless)
    with pytest.raises(ValueError, match=f"prompt 0 has {CONTEXT - 10} tokens; with 11 to come .* {CONTEXT}"):
        one.decode([Prompt((), (1,) * (CONTEXT - 10))], Greedy(), endless, limit=11)
    assert len(one.decode([Prompt((), (1,) * (CONTEXT - 10))], Greedy(), endless, limit=10)[0][0].ids) == 10
    with pytest.raises(ValueError, match="prompt 0 names adapter 1, but the model has room for 0"):
        one.decode([Prompt((), (1,), adapter=1)], Greedy(), endless)


BANK = Bank(adapters=2, rank=3)


def some_adapters(seed: int) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    rng = np.random.default_rng(seed)
    spec = read_spec(hugging_face("llama").config)
    empty = fill_bank(spec, BANK, [])
    filled = fill_bank(
        spec,
        BANK,
        [{name: rng.normal(0, 0.2, value.shape[1:]).astype(np.float32) for name, value in empty.items()}] * 2,
    )
    return {name: value * np.array([0, 1, -1], np.float32)[:, None, None] for name, value in filled.items()}


def test_rows_of_several_adapters_share_a_batch_and_adapter_0_is_the_model_itself() -> None:
    plain, one = engine(extend=False), engine(extend=False, bank=BANK)
    one.set_adapters(some_adapters(1))
    prompts = [prompt._replace(adapter=i % 3) for i, prompt in enumerate(some_prompts(9, prefixes=(0,)))]
    mixed = one.decode(prompts, Greedy(), endless, limit=STEPS)
    for prompt, (sequence,) in zip(prompts, mixed, strict=True):
        assert sequence.ids == one.decode([prompt], Greedy(), endless, limit=STEPS)[0][0].ids
        without = plain.decode([prompt._replace(adapter=0)], Greedy(), endless, limit=STEPS)[0][0].ids
        assert (sequence.ids == without) == (prompt.adapter == 0)


def test_new_adapters_take_effect_at_the_next_call_also_on_prefixes_that_were_kept() -> None:
    one = engine(bank=BANK)
    prompt = some_prompts(1)[0]._replace(adapter=1)
    one.set_adapters(some_adapters(1))
    first = one.decode([prompt], Greedy(), endless, limit=STEPS)
    one.set_adapters(some_adapters(2))
    assert one.decode([prompt], Greedy(), endless, limit=STEPS) != first
    one.set_adapters(some_adapters(1))
    assert one.decode([prompt], Greedy(), endless, limit=STEPS)[0][0].ids == first[0][0].ids


def test_adapters_that_do_not_fit_are_refused_by_name() -> None:
    one, bank = engine(extend=False, bank=BANK), some_adapters(1)
    with pytest.raises(ModelFileError, match=r"no adapter slot 'lora\.9\.qkv\.a'"):
        one.set_adapters({"lora.9.qkv.a": bank["lora.0.qkv.a"]})
    with pytest.raises(ModelFileError, match=r"lora\.0\.o\.a has shape"):
        one.set_adapters({"lora.0.o.a": bank["lora.0.o.a"][:, :, :1]})
    with pytest.raises(ModelFileError, match="row 0 means no adapter"):
        one.set_adapters({name: value + 1 for name, value in bank.items()})
    with pytest.raises(ModelFileError, match="export it with"):
        engine(extend=False).set_adapters(bank)


def test_captured_steps_are_replayed_per_bucket_and_address_and_captured_anew_for_other_adapters() -> None:
    session = open_session(graph("llama", "decode", bank=BANK), "cpu", 1)
    fused = FusedGraph(session, AdapterBank(session), lambda layout: Mover(layout, "cpu", 1), captured=True)
    assert [fused.rows_of(rows) for rows in (1, 3, 5, 16)] == [1, 4, 8, 16]
    pool = fused.pool
    first = fused.step(pool.block(0, 4, 32))
    assert fused.step(pool.block(0, 4, 32)) is first
    others = [
        fused.step(pool.block(0, 2, 32)),
        fused.step(pool.block(1, 4, 32)),
        fused.step(pool.block(0, 4, 16)),
    ]
    fused.adapters.set(some_adapters(1))
    others.append(fused.step(pool.block(0, 4, 32)))
    grown = fused.step(pool.block(0, 8, 64))
    assert (
        len({step.graph_id for step in (first, *others, grown)}) == 6
    )  # an id stands for one set of addresses for ever
    assert len(fused._steps) == 1  # what the old memory and the old adapters were captured with is let go


def test_the_built_in_model_loads_on_the_cpu_and_refuses_cuda_aloud() -> None:
    folder = open_folder(Path(str(files("models.copywriter").joinpath("builtin"))))
    loaded = DecoderEngine.load(folder)
    assert len(loaded.decode([Prompt((), (1, 2, 3))], Greedy(), endless, limit=5)[0][0].ids) == 5
    with pytest.raises(ProviderError, match="cuda"):
        DecoderEngine.load(folder, "cuda")
