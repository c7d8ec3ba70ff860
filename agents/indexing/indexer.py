"""What the catalogue topic wants against what the artefact has, and the records that close the gap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from agents.calibration.budget import budget_step
from agents.indexing.offers import forgotten_items, right_items, wrong_items
from agents.inputs.board import InputBoard
from models.arrays import FloatArray
from models.catalog.complements import Bought, fit_complements, no_complements
from models.catalog.fitting import FIT_SEED, extended, refitted
from models.catalog.popularity import popularity_of_log
from models.catalog.space import encoder
from models.catalog.space.basis import item_text_of
from models.catalog.space.coclicks import OrderedPositives
from models.catalog.space.encoder import TextEncoder
from models.catalog.terms import fit_terms
from models.catalog.version import Catalog
from models.choice.experiment_ledger import ExperimentLedger
from models.interest.threshold.budget import TriggerTotals
from models.item import Item
from models.revocations import Revocation, Revocations
from streams.artifacts.catalog_version import changes_of, records_of
from streams.artifacts.detector import DetectorPart, detector_record
from streams.artifacts.kinds import artifact_key
from streams.artifacts.outputs import artifact_output, artifact_withdrawal
from streams.artifacts.reader import ArtifactReader
from streams.broker.producer import OutputProducer
from streams.loud_end import RefusedError
from streams.mapping.catalog_items import item_of
from streams.mapping.experiments import note_experiment
from streams.mapping.revocations import heed, revocation_output, unsaid
from streams.metrics.creatives import REVOCATIONS
from streams.records import ArtifactRecord, CatalogItem, Record, TriggerCount
from streams.topics import ARTIFACT, CATALOG, EXPERIMENT, INPUT, REVOCATION, TRIGGER, TopicSpec
from streams.wire.codecs import Headers

INDEXER_FOLLOWS: Final = (CATALOG, ARTIFACT, REVOCATION, EXPERIMENT, TRIGGER, INPUT)
SETTLE_S: Final = 1.0
_SLICE: Final = 200
"""Records sent before the next ones are made: bounds memory and paces the progress bar."""


class Indexer:
    """The topics as a Follower brings them."""

    def __init__(self) -> None:
        self.wanted: dict[str, Item] = {}
        self.reader = ArtifactReader()
        self.revocations = Revocations()
        self.experiments = ExperimentLedger()
        self.seen = 0  # records so far: tells whether something is still coming
        self.triggered: dict[int, TriggerTotals] = {}  # by lane
        self.inputs = InputBoard()

    def on_record(
        self, spec: TopicSpec, key: str, record: Record | None, headers: Headers, append_ts: int
    ) -> None:
        """What a Follower of `FOLLOWED` calls."""
        if spec.name == REVOCATION.name:
            heed(self.revocations, key, record)
            return
        if spec.name == EXPERIMENT.name:
            note_experiment(self.experiments, key, record)
            return
        if spec.name == TRIGGER.name:
            self._take_count(record)
            return
        if spec.name == INPUT.name:
            self.inputs.on_record(spec, key, record, headers, append_ts)
            return
        self.seen += 1
        if spec.name == ARTIFACT.name:
            self.reader.on_record(spec, key, record, headers, append_ts)
        elif isinstance(record, CatalogItem):
            self.wanted[key] = item_of(record)
        else:
            self.wanted.pop(key, None)

    def _take_count(self, record: Record | None) -> None:
        if isinstance(record, TriggerCount):
            totals = TriggerTotals(record.positives, record.first, record.shift)
            self.triggered[record.source_partition] = totals

    def totals(self) -> TriggerTotals:
        """Positive events and requests of all lanes."""
        return TriggerTotals(*(sum(column) for column in zip(*self.triggered.values(), strict=True)))

    def known(self) -> dict[str, Item]:
        """Items of the current version by id."""
        catalog = self.reader.catalog
        return {} if catalog is None else {item.item_id: item for item in catalog.items}

    def pending(self) -> dict[str, Item | None]:
        """Items by id that the current version lacks or has otherwise; None = to be taken out."""
        known = self.known()
        changed: dict[str, Item | None] = {
            item_id: item for item_id, item in self.wanted.items() if known.get(item_id) != item
        }
        gone = {
            item_id: None for item_id, item in known.items() if item.available and item_id not in self.wanted
        }
        return changed | gone


class WordlessCatalogError(RefusedError):
    """No item says anything yet; a later one may."""


def caught_up(
    catalog: Catalog | None, changed: Mapping[str, Item | None], folder: Path | None
) -> list[ArtifactRecord]:
    """Records that bring `catalog` up to its `Indexer.pending` changes (at least one): a first version, or
    changed items.

    `folder` = that of a sentence encoder, None = the built-in one. Takes seconds for a first version. Raises
    RefusedError when the encoder of the current version is not at hand.
    """
    if catalog is None:
        return refit([item for item in changed.values() if item is not None], None, folder)
    return list(changes_of(catalog, extended(catalog, changed, loaded_encoder(catalog, folder))))


def in_order(items: Iterable[Item]) -> list[Item]:
    """Items in the order of rows that a new version gives them."""
    return sorted(items, key=lambda item: item.item_id)


def required(items: Sequence[Item]) -> list[Item]:
    """`in_order` of at least one item. Raises RefusedError."""
    if not items:
        raise RefusedError(
            f"{CATALOG.name} holds no items: send some with `shiftcast index --load FILE.jsonl`"
        )
    return in_order(items)


def refit(
    items: Sequence[Item],
    current: Catalog | None,
    folder: Path | None,
    categories: bool | None = None,
    chosen: OrderedPositives | None = None,
    bought: Bought | None = None,
    looks: FloatArray | None = None,
) -> list[ArtifactRecord]:
    """Records of a new version of `items`, from what users chose and bought too, and from `looks` of items:
    rows of `in_order`. Takes seconds. Raises RefusedError without items, without a word in them, or when
    categories do not fit."""
    ordered = required(items)
    try:
        made = _loaded(folder) or encoder.fit_encoder([item_text_of(item) for item in ordered], seed=FIT_SEED)
        version = refitted(ordered, made, current, categories, chosen, looks)
        popular = popularity_of_log(version, chosen, current)
        words = fit_terms(version.items, version.codes)
        sold = no_complements() if bought is None else fit_complements(bought, version.items)
        return list(
            records_of(
                replace(
                    version,
                    popularity=popular,
                    words=words,
                    complements=sold.rows,
                    complement_shares=sold.shares,
                )
            )
        )
    except encoder.NoWordsError as error:
        raise WordlessCatalogError(
            f"none of the {len(ordered)} items of {CATALOG.name} has a word in its title, noun, cat or text: "
            "send them again with words, `shiftcast index --load FILE.jsonl`"
        ) from error
    except ValueError as error:
        raise RefusedError(f"{error}: use `--clusters`") from error


def loaded_encoder(catalog: Catalog, folder: Path | None) -> TextEncoder:
    """The one that `catalog` was made with; `folder` = that of a sentence encoder. Raises RefusedError when
    it is not at hand."""
    if catalog.basis.encoder == encoder.NAME:
        return encoder.restored(catalog.basis.weights)
    made = _loaded(folder)
    if made is None or made.name != catalog.basis.encoder:
        raise RefusedError(
            f"catalogue version {catalog.version} was made with encoder {catalog.basis.encoder}: name its "
            "folder with "
            "SHIFTCAST_ENCODER_DIR, or make a new version with `shiftcast index --refit`"
        )
    return made


def _loaded(folder: Path | None) -> TextEncoder | None:
    if folder is None:
        return None
    # Only whoever names a folder needs onnxruntime.
    from models.catalog.space import sentence_encoder

    try:
        return sentence_encoder.load_encoder(folder)
    except sentence_encoder.EncoderFolderError as error:
        raise RefusedError(str(error)) from error


async def revoke_items(producer: OutputProducer, indexer: Indexer, now_ms: int) -> None:
    """State which items may not be shown as they are published."""
    said = indexer.revocations
    wrong = wrong_items(indexer.known(), indexer.pending(), said, now_ms)
    await _state(producer, said, list(wrong), [], now_ms)


async def restore_items(producer: OutputProducer, indexer: Indexer, now_ms: int) -> None:
    """State which items may be shown again: SETTLE_S after their new rows are out, when no generator makes
    anything of the old ones any more."""
    said = indexer.revocations
    right = right_items(indexer.known(), indexer.pending(), said, now_ms)
    await _state(producer, said, list(right), forgotten_items(said, now_ms), now_ms)


async def _state(
    producer: OutputProducer,
    said: Revocations,
    changed: Sequence[Revocation],
    forgotten: Sequence[Revocation],
    now_ms: int,
) -> None:
    for each in changed:  # known before it comes back, so that it is stated once
        said.take(each)
        REVOCATIONS.labels(each.kind, each.reason).inc()
    for each in forgotten:
        said.drop(each.kind, each.id)
    await producer.send(
        [revocation_output(each, now_ms) for each in changed] + [unsaid(each, now_ms) for each in forgotten]
    )


async def set_threshold(
    producer: OutputProducer, indexer: Indexer, wanted_per_1000: float, now_ms: int
) -> DetectorPart | None:
    """Take the step that the budget of generations asks for; what was published, None = nothing."""
    catalog = indexer.reader.catalog
    if catalog is None:
        return None
    part = budget_step(catalog, indexer.reader.detector, indexer.totals(), wanted_per_1000, now_ms)
    if part is not None:
        record = detector_record(catalog.version, part)
        await producer.send([artifact_output(record, now_ms)])
        indexer.reader.apply(artifact_key(record), record)  # the next look knows it
    return part


async def publish_version(
    producer: OutputProducer,
    indexer: Indexer,
    records: Sequence[ArtifactRecord],
    now_ms: int,
    sent: Callable[[int], None] = lambda n: None,
) -> None:
    """State which items are not as they were, store `records`, a manifest only after all before it, then
    withdraw what older versions left. `sent(n)` after each n records."""
    await revoke_items(producer, indexer, now_ms)
    *parts, last = records
    for start in range(0, len(parts), _SLICE):
        await producer.send([artifact_output(record, now_ms) for record in parts[start : start + _SLICE]])
        sent(len(parts[start : start + _SLICE]))
    await producer.send([artifact_output(last, now_ms)])
    sent(1)
    for record in records:
        indexer.reader.apply(
            artifact_key(record), record
        )  # the next look knows it; reading it again changes nothing
    catalog = indexer.reader.catalog
    old = [] if catalog is None else indexer.reader.keys_before(catalog.version)
    await producer.send([artifact_withdrawal(key, now_ms) for key in old])
    for key in old:
        indexer.reader.apply(key, None)
