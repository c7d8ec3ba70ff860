"""Text encoders, denoiser and decoder of a diffusers pipeline as ONNX files, their tensors beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim

from models.diffusion.folder import DECODER, DENOISER, ImageSpec, PromptEncoder, graph_files
from models.export.config import UnsupportedModelError

_OPSET = 23


class _Reads(nn.Module):
    """A text encoder: states of its last layer but one where the prompt is told in one vector as well."""

    def __init__(self, encoder: Any, before_last: bool, pooled: bool) -> None:
        super().__init__()
        self.encoder, self.before_last, self.pooled = encoder, before_last, pooled

    def forward(self, ids: Tensor) -> tuple[Tensor, ...]:
        found = self.encoder(ids, output_hidden_states=True)
        states = found.hidden_states[-2] if self.before_last else found.last_hidden_state
        return (states.float(), found[0].float()) if self.pooled else (states.float(),)


class _Denoises(nn.Module):
    """A UNet in its own precision, asked and answering in float32."""

    def __init__(self, unet: Any) -> None:
        super().__init__()
        self.unet = unet

    def forward(
        self,
        latents: Tensor,
        time: Tensor,
        states: Tensor,
        guidance: Tensor | None = None,
        pooled: Tensor | None = None,
        sizes: Tensor | None = None,
    ) -> Tensor:
        own = self.unet.dtype
        # `pooled` stays float32: the UNet joins it to the sizes' waves, which are, and only then rounds both
        told = {} if pooled is None or sizes is None else {"text_embeds": pooled, "time_ids": sizes}
        found = self.unet(
            latents.to(own),
            time.expand(latents.shape[0]),
            states.to(own),
            timestep_cond=None if guidance is None else guidance.to(own),
            added_cond_kwargs=told or None,
            return_dict=False,
        )
        return torch.as_tensor(found[0].float())


class _Decodes(nn.Module):
    """A decoder of latents; `moved`: their mean and deviation are applied where the decoder states both, as
    only the pipeline of Stable Diffusion XL does."""

    def __init__(self, vae: Any, moved: bool) -> None:
        super().__init__()
        self.vae = vae
        mean, deviation = vae.config.get("latents_mean"), vae.config.get("latents_std")
        stated = moved and mean is not None and deviation is not None
        self.register_buffer("scale", _by_channel(deviation if stated else [1.0]) / vae.config.scaling_factor)
        self.register_buffer("mean", _by_channel(mean if stated else [0.0]))

    def forward(self, latents: Tensor) -> Tensor:
        scaled = latents * self.scale + self.mean
        return torch.as_tensor(self.vae.decode(scaled.to(self.vae.dtype), return_dict=False)[0].float())


def _by_channel(told: list[float]) -> Tensor:
    return torch.tensor(told, dtype=torch.float32).view(1, -1, 1, 1)


def write_graphs(pipeline: Any, spec: ImageSpec, folder: Path) -> Iterator[str]:
    """Writes them and yields each one's name before it is begun. Raises UnsupportedModelError."""
    for each in spec.encoders:
        yield each.name
        _write(
            folder, each.name, _Reads(getattr(pipeline, each.name), spec.sized, each.pooled), _prompt(each)
        )
    yield DENOISER
    _write(folder, DENOISER, _Denoises(pipeline.unet), _noisy(pipeline, spec))
    yield DECODER
    side = spec.side // spec.shrink
    latents = {"latents": torch.zeros(1, spec.channels, side, side)}
    _write(folder, DECODER, _Decodes(pipeline.vae, spec.sized), latents)


def _prompt(encoder: PromptEncoder) -> dict[str, Tensor]:
    return {"ids": torch.zeros(1, encoder.tokens, dtype=torch.int64)}


def _noisy(pipeline: Any, spec: ImageSpec) -> dict[str, Tensor]:
    side, unet = spec.side // spec.shrink, pipeline.unet.config
    given = {
        "latents": torch.zeros(2, spec.channels, side, side),
        "time": torch.zeros(1),
        "states": torch.zeros(2, spec.encoders[0].tokens, int(unet["cross_attention_dim"])),
    }
    if spec.guided_width:
        given["guidance"] = torch.zeros(1, spec.guided_width)
    if spec.sized:
        width = int(getattr(pipeline, spec.encoders[-1].name).config.projection_dim)
        given |= {"pooled": torch.zeros(2, width), "sizes": torch.zeros(2, 6)}
    return given


def _write(folder: Path, name: str, module: nn.Module, given: dict[str, Tensor]) -> None:
    file, tensors = graph_files(name)
    try:
        with torch.no_grad():
            program = torch.onnx.export(
                module.eval(),
                kwargs=given,
                dynamo=True,
                opset_version=_OPSET,
                dynamic_shapes=_free(given),
                input_names=list(given),
                verbose=False,
            )
    except Exception as error:
        why = next((line for line in str(error).splitlines() if line.strip()), "no reason given")
        raise UnsupportedModelError(
            f"torch cannot trace the {name} ({type(error).__name__}: {why})"
        ) from error
    if program is None:
        raise UnsupportedModelError(f"torch wrote no graph of the {name}")
    _save(program, folder / file, tensors)


def _free(given: dict[str, Tensor]) -> dict[str, Any]:
    """Which sides may be others when the graph is run: how many at once, and the picture's size."""
    if "latents" not in given:
        return {name: {} for name in given}
    sides = {2: Dim.DYNAMIC, 3: Dim.DYNAMIC}
    together = {0: Dim.DYNAMIC} if "states" in given else {}
    return {
        name: together | sides if name == "latents" else {} if name in ("time", "guidance") else together
        for name in given
    }


def _save(program: Any, path: Path, tensors: str) -> None:
    import onnx

    model = program.model_proto
    onnx.save_model(
        model, str(path), save_as_external_data=True, all_tensors_to_one_file=True, location=tensors,
        size_threshold=1024,
    )  # fmt: skip
    (path.parent / tensors).touch()
