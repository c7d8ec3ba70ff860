"""`python -m agents.fit_meanings`: fits the weights of models.meaning to its sentences. `--validate` says
first what a fit finds in sentences it has not seen."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

import models.meaning
from models.meaning.examples import MEANINGS, meaning_examples
from models.meaning.features import meaning_features
from models.meaning.validation import cross_validated
from models.meaning.vocabulary import vocabulary_words_of
from models.meaning.weights import WEIGHTS_FILE, fitted_meanings, save_weights
from models.text.normalise import fold_text

FALSELY = (0.02, 0.05, 0.1)


@click.command()
@click.option(
    "--validate",
    is_flag=True,
    help="First what a fit finds in a writer's sentences of whom it has seen none.",
)
def main(validate: bool) -> None:
    """Fit what tells an innocent sentence from one that may not be published."""
    written = list(meaning_examples())
    rows = [meaning_features(fold_text(each.text)) for each in written]
    labels = np.array([MEANINGS.index(each.meaning) for each in written], np.int64)
    click.echo(f"{len(written)} sentences, {int((labels == 0).sum())} innocent")
    if validate:
        for each in cross_validated(rows, labels, [each.writer for each in written], FALSELY):
            click.echo(f"{each.found:.3f} found at {each.falsely:.2f} falsely")
    path = Path(models.meaning.__path__[0]) / WEIGHTS_FILE
    save_weights(path, fitted_meanings(rows, labels, vocabulary_words_of(each.text for each in written)))
    click.echo(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
