"""What a diffusers pipeline is, as this program runs it, or which property of it cannot be run."""

from __future__ import annotations

from typing import Any, Final

from models.diffusion.folder import ImageSpec, PromptEncoder
from models.diffusion.schedule import Sampler, Schedule
from models.export.config import UnsupportedModelError

PIPELINES: Final = (
    "StableDiffusionPipeline",
    "StableDiffusionXLPipeline",
    "LatentConsistencyModelPipeline",
)
_SAMPLERS: Final[dict[str, Sampler]] = {
    "DDIMScheduler": "ddim",
    "PNDMScheduler": "ddim",
    "DPMSolverMultistepScheduler": "ddim",
    "EulerDiscreteScheduler": "euler",
    "EulerAncestralDiscreteScheduler": "euler_ancestral",
    "LCMScheduler": "lcm",
}
"""What each scheduler's model is sampled with: the two without a sampler of their own, by one that walks the
same noise."""
_SAMPLED_BY: Final[dict[Sampler, str]] = {
    "ddim": "DDIMScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler_ancestral": "EulerAncestralDiscreteScheduler",
    "lcm": "LCMScheduler",
}
_STEPS: Final[dict[Sampler, int]] = {"ddim": 30, "euler": 30, "euler_ancestral": 30, "lcm": 4}
_OFF: Final = ("thresholding", "rescale_betas_zero_snr", "use_karras_sigmas", "clip_sample", "trained_betas")
"""Settings of schedulers that are not run here."""


def spec_of(pipeline: Any, steps: int | None, guidance: float | None) -> ImageSpec:
    """Raises UnsupportedModelError."""
    kind = type(pipeline).__name__
    if kind not in PIPELINES:
        raise UnsupportedModelError(f"{kind} is none of {', '.join(PIPELINES)}")
    unet, vae = pipeline.unet.config, pipeline.vae.config
    if unet.get("class_embed_type") or unet.get("encoder_hid_dim_type"):
        raise UnsupportedModelError(f"{kind}: a denoiser that is told more than the prompt")
    if getattr(pipeline.text_encoder.config, "use_attention_mask", False):
        raise UnsupportedModelError(f"{kind}: a text encoder with a mask")
    sized = kind == "StableDiffusionXLPipeline"
    schedule = _schedule(pipeline.scheduler)
    distilled = int(unet.get("time_cond_proj_dim") or 0)
    shrink = 2 ** (len(vae["block_out_channels"]) - 1)
    return ImageSpec(
        encoders=list(_encoders(pipeline, sized)),
        schedule=schedule,
        channels=int(unet["in_channels"]),
        shrink=shrink,
        side=int(unet["sample_size"]) * shrink,
        steps=steps or _STEPS[schedule.sampler],
        guidance=guidance if guidance is not None else (5.0 if sized else 7.5),
        guided_width=distilled,
        sized=sized,
    )


def _encoders(pipeline: Any, sized: bool) -> list[PromptEncoder]:
    made = [_encoder("text_encoder", pipeline.tokenizer)]
    if sized:
        made.append(_encoder("text_encoder_2", pipeline.tokenizer_2, pooled=True))
    return made


def _encoder(name: str, tokenizer: Any, pooled: bool = False) -> PromptEncoder:
    return PromptEncoder(name, int(tokenizer.model_max_length), int(tokenizer.pad_token_id or 0), pooled)


def _schedule(scheduler: Any) -> Schedule:
    kind, told = type(scheduler).__name__, scheduler.config
    if kind not in _SAMPLERS:
        raise UnsupportedModelError(f"{kind}: choose one of {', '.join(_SAMPLERS)}")
    odd = [name for name in _OFF if told.get(name)]
    if odd:
        raise UnsupportedModelError(f"{kind} with {odd[0]}: set it to false in scheduler_config.json")
    return Schedule(
        sampler=_SAMPLERS[kind],
        train_steps=int(told["num_train_timesteps"]),
        beta_start=float(told["beta_start"]),
        beta_end=float(told["beta_end"]),
        betas=told["beta_schedule"],
        predicts=told["prediction_type"],
        spacing=told.get("timestep_spacing", "leading"),
        offset=int(told.get("steps_offset", 0)),
        zero_first=bool(told.get("set_alpha_to_one", False)),
        distilled_steps=int(told.get("original_inference_steps", 50)),
    )


def scheduler_of(diffusers: Any, schedule: Schedule, scheduler: Any) -> Any:
    """The one of diffusers that samples as we do, configured as the pipeline's own."""
    return getattr(diffusers, _SAMPLED_BY[schedule.sampler]).from_config(scheduler.config, clip_sample=False)
