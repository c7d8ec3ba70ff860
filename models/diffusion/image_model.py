"""A prompt becomes a picture: text encoders, the walk from noise under guidance, the decoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.diffusion.folder import (
    DECODER,
    DENOISER,
    ImageFolder,
    ImageSpec,
    PromptEncoder,
    open_image_folder,
)
from models.diffusion.samplers import Noise, walk_of
from models.diffusion.schedule import Floats

Heard = Callable[[Floats], None]
"""Told the latents behind each step."""
_LONGEST_PERIOD: Final = 10_000.0
_GUIDANCE_SCALE: Final = 1_000.0


@dataclass(frozen=True, slots=True)
class ImageWish:
    """What is to be seen, what is not, and how large; `steps` 0 and `guidance` None: as the folder says."""

    prompt: str
    unwanted: str
    width: int
    height: int
    steps: int = 0
    guidance: float | None = None


class ImageModel:
    """The sessions of a folder."""

    def __init__(
        self,
        folder: ImageFolder,
        readers: Sequence[tuple[PromptEncoder, Tokenizer, ort.InferenceSession]],
        denoiser: ort.InferenceSession,
        decoder: ort.InferenceSession,
    ) -> None:
        self.name, self.spec = folder.name, folder.manifest.spec
        self._readers, self._denoiser, self._decoder = readers, denoiser, decoder

    @classmethod
    def load(cls, path: Path, provider: str, threads: int) -> ImageModel:
        """Raises ModelFileError, ProviderError."""
        folder = open_image_folder(path)
        readers = [
            (each, folder.tokenizer(each), folder.session(each.name, provider, threads))
            for each in folder.manifest.spec.encoders
        ]
        opened = (folder.session(each, provider, threads) for each in (DENOISER, DECODER))
        return cls(folder, readers, *opened)

    def drawn(self, wish: ImageWish, seed: int, heard: Heard | None = None) -> NDArray[np.uint8]:
        """The picture (height, width, 3): the same for the same seed on the same processor."""
        rng = np.random.default_rng(seed)
        shape = latent_shape(self.spec, wish)

        def noise() -> Floats:
            return rng.standard_normal(shape, np.float32)

        return image_pixels_of(self.made(wish, noise(), noise, heard))

    def made(self, wish: ImageWish, begun: Floats, noise: Noise, heard: Heard | None = None) -> Floats:
        """The picture (3, height, width) from -1 to 1 that `begun`, noise of deviation 1, becomes."""
        guidance = self.spec.guidance if wish.guidance is None else wish.guidance
        paired = guidance > 1 and not self.spec.guided_width
        given = self._given(wish, guidance, paired)
        walk = walk_of(self.spec.schedule, wish.steps or self.spec.steps)
        latents = begun * np.float32(walk.start)
        for at, time in enumerate(walk.times):
            seen = walk.seen(latents, at)
            both = np.concatenate([seen, seen]) if paired else seen
            [told] = self._denoiser.run(
                None, {"latents": both, "time": np.array([time], np.float32), **given}
            )
            if paired:
                without, along = told[:1], told[1:]
                told = without + np.float32(guidance) * (along - without)
            latents = walk.step(latents, told, at, noise)
            if heard is not None:
                heard(latents)
        return self.decoded(latents)

    def decoded(self, latents: Floats) -> Floats:
        """The picture (3, height, width) from -1 to 1 that latents stand for."""
        [picture] = self._decoder.run(None, {"latents": latents})
        return np.asarray(picture[0], np.float32)

    def _given(self, wish: ImageWish, guidance: float, paired: bool) -> dict[str, Floats]:
        """What the denoiser is told at every step."""
        read = [self._read(each) for each in ([wish.unwanted, wish.prompt] if paired else [wish.prompt])]
        given = {"states": np.concatenate([states for states, _ in read])}
        if self.spec.guided_width:
            given["guidance"] = guidance_vector(guidance, self.spec.guided_width)
        if self.spec.sized:
            given["pooled"] = np.concatenate([pooled for _, pooled in read if pooled is not None])
            size = [wish.height, wish.width, 0, 0, wish.height, wish.width]
            given["sizes"] = np.array([size] * len(read), np.float32)
        return given

    def _read(self, prompt: str) -> tuple[Floats, Floats | None]:
        states, pooled = [], None
        for encoder, tokenizer, session in self._readers:
            ids = np.array([tokenizer.encode(prompt).ids], np.int64)
            found = session.run(None, {"ids": ids})
            states.append(found[0])
            pooled = found[1] if encoder.pooled else pooled
        return np.concatenate(states, axis=-1), pooled


def latent_shape(spec: ImageSpec, wish: ImageWish) -> tuple[int, int, int, int]:
    """Of the noise that a picture begins as."""
    return 1, spec.channels, wish.height // spec.shrink, wish.width // spec.shrink


def guidance_vector(guidance: float, width: int) -> Floats:
    """Guidance as waves of falling frequency, as distilled models are told it."""
    half = width // 2
    turns = np.exp(np.arange(half, dtype=np.float32) * np.float32(-np.log(_LONGEST_PERIOD) / (half - 1)))
    angles = np.float32((guidance - 1) * _GUIDANCE_SCALE) * turns
    waves = np.concatenate([np.sin(angles), np.cos(angles)])
    return np.pad(waves, (0, width - 2 * half)).astype(np.float32)[None]


def image_pixels_of(picture: Floats) -> NDArray[np.uint8]:
    """From -1 to 1 as bytes, channels last."""
    return np.round(np.clip(picture / 2 + 0.5, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)
