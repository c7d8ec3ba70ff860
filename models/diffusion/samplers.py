"""One step back from noise towards a picture: DDIM (Song et al. 2021), Euler and Euler with fresh noise
(Karras et al. 2022), and latent consistency (Luo et al. 2023)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import numpy as np

from models.diffusion.schedule import Floats, Predicts, Schedule

Noise = Callable[[], Floats]
"""Fresh noise of the picture's shape."""
_DATA: Final = 0.5
_SCALING: Final = 10.0
"""Standard deviation of pictures, and the scale of time, that consistency models are trained with."""


class Walk(Protocol):
    """The way from noise to a picture in so many steps."""

    times: Floats
    start: float
    """Standard deviation of the noise that it begins with."""

    def seen(self, latents: Floats, at: int) -> Floats:
        """What the model is given at a step."""

    def step(self, latents: Floats, told: Floats, at: int, noise: Noise) -> Floats:
        """What follows from what the model told."""


def walk_of(schedule: Schedule, steps: int) -> Walk:
    """The walk of a schedule's sampler."""
    if schedule.sampler == "ddim":
        return Ddim(schedule, steps)
    if schedule.sampler == "lcm":
        return Consistency(schedule, steps)
    return Euler(schedule, steps, schedule.sampler == "euler_ancestral")


def clean_and_noise(latents: Floats, told: Floats, kept: float, predicts: Predicts) -> tuple[Floats, Floats]:
    """The picture and the noise that latents consist of, where `kept` of the variance is the picture's."""
    signal, hidden = np.float32(kept**0.5), np.float32((1 - kept) ** 0.5)
    if predicts == "epsilon":
        return np.asarray((latents - hidden * told) / signal, np.float32), told
    if predicts == "sample":
        return told, np.asarray((latents - signal * told) / hidden, np.float32)
    return signal * latents - hidden * told, signal * told + hidden * latents


class Ddim:
    """Deterministic."""

    start = 1.0

    def __init__(self, schedule: Schedule, steps: int) -> None:
        self.times = schedule.walked(steps)
        self._schedule, self._kept = schedule, schedule.kept()
        self._apart = schedule.train_steps // steps

    def seen(self, latents: Floats, at: int) -> Floats:
        return latents

    def step(self, latents: Floats, told: Floats, at: int, noise: Noise) -> Floats:
        time = int(self.times[at])
        clean, noisy = clean_and_noise(latents, told, float(self._kept[time]), self._schedule.predicts)
        before = time - self._apart
        last = 1.0 if self._schedule.zero_first else float(self._kept[0])
        kept = float(self._kept[before]) if before >= 0 else last
        return np.float32(kept**0.5) * clean + np.float32((1 - kept) ** 0.5) * noisy


class Euler:
    """Along the slope, in standard deviations of noise; `fresh`: some of the noise is new at each step."""

    def __init__(self, schedule: Schedule, steps: int, fresh: bool) -> None:
        self.times = schedule.walked(steps)
        kept = schedule.kept().astype(np.float64)
        sigmas = np.sqrt((1 - kept) / kept)
        walked = np.interp(self.times, np.arange(len(sigmas)), sigmas)
        self._sigmas = np.append(walked, 0.0).astype(np.float32)
        most = float(self._sigmas.max())
        self.start = most if schedule.spacing != "leading" else (most**2 + 1) ** 0.5
        self._predicts, self._fresh = schedule.predicts, fresh

    def seen(self, latents: Floats, at: int) -> Floats:
        return latents / np.float32((float(self._sigmas[at]) ** 2 + 1) ** 0.5)

    def step(self, latents: Floats, told: Floats, at: int, noise: Noise) -> Floats:
        sigma, following = float(self._sigmas[at]), float(self._sigmas[at + 1])
        slope = (latents - self._clean(latents, told, sigma)) / np.float32(sigma)
        if not self._fresh:
            return latents + slope * np.float32(following - sigma)
        up = (following**2 * (sigma**2 - following**2) / sigma**2) ** 0.5
        down = (following**2 - up**2) ** 0.5
        return latents + slope * np.float32(down - sigma) + noise() * np.float32(up)

    def _clean(self, latents: Floats, told: Floats, sigma: float) -> Floats:
        if self._predicts == "epsilon":
            return latents - np.float32(sigma) * told
        if self._predicts == "sample":
            return told
        of_told, of_latents = -sigma / (sigma**2 + 1) ** 0.5, 1 / (sigma**2 + 1)
        return told * np.float32(of_told) + latents * np.float32(of_latents)


class Consistency:
    """Straight to a picture, then noise again, a little less each time."""

    start = 1.0

    def __init__(self, schedule: Schedule, steps: int) -> None:
        self.times = schedule.walked(steps)
        self._kept, self._predicts = schedule.kept(), schedule.predicts

    def seen(self, latents: Floats, at: int) -> Floats:
        return latents

    def step(self, latents: Floats, told: Floats, at: int, noise: Noise) -> Floats:
        time = int(self.times[at])
        clean, _ = clean_and_noise(latents, told, float(self._kept[time]), self._predicts)
        scaled = time * _SCALING
        skip = _DATA**2 / (scaled**2 + _DATA**2)
        out = scaled / (scaled**2 + _DATA**2) ** 0.5
        found = np.float32(out) * clean + np.float32(skip) * latents
        if at + 1 == len(self.times):
            return found
        kept = float(self._kept[int(self.times[at + 1])])
        return np.float32(kept**0.5) * found + np.float32((1 - kept) ** 0.5) * noise()
