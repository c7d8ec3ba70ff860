"""The profile row of one user: layout, what a fire looks like, and the catalogue as the kernels see it.

Float16 fields are stored as `u2` bit patterns (numba has no float16 on the CPU;
`row["long"].view(np.float16)` reads them). Fields are laid out by falling size, so that each is naturally
aligned. Rules and figures: models/interest/update.py.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import typeof
from numpy.typing import ArrayLike, NDArray

from models.arrays import Rows
from models.interest.concentration import MAX_DISTINCT, MAX_DRAWS, concentration_table
from models.row import HEADER

KIND: Final = ord("p")
DIMENSIONS: Final = 64
CODES: Final = 64
RING: Final = 24
TOP_ITEMS: Final = 6
NEWEST: Final = 24
SUPPRESSED: Final = 8
REGIMES: Final = 3
REGIME_CODES: Final = 6
CLICKED: Final = 4
EXPLAINED: Final = 4
NO_CODE: Final = 255

HAS_CREATIVE: Final = 1
"""Bit of head.flags: a first creative has been asked for."""
IN_SESSION: Final = 8
"""Bit of head.flags from which on, in five bits, it counts the slots of the ring that the current session
filled."""

REGIME: Final = np.dtype(
    [
        ("id", "<u2"),  # number of the trigger that opened it; 0 = empty slot
        ("day", "<u2"),  # days since 1970 when it was left
        ("code", "u1", (REGIME_CODES,)),  # strongest first, NO_CODE none
        ("weight", "u1", (REGIME_CODES,)),  # share of the regime's mass x 255
    ]
)

PROFILE: Final = np.dtype(
    [
        ("head", HEADER),
        ("t_seen", "<i8"),  # ms of event time: newest event of any kind
        ("t_ref", "<i8"),  # newest learning event; masses, vectors and freq are as of then
        ("t_pos", "<i8"),  # newest positive that the detector saw
        (
            "t_hist",
            "<i8",
        ),  # origin of hist and hist_mass, which grow relative to it (models/interest/detector/shift.py)
        ("t_trig", "<i8"),  # newest trigger
        ("seen", "<u8"),  # bit per code ever seen
        ("t_first", "<u4"),  # seconds: first creative asked for, 0 none
        ("t_imp", "<u4"),  # seconds: clocks of the three decayed counts, one per source topic
        ("t_click", "<u4"),
        ("t_conv", "<u4"),
        ("t_place", "<u4"),  # seconds: when `place` was reported
        ("n_imp", "<u4"),
        ("n_click", "<u4"),
        ("n_conv", "<u4"),
        ("n_pos", "<u4"),  # clicks, carts, likes and conversions
        ("n_hide", "<u4"),
        ("bot_minute", "<u4"),  # minute of event time in which bot_count positives fell
        ("bot_until", "<u4"),  # minute before which the user counts as a bot
        ("ew_imp", "<f4"),
        ("ew_click", "<f4"),
        ("ew_conv", "<f4"),
        ("m_long", "<f4"),
        ("m_short", "<f4"),
        ("freq", "<f4", (4,)),  # positives decayed at 1 h, 1 d, 7 d, 30 d, as of t_ref
        ("hist_mass", "<f4"),  # sum of hist
        ("distinct", "<f4"),  # D and N of the concentration table
        ("draws", "<f4"),
        ("top_score", "<f4", (TOP_ITEMS,)),  # log2 of decayed weight, models/interest/taste.py
        ("top_item", "<u4", (TOP_ITEMS,)),  # CatalogArrays.item_keys, 0 none
        ("clicked", "<u4", (CLICKED,)),  # items clicked in the current session, newest first
        ("long", "<u2", (DIMENSIONS,)),  # mean vectors, half-lives 30 d and 2 d
        ("short", "<u2", (DIMENSIONS,)),
        ("hist", "<u2", (CODES,)),  # weight per code since the last shift
        ("scan", "<u2", (RING,)),  # log Bayes factor "changed at this ring slot"
        ("concentration", "<u2"),
        ("price_mean", "<u2"),  # of price_z
        ("price_var", "<u2"),
        ("gap", "<u2"),  # mean of ln(minutes between sessions)
        ("spend", "<u2"),  # mean of ln(value in minor units)
        (
            "hours",
            "<u2",
            (24,),
        ),  # events by hour, weekday and devicetype - 1 at the user's place; stop at 65,535
        ("weekdays", "<u2", (7,)),
        ("devices", "<u2", (8,)),
        ("place", "<u2"),  # hash of country-region
        ("suppressed_until", "<u2", (SUPPRESSED,)),  # days since 1970
        ("n_seen", "<u2"),  # positives the detector saw, stops at 65,535
        ("n_trig", "<u2"),  # triggers so far
        ("regime", "<u2"),  # id of the current regime
        ("regimes", REGIME, (REGIMES,)),
        ("ref", "i1", (DIMENSIONS,)),  # direction served at the last trigger x 127
        ("ring", "u1", (RING,)),  # newest last
        ("ring_weight", "u1", (RING,)),  # x 255
        ("suppressed", "u1", (SUPPRESSED,)),  # codes hidden by the user, NO_CODE none
        ("prev", "u1"),  # code of the newest positive, NO_CODE none
        ("cool", "u1"),  # positives until the next trigger may fire
        ("n_price", "u1"),
        ("n_spend", "u1"),
        ("currency", "u1"),  # of `spend`
        ("bot_count", "u1"),
        ("bot_shown", "<u2"),  # impressions of that minute
        ("audience", "<u2"),  # 1 + segment that ads.audience.v1 says of the user, 0 none
        ("audience_version", "<u4"),  # catalogue version that numbers it
        ("newest", "<u4", (NEWEST,)),  # items of the newest positives, each once, newest first, 0 none
        ("newest_age", "u1", (NEWEST,)),  # how often the ring has moved since each was noted; stops at 255
        (
            "price_sum",
            "<f4",
        ),  # standings since the price level last changed (detector/price_scan.py)
        ("price_mass", "<f4"),
        ("price_scan", "<u2", (RING,)),  # log Bayes factor "the price level changed at this ring slot"
        ("ring_price", "u1", (RING,)),  # standing of each positive of the ring as a byte, 0 unknown
    ]
)

FIRST_TRIGGER: Final = 0
SHIFT_TRIGGER: Final = 1
FIRE: Final = np.dtype(
    [
        ("event", "<i4"),  # index of the causing event
        ("user", "<i4"),  # index of the row
        ("kind", "u1"),  # FIRST or SHIFT
        ("change_slot", "i1"),  # ring slot after which the new interest began, -1 for FIRST
        (
            "returning",
            "i1",
        ),  # regime slot of the interest that came back (the one left now takes that slot), else -1
        ("price", "i1"),  # 1 the level rose, -1 fell, 0 neither
        ("filed", "i1"),  # regime slot that took the regime left now, -1 for FIRST
        ("regime", "<u2"),  # id of the regime that is current from now on
        ("left", "<u2"),  # id of the regime left, 0 for FIRST
        ("trigger", "<u2"),  # number of this trigger, 1..
        ("score", "<f4"),  # log of summed Bayes factors
        ("gained", "<i2", (EXPLAINED,)),  # codes, -1 none
        ("gained_weight", "<f4", (EXPLAINED,)),  # share after - share before
        ("lost", "<i2", (EXPLAINED,)),
        ("lost_weight", "<f4", (EXPLAINED,)),  # share before - share after
    ]
)


class CatalogArrays(NamedTuple):
    """One catalogue artefact as the kernels read it. `typed_arrays` gives each array the type that
    they take."""

    version: int
    previous: int  # the version that rotation and code_map come from, 0 none
    vectors: NDArray[np.float32]  # (items, 64) unit norm
    codes: NDArray[np.int16]  # (items,)
    price_z: NDArray[np.float32]  # (items,) nan unknown
    item_keys: NDArray[
        np.uint32
    ]  # (items,) low half of hash64(item_id), never 0: what rows remember of an item
    centroids: NDArray[np.float32]  # (64, 64) of the codes, zero where unused
    prior: NDArray[np.float32]  # (64,) share of positives per code
    kernel: NDArray[np.float32]  # (64, 64) [code, seen code], columns sum to 1
    concentration: NDArray[np.float32]  # (256, 65) models.interest.concentration
    rotation: NDArray[np.float32]  # (64, 64) previous space -> this space, column vectors
    code_map: NDArray[np.int16]  # (64,) previous code -> this code, -1 gone


_FORMS: Final = {
    "vectors": (np.float32, (-1, DIMENSIONS)),
    "codes": (np.int16, (-1,)),
    "price_z": (np.float32, (-1,)),
    "item_keys": (np.uint32, (-1,)),
    "centroids": (np.float32, (CODES, DIMENSIONS)),
    "prior": (np.float32, (CODES,)),
    "kernel": (np.float32, (CODES, CODES)),
    "concentration": (np.float32, (MAX_DRAWS + 1, MAX_DISTINCT + 1)),
    "rotation": (np.float32, (DIMENSIONS, DIMENSIONS)),
    "code_map": (np.int16, (CODES,)),
}
"""Type and shape of the arrays; -1 = items."""


def typed_arrays(arrays: CatalogArrays) -> CatalogArrays:
    """The same with every array as the kernels take it, and a prior that sums to 1.

    Raises ValueError on a wrong shape, a code outside 0..63 or a prior that is not positive.
    """
    n, codes, prior = len(arrays.vectors), np.asarray(arrays.codes), np.asarray(arrays.prior)
    if len(codes) and (codes.min() < 0 or codes.max() >= CODES):
        raise ValueError(f"codes must lie in 0..{CODES - 1}, found {codes.min()}..{codes.max()}")
    if not np.all(prior > 0):
        raise ValueError("the prior of each code must be above 0")
    arrays = arrays._replace(
        version=int(arrays.version), previous=int(arrays.previous), prior=prior / prior.sum()
    )
    return arrays._replace(
        **{name: _typed(getattr(arrays, name), form, shape, n) for name, (form, shape) in _FORMS.items()}
    )


def plain_arrays(vectors: ArrayLike, codes: ArrayLike) -> CatalogArrays:
    """Version 1 of an artefact of which no more is known: prices unknown, item keys 1.., centroids =
    normalised means of each code's vectors, prior = share of items per code, kernel and rotation the
    identity. Raises ValueError as `typed_arrays` does."""
    x, c = np.asarray(vectors, np.float32), np.asarray(codes, np.int16)
    arrays = CatalogArrays(
        version=1,
        previous=0,
        vectors=x,
        codes=c,
        price_z=np.full(len(x), np.nan, np.float32),
        item_keys=np.arange(1, len(x) + 1, dtype=np.uint32),
        centroids=np.zeros((CODES, DIMENSIONS), np.float32),
        prior=np.ones(CODES, np.float32),
        kernel=np.eye(CODES, dtype=np.float32),
        concentration=concentration_table(),
        rotation=np.eye(DIMENSIONS, dtype=np.float32),
        code_map=np.arange(CODES, dtype=np.int16),
    )
    shares = np.bincount(typed_arrays(arrays).codes, minlength=CODES) + 0.5
    return typed_arrays(arrays._replace(centroids=code_means(x, c), prior=shares))


def code_means(vectors: NDArray[np.float32], codes: NDArray[np.int16]) -> NDArray[np.float32]:
    """Unit mean vector of each code (64, 64); zero for a code without items."""
    sums = np.zeros((CODES, DIMENSIONS), np.float32)
    np.add.at(sums, codes, np.nan_to_num(vectors))
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.divide(sums, norms, out=sums, where=norms > 0)


def _typed(values: ArrayLike, dtype: Any, shape: tuple[int, ...], items: int) -> Any:
    array = np.require(values, dtype, ["C", "W", "A"])
    wanted = tuple(items if size < 0 else size for size in shape)
    if array.shape != wanted:
        raise ValueError(f"expected shape {wanted}, found {array.shape}")
    return array


CATALOG_TYPE: Final = typeof(plain_arrays(np.zeros((0, DIMENSIONS)), ()))
"""CatalogArrays as an argument of kernels."""


def empty_profiles(n: int) -> Rows:
    """`n` absent rows: all zero, version 0. The kernel initialises a row when it first learns something."""
    return np.zeros(n, PROFILE)
