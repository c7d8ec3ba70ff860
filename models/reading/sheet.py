"""A blind sheet: copies of several sources in one order that tells nothing, each with what its writer was
told; what they are stands in a key of its own, which no reader sees."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

import msgspec

from models.brief.brief import Brief, Copy, copy_channel_of
from models.brief.price import price_texts


class Piece(msgspec.Struct, frozen=True):
    """One copy to be read. `publishable` is what is known of it beforehand: None of what is to be judged,
    True and False of the hidden ones that show whether a reader reads."""

    source: str
    brief: Brief
    copy: Copy
    publishable: bool | None = None


class Entry(msgspec.Struct, frozen=True):
    """What a reader sees of a piece."""

    id: str
    brief: str
    headline: str
    body: str
    cta: str


class Secret(msgspec.Struct, frozen=True):
    """What an entry is."""

    id: str
    piece: Piece


class ReaderMark(msgspec.Struct, frozen=True):
    """What a reader says of an entry."""

    id: str
    publishable: bool
    reason: str = ""


def blind(pieces: Sequence[Piece], seed: int) -> tuple[list[Entry], list[Secret]]:
    """The sheet of some pieces and its key, in the same shuffled order. Deterministic."""
    order = list(pieces)
    random.Random(seed).shuffle(order)  # noqa: S311 - an order, no secret
    secrets = [Secret(_id(piece, seed, number), piece) for number, piece in enumerate(order)]
    return [_entry(each) for each in secrets], secrets


def _id(piece: Piece, seed: int, number: int) -> str:
    """A name that tells nothing of its source."""
    text = f"{seed}|{number}|{piece.source}|{piece.brief.request_id}|{piece.copy.headline}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _entry(secret: Secret) -> Entry:
    copy = secret.piece.copy
    return Entry(secret.id, brief_as_told(secret.piece.brief), copy.headline, copy.description, copy.cta)


def brief_as_told(brief: Brief) -> str:
    """What the writer was told, as text: the item, its price, what the campaign says, the reader's moment."""
    when = " ".join(part for part in (brief.weekday, brief.daypart) if part)
    lines = {
        "item": brief.title,
        "kind": brief.noun,
        "category": brief.category,
        "about it": brief.text,
        "brand": brief.brand,
        "price": " instead of ".join(reversed(price_texts(brief))),
        "facts": "; ".join(dict.fromkeys((*brief.claims, *brief.facts))),
        "must say": "; ".join(brief.must_use),
        "reader likes": ", ".join(brief.interest),
        "moment": when,
        "place": f"{copy_channel_of(brief.slot)} ({brief.slot}), {brief.locale}",
        "tone": f"{brief.tone}, {brief.goal}",
    }
    return "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
