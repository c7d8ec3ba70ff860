"""Ids that a replay makes again: hashes of what caused a thing, never of a clock or a random number."""

from __future__ import annotations

from typing import Final

from xxhash import xxh3_64_hexdigest, xxh3_64_intdigest

SEPARATOR: Final = "\x1f"
HEX_DIGITS: Final = 16
PICTURE_ID: Final = "ph_"
"""Before the name of a photo or background, as people review it on ads.review.v1."""


def hash64(text: str | bytes) -> int:
    """xxh3 of `text` in [1, 2**64): 0 means "none" in the rows, so it is never a hash."""
    return xxh3_64_intdigest(text.encode() if isinstance(text, str) else text) or 1


def request_id(user: str, kind: str, topic: str, event_id: str) -> str:
    """Id of the request that the trigger `kind` makes for `user` because of one event: "rq_" + 16 hex
    digits."""
    return "rq_" + _hex(user, kind, topic, event_id)


def creative_id(request_id: str, campaign_id: str, slot: str) -> str:
    """Id of the creative that answers a request: "cr_" + 16 hex digits; model, arm and time do not enter."""
    return "cr_" + _hex(request_id, campaign_id, slot)


def exposure_id(user: bytes, imp: int) -> str:
    """Id of the exposure that an impression makes to a user key; `imp` = hash64 of the impression's id: "ex_"
    + 16 hex digits."""
    return "ex_" + xxh3_64_hexdigest(b"%b\x1f%016x" % (user, imp))


def copy_id(key: str, headline: str, description: str, cta: str) -> str:
    """Id of a copy of the pool, by the key of its entry and its words: "cp_" + 16 hex digits."""
    return "cp_" + _hex(key, headline, description, cta)


def is_copy_id(id: str) -> bool:
    """Whether an id is one of the pool's copies."""
    return len(id) == 3 + HEX_DIGITS and id.startswith("cp_")


def is_creative_id(id: str) -> bool:
    """Whether an id is one of our creatives'."""
    return len(id) == 3 + HEX_DIGITS and id.startswith("cr_")


def segment_id(user: str, segment: str, catalog_version: int, ts: int) -> str:
    """Id of the statement that `user` is in `segment` as of `ts`, '' = in none: "as_" + 16 hex digits."""
    return "as_" + _hex(user, segment, str(catalog_version), str(ts))


def link_id(user: str, partner: str, ts: int) -> str:
    """Id of the statement of `user` that `partner` is the same person, '' = nobody is: "li_" + 16 hex
    digits."""
    return "li_" + _hex(user, partner, str(ts))


def impression_id(creative_id: str, user: str, showing: str) -> str:
    """Id of a showing of a creative to a user, which "became viewable" shares: "im_" + 16 hex digits."""
    return "im_" + _hex(creative_id, user, showing)


def click_id(creative_id: str, user: str, showing: str) -> str:
    """Id of the click on a showing, of which there is one: "ck_" + 16 hex digits."""
    return "ck_" + _hex(creative_id, user, showing)


def playing_id(creative_id: str, user: str, showing: str, reached: str) -> str:
    """Id of the statement that a clip was played so far: "pl_" + 16 hex digits."""
    return "pl_" + _hex(creative_id, user, showing, reached)


def reaction_id(creative_id: str, user: str, showing: str, reaction: str) -> str:
    """Id of what a user says of a showing, each thing once: "re_" + 16 hex digits."""
    return "re_" + _hex(creative_id, user, showing, reaction)


def number_of(id: str) -> int:
    """The 64-bit number that stands for an id in a row: that of "cr_" / "rq_" + 16 hex digits is in the id,
    others are hashed. Never 0."""
    if len(id) == 3 + HEX_DIGITS and id.startswith(("cr_", "rq_")):
        try:
            return int(id[3:], 16) or 1
        except ValueError:
            pass
    return hash64(id)


def _hex(*parts: str) -> str:
    return xxh3_64_hexdigest(SEPARATOR.join(parts).encode())
