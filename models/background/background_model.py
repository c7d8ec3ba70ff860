"""A background for the words of one picture: noise, the walk, colours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

from models.background.calm import calmed
from models.background.colouring import CHANNELS, Maps, coloured, maps_of
from models.background.conditions import CODE_WIDTH, Condition, Edges, words_map
from models.background.flow import Floats, walk
from models.background.folder import BackgroundFolder, open_background_folder
from models.background.noise import normals
from models.scene.palette import Palette


class BackgroundModel:
    """The session of a folder."""

    def __init__(self, folder: BackgroundFolder, session: ort.InferenceSession) -> None:
        self.name, self.manifest = folder.name, folder.manifest
        self._session = session

    @classmethod
    def load(cls, path: Path, provider: str, threads: int) -> BackgroundModel:
        """Raises ModelFileError, ProviderError."""
        folder = open_background_folder(path)
        return cls(folder, folder.session(provider, threads))

    def painted(
        self,
        size: tuple[int, int],
        palette: Palette,
        deep: bool,
        boxes: Sequence[Edges],
        mood: str,
        seed: int,
    ) -> Image.Image:
        """The ground of a picture of this width and height, calm where the boxes of its words are: the same
        for the same seed."""
        maps = self.maps(Condition(mood, deep, words_map(boxes, size)), seed)
        return coloured(maps, palette, size, seed)

    def maps(self, condition: Condition, seed: int) -> Maps:
        """The maps of a picture: what the model learnt of calm is not left to chance."""
        noise = normals(seed, (1, CHANNELS, *condition.words.shape))
        return calmed(maps_of(self.walked(condition, noise)), condition.words)

    def walked(self, condition: Condition, noise: Floats) -> Floats:
        """What noise (1, 3, height, width) becomes, (3, height, width)."""
        codes = np.stack([np.zeros(CODE_WIDTH, np.float32), condition.code])
        words = condition.words.astype(np.float32)[None, None]
        told = {"code": codes, "words": np.concatenate([np.zeros_like(words), words])}

        def clean(state: Floats, time: float) -> tuple[Floats, Floats]:
            given = {"noisy": np.concatenate([state, state]), "time": np.full(2, time, np.float32)}
            [found] = self._session.run(None, given | told)
            return found[:1], found[1:]

        return walk(noise, clean, self.manifest.steps, self.manifest.guidance)[0]
