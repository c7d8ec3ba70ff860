"""How fast and how good the copywriter is: own runtime beside transformers and onnxruntime-genai,
interleaved; then quality.

    python -m tests.bench.copywriter.bench_copy [--short] [--rounds N] [--data FOLDER]
        [--only speed|agent|quality|gpu]

Speed is CPU seconds of one thread on random Llama shapes made on the fly; a ratio is best round over best
round, in brackets the lowest and highest of the rounds. All contenders live in one process, whose memory is
in huge pages when GLIBC_TUNABLES=glibc.malloc.hugetlb=1 is set (`make bench-copy` sets it, as the deployments
do for the generator). Quality is that of the built-in model over the project's own items, or over
products.yaml of retail-demo-store in FOLDER. The last line of the output is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from models.copywriter.generate import Copywriter
from models.evaluation.briefs import own_briefs, retail_briefs
from models.evaluation.quality import quality
from tests.bench.copywriter import runtime_speed
from tests.bench.copywriter.agent import agent_share, constraint_share
from tests.bench.copywriter.host import host
from tests.bench.copywriter.random_models import Checkpoint
from tests.bench.copywriter.roofline import LIMITS, cuda_missing, roofline_shares
from tests.bench.copywriter.rounds import Ratio, least

QUALITY: Final = {
    "unsupported": "0", "length_violations": "0", "template_share": "<= 0.10", "distinct_2": ">= 0.6",
    "noun_share": ">= 0.95", "publishable": ">= 0.92", "wrong_moment": "<= 0.005",
    "agreement_errors": "<= 0.005",
}  # fmt: skip
"""Figures of the copy, and what they are to be."""
LAYERS_25M: Final = 15
"""With a small vocabulary the 25M shape needs more layers to have its parameters."""


@dataclass
class Plan:
    """Sizes of a run."""

    small: str  # the shape that most is measured on
    shapes: tuple[str, ...]
    largest: str
    like_llama_cpp: str  # the shape of the model that is opt-in
    rounds: int
    batch: int  # the large one
    briefs_step: int  # every n-th item for quality


FULL: Final = Plan("25M", ("25M", "100M"), "100M", "SmolLM2-135M", 4, 32, 1)
SHORT: Final = Plan("25M", ("25M",), "100M", "SmolLM2-135M", 2, 32, 10)


@dataclass
class Results:
    """What was measured: the figures of the last line, and rows of the table."""

    console: Console
    line: dict[str, Any] = field(default_factory=lambda: {"ratio": {}, "ratio_range": {}})
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def row(self, what: str, value: str, target: str = "") -> None:
        self.rows.append((what, value, target))
        self.console.print(
            f"{what}: {value}" + (f"   (target {target})" if target else ""), highlight=False, markup=False
        )

    def ratio(self, key: str, by_case: dict[str, Ratio], target: str) -> None:
        """The worst of the cases is the figure."""
        for case, ratio in by_case.items():
            self.row(f"{key}  {case}", str(ratio), target)
        worst = least(by_case)
        self.line["ratio"][key] = round(worst.value, 3)
        self.line["ratio_range"][key] = [round(worst.low, 3), round(worst.high, 3)]


def speed(plan: Plan, folder: Path, results: Results) -> None:
    """The runtime alone."""
    made = {shape: Checkpoint(shape, folder) for shape in plan.shapes}
    rounds, small = plan.rounds, made[plan.small]
    results.line["huge_pages"] = "malloc.hugetlb=1" in os.environ.get("GLIBC_TUNABLES", "")

    def by_shape(measure: Callable[[Checkpoint], Ratio]) -> dict[str, Ratio]:
        return {shape: measure(checkpoint) for shape, checkpoint in made.items()}

    results.ratio(
        "fp32_hf_b1", by_shape(lambda one: runtime_speed.against_transformers(one, 1, 2 * rounds)), "2.2"
    )
    results.ratio(
        "fp32_hf_b32",
        by_shape(lambda one: runtime_speed.against_transformers(one, plan.batch, rounds)),
        "1.9",
    )
    results.ratio(
        "w8_fp32_b1",
        by_shape(lambda one: runtime_speed.eight_bit_gain(one, 3 * rounds)),
        "1.85 (25M), 2.0 (100M)",
    )
    results.ratio("batch16_b1", {plan.small: runtime_speed.micro_batch_gain(small, rounds)}, "2.8")
    results.ratio("prefix", {plan.small: runtime_speed.prefix_gain(small, rounds)}, "2.0")
    results.ratio("k4", {plan.small: runtime_speed.candidates_gain(small, rounds)}, "3.5")
    share, gigabytes = runtime_speed.share_of_bandwidth(
        made.get(plan.largest) or Checkpoint(plan.largest, folder), rounds + 2
    )
    results.row(f"share_of_bandwidth  {plan.largest}", f"{share} of {gigabytes:.1f} GB/s", "0.8")
    results.line["share_of_bandwidth"] = round(share.value, 3)
    peers(plan, folder, small, results)


def peers(plan: Plan, folder: Path, small: Checkpoint, results: Results) -> None:
    """Runtimes that a user would pick for the CPU, where they are installed."""
    if find_spec("llama_cpp") is None:
        results.row("llamacpp_b1, b16", "not measured: `make llamacpp` compiles llama.cpp for this machine")
        results.line["ratio"] |= {"llamacpp_b1": None, "llamacpp_b16": None}
    else:
        shape = Checkpoint(plan.like_llama_cpp, folder)
        for batch, target in ((1, "1.0 (floor 0.9)"), (16, "1.5 (floor 0.9)")):
            ratio = runtime_speed.against_llama_cpp(shape, batch, plan.rounds)
            results.ratio(f"llamacpp_b{batch}", {f"{plan.like_llama_cpp} w8": ratio}, target)
    if find_spec("onnxruntime_genai") is None:
        results.row(
            "genai_b8", "not measured: onnxruntime-genai is not installed (make bench-copy installs it)"
        )
        results.line["ratio"]["genai_b8"] = None
        return
    cases = {
        f"{plan.small} {name} batch {batch}": runtime_speed.against_genai(
            small, batch, eight_bit, plan.rounds
        )
        for batch in (8, plan.batch)
        for name, eight_bit in (("fp32", False), ("w8", True))
    }
    results.ratio("genai_b8", cases, "0.95")


def agent(plan: Plan, folder: Path, copywriter: Copywriter, results: Results) -> None:
    """What stands around the runtime."""
    ratio, made = agent_share(copywriter, plan.rounds + 2)
    results.ratio("agent", {f"{made} creatives": ratio}, "0.9")
    random_model = Checkpoint(
        "25M", folder, vocab_size=len(copywriter._format.table), num_hidden_layers=LAYERS_25M
    )
    share = constraint_share(copywriter, random_model, plan.rounds + 2)
    results.row(f"constraint_share  {random_model.parameters / 1e6:.0f}M batch 16", str(share), "0.05")
    results.line["constraint_share"] = round(share.value, 4)


def good(plan: Plan, data: Path | None, copywriter: Copywriter, results: Results) -> None:
    """What is written."""
    briefs = retail_briefs(data) if data is not None else own_briefs()
    figures = quality(copywriter, briefs[:: plan.briefs_step])
    results.line["quality"] = {name: figures[name] for name in QUALITY}
    results.line["quality_languages"] = {
        language: {name: each[name] for name in QUALITY} for language, each in figures["languages"].items()
    }
    for name, target in QUALITY.items():
        by_language = ", ".join(f"{language} {each[name]}" for language, each in figures["languages"].items())
        results.row(f"quality {name}", f"{figures[name]}  ({by_language})", target)
    results.line["briefs"] = figures["briefs"]


def gpu(folder: Path, results: Results) -> None:
    """Share of the roofline, where there is a GPU."""
    missing = cuda_missing()
    results.line["roofline"] = None
    if missing:
        results.row("roofline of the GPU", f"not measured: {missing}")
        return
    shares = roofline_shares(folder, 3)
    results.line["roofline"] = {str(batch): round(share, 3) for batch, share in shares.items()}
    for (batch, share), target in zip(shares.items(), ("0.20", "0.35", "0.45"), strict=True):
        results.row(
            f"roofline 0.5B fp16 batch {batch}", f"{share:.3f} of {LIMITS[batch]:,.0f} creatives/s", target
        )


def show(results: Results) -> None:
    table = Table("figure", "value (lowest .. highest)", "target", box=None)
    for row in results.rows:
        table.add_row(*map(escape, row))
    results.console.print(table)


def main() -> None:
    """Run and print; the last line of standard output is JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--short", action="store_true", help="only the 25M shape, two rounds, every tenth item"
    )
    parser.add_argument("--rounds", type=int, help="interleaved rounds of every comparison")
    parser.add_argument(
        "--data", type=Path, help="folder with products.yaml of retail-demo-store: quality over all of them"
    )
    parser.add_argument("--only", choices=("speed", "agent", "quality", "gpu"), help="one part")
    arguments = parser.parse_args()
    plan = SHORT if arguments.short else FULL
    plan.rounds = arguments.rounds or plan.rounds
    torch.set_num_threads(1)
    results = Results(Console(file=sys.stderr))
    on = results.line["host"] = host()
    results.row("processor", f"{on['processor']}: {' '.join(on['instructions'])}")
    results.row("peers", ", ".join(f"{name} {each or 'not installed'}" for name, each in on["peers"].items()))
    copywriter = Copywriter.load()
    with tempfile.TemporaryDirectory(prefix="bench-copy-") as name:
        parts: dict[str, Callable[[], None]] = {
            "speed": lambda: speed(plan, Path(name), results),
            "agent": lambda: agent(plan, Path(name), copywriter, results),
            "quality": lambda: good(plan, arguments.data, copywriter, results),
            "gpu": lambda: gpu(Path(name), results),
        }
        for part, run in parts.items():
            if arguments.only in (None, part):
                run()
    results.console = Console()
    show(results)
    print(json.dumps(results.line))


if __name__ == "__main__":
    main()
