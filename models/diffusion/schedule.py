"""How much noise a model saw at each of its training steps, and which of those steps are walked back (Ho et
al. 2020, "Denoising Diffusion Probabilistic Models"; spacings as Lin et al. 2023 compare them)."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Sampler = Literal["ddim", "euler", "euler_ancestral", "lcm"]
Spacing = Literal["leading", "linspace", "trailing"]
Predicts = Literal["epsilon", "v_prediction", "sample"]


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As a scheduler's configuration says it; `distilled_steps`: those that a consistency model was distilled
    from, `zero_first`: whether nothing is left of the noise behind the last step."""

    sampler: Sampler
    train_steps: int = 1000
    beta_start: float = 0.00085
    beta_end: float = 0.012
    betas: Literal["linear", "scaled_linear"] = "scaled_linear"
    predicts: Predicts = "epsilon"
    spacing: Spacing = "leading"
    offset: int = 0
    zero_first: bool = False
    distilled_steps: int = 50

    def kept(self) -> Floats:
        """Share of a picture's variance that is left at each training step."""
        if self.betas == "linear":
            betas = np.linspace(self.beta_start, self.beta_end, self.train_steps, dtype=np.float32)
        else:
            betas = np.linspace(self.beta_start**0.5, self.beta_end**0.5, self.train_steps, dtype=np.float32)
            betas = betas**2
        return np.cumprod(1.0 - betas, dtype=np.float32)

    def walked(self, steps: int) -> Floats:
        """The training steps that are taken back, last first."""
        if self.sampler == "lcm":
            return self._distilled(steps)
        if self.spacing == "linspace":
            spaced = np.linspace(0, self.train_steps - 1, steps)[::-1]
            return (np.round(spaced) if self.sampler == "ddim" else spaced).astype(np.float32)
        if self.spacing == "trailing":
            back = np.arange(self.train_steps, 0, -self.train_steps / steps)
            return (np.round(back) - 1).astype(np.float32)
        apart = self.train_steps // steps
        return ((np.arange(steps) * apart)[::-1] + self.offset).astype(np.float32)

    def _distilled(self, steps: int) -> Floats:
        apart = self.train_steps // self.distilled_steps
        origin = (np.arange(1, self.distilled_steps + 1) * apart - 1)[::-1]
        taken = np.floor(np.linspace(0, len(origin), steps, endpoint=False)).astype(np.int64)
        return origin[taken].astype(np.float32)
