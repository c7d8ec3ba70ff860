"""Less going on where words stand and near them, so that they can be read without a plate."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.background.colouring import Maps
from models.background.smoothing import Map, blurred

_FIELD, _ACCENT, _LIGHT = 0.6, 0.97, 0.75
"""What of the detail of a map goes."""
_NEAR: Final = 3.0
"""Pixels by which calm reaches beyond words."""
_WIDER: Final = 2.5
"""Words are calm to their edges, where a blurred map holds half."""
_EVEN: Final = 14.0
"""Pixels over which what remains is even."""
_DIMMED: Final = 0.6
"""Of the light that remains: white words want a ground that is no brighter than the brand's."""


def calmed(maps: Maps, words: Map) -> Maps:
    """The same maps, calm in the map of words."""
    near = np.clip(_WIDER * blurred(words, _NEAR), 0, 1)
    field, accent, light = (share * near for share in (_FIELD, _ACCENT, _LIGHT))
    even_field, even_light = blurred(maps.field, _EVEN), blurred(maps.light, _EVEN)
    return Maps(
        np.clip(maps.field * (1 - field) + even_field * field, 0, 1),
        np.clip(maps.accent * (1 - accent), 0, 1),
        np.clip(maps.light * (1 - light) + _DIMMED * even_light * light, -1, 1),
    )
