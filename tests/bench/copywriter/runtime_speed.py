"""What is measured of the runtime on random models: 64 tokens of prompt, 24 written greedily, CPU seconds of
one thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from models.decoder.engine import DecoderEngine
from models.decoder.sequence import Prompt
from tests.bench.copywriter.random_models import Checkpoint
from tests.bench.copywriter.rounds import Ratio, Work, interleaved
from tests.models.decoder.greedy import Greedy

PROMPT: Final = 64
NEW: Final = 24
SHARED: Final = 40
"""Tokens of the prompt that a campaign shares."""
ALIKE: Final = 0.98
"""Least correlation of the logits of 8 bits with those of float32; seen .998."""
Ids = NDArray[np.int64]


def endless() -> float:
    """Time that never runs out."""
    return 1e12


def random_ids(vocabulary: int, rows: int, seed: int = 0) -> Ids:
    return np.random.default_rng(seed).integers(1, vocabulary, (rows, PROMPT))


def prompts_of(ids: Ids, shared: int = 0) -> list[Prompt]:
    return [Prompt(tuple(row[:shared].tolist()), tuple(row[shared:].tolist())) for row in ids]


def own(engine: DecoderEngine, ids: Ids, new: int = NEW) -> Work:
    """The rows written by our runtime."""
    prompts = prompts_of(ids)
    return lambda: [sequence.ids for (sequence,) in engine.decode(prompts, Greedy(), endless, limit=new)]


def hugging_face(checkpoint: Checkpoint, ids: Ids) -> Work:
    """The rows written by `generate` of transformers, float32."""
    rows = torch.from_numpy(ids)
    mask = torch.ones_like(rows)

    def work() -> list[list[int]]:
        with torch.no_grad():
            whole = checkpoint.model.generate(
                rows, attention_mask=mask, max_new_tokens=NEW, do_sample=False, pad_token_id=0
            )
        written: list[list[int]] = whole[:, PROMPT:].tolist()
        return written

    return work


def genai(model: Any, ids: Ids) -> Work:
    """The rows written by onnxruntime-genai's Generator."""
    import onnxruntime_genai

    def work() -> list[list[int]]:
        parameters = onnxruntime_genai.GeneratorParams(model)
        length = PROMPT + NEW
        parameters.set_search_options(
            max_length=length, min_length=length, batch_size=len(ids), do_sample=False
        )
        generator = onnxruntime_genai.Generator(model, parameters)
        generator.append_tokens(ids.astype(np.int32))
        while not generator.is_done():
            generator.generate_next_token()
        return [generator.get_sequence(row)[PROMPT:].tolist() for row in range(len(ids))]

    return work


def same_tokens(work: Work, other: Work) -> float:
    """Share of rows that both write alike: a contender that computes something else would win nothing."""
    mine, theirs = work(), other()
    assert isinstance(mine, list) and isinstance(theirs, list)
    return sum(a == b for a, b in zip(mine, theirs, strict=True)) / len(mine)


def against_transformers(checkpoint: Checkpoint, batch: int, rounds: int) -> Ratio:
    """Own float32 against generate of transformers. Raises SystemExit when they do not write the same."""
    ids = random_ids(checkpoint.spec.vocabulary, batch)
    theirs, mine = hugging_face(checkpoint, ids), own(checkpoint.engine(), ids)
    if same_tokens(mine, theirs) < 0.9:  # random weights leave near ties
        raise SystemExit(
            "own runtime and transformers do not write the same tokens: speeds cannot be compared"
        )
    seconds = interleaved({"theirs": theirs, "mine": mine}, rounds)
    return Ratio.of(seconds["theirs"], seconds["mine"])


def eight_bit_gain(checkpoint: Checkpoint, rounds: int) -> Ratio:
    """8-bit weights against float32, both our runtime, batch 1."""
    ids = random_ids(checkpoint.spec.vocabulary, 1)
    seconds = interleaved(
        {"fp32": own(checkpoint.engine(), ids), "w8": own(checkpoint.engine(eight_bit=True), ids)}, rounds
    )
    return Ratio.of(seconds["fp32"], seconds["w8"])


def against_genai(checkpoint: Checkpoint, batch: int, eight_bit: bool, rounds: int) -> Ratio:
    """Own runtime against onnxruntime-genai in the same precision."""
    ids = random_ids(checkpoint.spec.vocabulary, batch)
    theirs = genai(checkpoint.genai("int8" if eight_bit else "fp32"), ids)
    mine = own(checkpoint.engine(eight_bit), ids)
    seconds = interleaved({"theirs": theirs, "mine": mine}, rounds)
    return Ratio.of(seconds["theirs"], seconds["mine"])


