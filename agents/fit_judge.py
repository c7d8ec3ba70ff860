"""`python -m agents.fit_judge`: fits the judge of models.judge to what readers marked. `--validate` says what
a fit finds in marks of items it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import numpy as np
from rich.table import Table

import models.judge
from agents.commands.tables import print_table
from models.arrays import FloatArray, IntArray
from models.brief.brief import language_of
from models.corpus.shipped import refused_ads, shipped_ads
from models.judge.fitting import PRECISION, MarkedCopy, learnt, prepared, unseen_sums, validated
from models.judge.learned import WEIGHTS_FILE, save_learned
from models.judge.marks import marks

AD, REFUSED = "ad", "refused ad"
TODAY: Final = "builtin/5"
"""Source of what the built-in copywriter writes today: bar and sureness are of its drafts."""
_WORTH: Final = 4.0
"""How often such a draft counts beside others."""


@click.command()
@click.option("--validate", is_flag=True, help="Print what it finds in marks it has not seen.")
def main(validate: bool) -> None:
    """Fit the judge to ads that readers took and refused, and to marked drafts of models."""
    ads = [MarkedCopy(ad.brief, ad.copy, True, AD) for ad in shipped_ads() if not ad.held_out]
    refused = [MarkedCopy(ad.brief, ad.copy, False, REFUSED) for ad in refused_ads() if not ad.held_out]
    drafts = [
        MarkedCopy(
            each.brief, each.copy, each.publishable, each.source, _WORTH if each.source == TODAY else 1.0
        )
        for each in marks()
    ]
    examples = [*ads, *refused, *drafts]
    data = prepared(examples, ads[::2])
    click.echo(
        f"{len(examples)} marks, {len(drafts)} of them of drafts; {len(data.held) - len(examples)} spoilt ads"
    )
    unseen = unseen_sums(data)
    if validate:
        _show(examples, unseen, data.good)
    of_today = np.array([at for at, each in enumerate(examples) if each.source == TODAY])
    learned = learnt(data, unseen, of_today)
    path = Path(models.judge.__path__[0]) / WEIGHTS_FILE
    save_learned(path, learned)
    above = f"bar {learned.bar:.3f}, above which {learned.above:.2f} of unseen drafts are publishable"
    click.echo(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB; {above}")


def _show(examples: Sequence[MarkedCopy], unseen: FloatArray, good: IntArray) -> None:
    """Per source and language, and over all."""
    groups = {"all marks": np.arange(len(examples))}
    for at, each in enumerate(examples):
        if each.source not in (AD, REFUSED):
            for name in ("drafts", f"drafts: {each.source}", f"drafts: {language_of(each.brief.locale)}"):
                groups[name] = np.append(groups.get(name, np.array([], np.int64)), at)
    groups["ads and refused ads"] = np.array(
        [at for at, each in enumerate(examples) if each.source in (AD, REFUSED)]
    )
    table = Table(
        "marks",
        "number",
        "publishable",
        "ranked right",
        "precision at recall .5",
        f"recall at precision {PRECISION}",
    )
    for name, chosen in groups.items():
        found = validated(unseen[chosen], good[chosen])
        table.add_row(name, str(found.marks), str(found.good), *(f"{each:.3f}" for each in found[2:]))
    print_table(table)


if __name__ == "__main__":
    main()
