"""What a diffusers pipeline itself does with a prompt, a start and noise that are given to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import diffusers
import numpy as np
import torch
from numpy.typing import NDArray

from models.diffusion.folder import ImageSpec
from models.diffusion.image_model import ImageWish, latent_shape
from models.image_export.configuration import scheduler_of

_SEED: Final = 7
_PROMPT: Final = "an empty wooden table by a window"
_UNWANTED: Final = "text, people"
_STEPS: Final = 4


@dataclass
class Truth:
    """Latents behind each step, from `begun`, with the noise of a seeded generator, and the picture from 0 to
    1 (height, width, 3) that the last are decoded to."""

    begun: NDArray[np.float32]
    shape: tuple[int, ...]
    latents: list[NDArray[np.float32]] = field(default_factory=list)
    picture: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0, 3), np.float32))

    def noise(self) -> Callable[[], NDArray[np.float32]]:
        """The same noise again."""
        generator = torch.Generator().manual_seed(_SEED)

        def drawn() -> NDArray[np.float32]:
            return np.asarray(torch.randn(self.shape, generator=generator).numpy(), np.float32)

        return drawn


def checked_wish(spec: ImageSpec) -> ImageWish:
    """What both make."""
    return ImageWish(_PROMPT, _UNWANTED, spec.side, spec.side, _STEPS)


@torch.no_grad()
def theirs(pipeline: Any, spec: ImageSpec) -> Truth:
    """What diffusers makes of it, with the scheduler that samples as we do."""
    wish = checked_wish(spec)
    shape = latent_shape(spec, wish)
    begun = torch.randn(shape, generator=torch.Generator().manual_seed(_SEED + 1))
    truth = Truth(begun.numpy().copy(), shape)
    pipeline.scheduler = scheduler_of(diffusers, spec.schedule, pipeline.scheduler)
    pipeline.set_progress_bar_config(disable=True)
    for after in ("safety_checker", "watermark"):  # they would change the picture behind the decoder
        if getattr(pipeline, after, None) is not None:
            setattr(pipeline, after, None)

    def heard(_pipe: Any, _step: int, _time: Any, told: dict[str, Any]) -> dict[str, Any]:
        truth.latents.append(told["latents"].float().numpy().copy())
        return told

    unwanted = {} if spec.guided_width else {"negative_prompt": wish.unwanted}
    [picture] = pipeline(
        wish.prompt,
        height=wish.height,
        width=wish.width,
        num_inference_steps=_STEPS,
        guidance_scale=spec.guidance,
        latents=begun,
        generator=torch.Generator().manual_seed(_SEED),
        output_type="np",
        callback_on_step_end=heard,
        **unwanted,
    ).images
    truth.picture = np.asarray(picture, np.float32)
    return truth