def against_llama_cpp(checkpoint: Checkpoint, batch: int, rounds: int) -> Ratio:
    """Own runtime against llama.cpp, both with 8-bit weights. Raises SystemExit when that computes another
    model; the words need not be the same, for random weights make thousands of them almost as likely."""
    ids = random_ids(checkpoint.spec.vocabulary, batch)
    peer = checkpoint.llama_cpp(batch, PROMPT + NEW)
    with torch.no_grad():
        exact = checkpoint.model(torch.from_numpy(ids[:1])).logits[0, -1].numpy()
    if np.corrcoef(peer.logits(ids[0]), exact)[0, 1] < ALIKE:
        raise SystemExit("llama.cpp computes another model: speeds cannot be compared")
    works = {"theirs": peer.work(ids, NEW), "mine": own(checkpoint.engine(eight_bit=True), ids)}
    seconds = interleaved(works, rounds)
    return Ratio.of(seconds["theirs"], seconds["mine"])


def micro_batch_gain(checkpoint: Checkpoint, rounds: int, count: int = 64) -> Ratio:
    """Length-sorted micro-batches of 16 against batch 1, on prompts of mixed lengths (mean 45, longest
    97)."""
    rng = np.random.default_rng(2)
    lengths = np.clip(rng.gamma(4.0, 11.3, count), 8, 97).astype(int)
    prompts = [
        Prompt((), tuple(rng.integers(1, checkpoint.spec.vocabulary, length).tolist())) for length in lengths
    ]
    engines = {"alone": checkpoint.engine(batch_rows=1), "batched": checkpoint.engine(batch_rows=16)}

    def work(engine: DecoderEngine) -> Work:
        return lambda: engine.decode(prompts, Greedy(), endless, limit=NEW)

    seconds = interleaved({name: work(engine) for name, engine in engines.items()}, rounds)
    return Ratio.of(seconds["alone"], seconds["batched"])


def prefix_gain(checkpoint: Checkpoint, rounds: int, batch: int = 8) -> Ratio:
    """Prefill of whole prompts against prefill behind a cached prefix of 40 of their 64 tokens."""
    ids = random_ids(checkpoint.spec.vocabulary, batch)
    ids[:, :SHARED] = ids[0, :SHARED]
    engine, behind = checkpoint.engine(extend=True), prompts_of(ids, SHARED)
    works = {
        "whole": own(engine, ids, new=1),
        "cached": lambda: engine.decode(behind, Greedy(), endless, limit=1),
    }
    seconds = interleaved(works, rounds)
    return Ratio.of(seconds["whole"], seconds["cached"])


def candidates_gain(checkpoint: Checkpoint, rounds: int, batch: int = 8, candidates: int = 4) -> Ratio:
    """Prefill of every candidate's prompt against one prefill fanned out."""
    ids = random_ids(checkpoint.spec.vocabulary, batch)
    engine, once = checkpoint.engine(), prompts_of(ids)
    works = {
        "each": own(engine, np.repeat(ids, candidates, axis=0), new=1),
        "shared": lambda: engine.decode(once, Greedy(), endless, candidates=candidates, limit=1),
    }
    seconds = interleaved(works, rounds)
    return Ratio.of(seconds["each"], seconds["shared"])


def share_of_bandwidth(checkpoint: Checkpoint, rounds: int) -> tuple[Ratio, float]:
    """Bytes of weights that decoding one sequence in float32 reads per second, over what one thread reads at
    best; and that, in GB/s."""
    ids = random_ids(checkpoint.spec.vocabulary, 1)
    engine = checkpoint.engine()
    memory = torch.ones(100_000_000)
    works: dict[str, Callable[[], object]] = {
        "read": memory.sum,
        "written": own(engine, ids),
        "prefilled": own(engine, ids, new=1),
    }
    seconds = interleaved(works, rounds)
    weights = 4 * checkpoint.parameters * (NEW - 1) / (4 * memory.numel())  # in readings of the memory
    rounds_each = zip(seconds["read"], seconds["written"], seconds["prefilled"], strict=True)
    shares = [weights * read / (written - prefilled) for read, written, prefilled in rounds_each]
    best = weights * min(seconds["read"]) / (min(seconds["written"]) - min(seconds["prefilled"]))
    return Ratio(best, min(shares), max(shares)), 4 * memory.numel() / min(seconds["read"]) / 1e9
