"""The network that tells the clean maps behind noisy ones: convolutions over patches, with attention where
they are coarsest, told time, mood and words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.background.colouring import CHANNELS
from models.background.conditions import CODE_WIDTH

PATCH: Final = 4
"""Pixels of a side that become channels; the coarse level halves once more."""
_WAVES: Final = 32
_GROUPS: Final = 8
_EXPANSE: Final = 30.0
_FINISH: Final = 16


@dataclass(frozen=True, slots=True)
class NetworkSize:
    """Channels of the fine and the coarse level, and blocks at each."""

    fine: int = 96
    coarse: int = 144
    fine_blocks: int = 2
    coarse_blocks: int = 3
    heads: int = 4


class MapNetwork(nn.Module):
    """(n, 3, h, w) noisy maps, (n,) times, (n, CODE_WIDTH) codes and (n, 1, h, w) words -> clean maps."""

    def __init__(self, size: NetworkSize) -> None:
        super().__init__()
        width = 2 * size.fine
        self.told = nn.Sequential(
            nn.Linear(2 * _WAVES + CODE_WIDTH, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()
        )
        self.enter = nn.Conv2d((CHANNELS + 1) * PATCH**2 + 2, size.fine, 3, padding=1)
        self.down = nn.ModuleList(ResidualBlock(size.fine, width) for _ in range(size.fine_blocks))
        self.narrow = nn.Conv2d(4 * size.fine, size.coarse, 1)
        self.middle = nn.ModuleList(
            ResidualBlock(size.coarse, width, size.heads) for _ in range(size.coarse_blocks)
        )
        self.widen = nn.Conv2d(size.coarse, 4 * size.fine, 1)
        self.join = nn.Conv2d(2 * size.fine, size.fine, 1)
        self.up = nn.ModuleList(ResidualBlock(size.fine, width) for _ in range(size.fine_blocks))
        self.leave = nn.Conv2d(size.fine, CHANNELS * PATCH**2, 3, padding=1)
        self.finish = nn.Sequential(
            nn.Conv2d(2 * CHANNELS, _FINISH, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(_FINISH, CHANNELS, 3, padding=1),
        )
        for last in (self.leave, self.finish[2]):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, noisy: Tensor, time: Tensor, code: Tensor, words: Tensor) -> Tensor:
        told = self.told(torch.cat([time_waves(time), code], 1))
        patches = functional.pixel_unshuffle(torch.cat([noisy, words], 1), PATCH)
        state = self.enter(torch.cat([patches, _places(patches)], 1))
        for block in self.down:
            state = block(state, told)
        coarse = self.narrow(functional.pixel_unshuffle(state, 2))
        for block in self.middle:
            coarse = block(coarse, told)
        state = self.join(torch.cat([state, functional.pixel_shuffle(self.widen(coarse), 2)], 1))
        for block in self.up:
            state = block(state, told)
        maps = functional.pixel_shuffle(self.leave(state), PATCH)
        return maps + self.finish(torch.cat([maps, noisy], 1))


class ResidualBlock(nn.Module):
    """Two convolutions, scaled and shifted by what is told; then attention, where there are heads."""

    def __init__(self, channels: int, told: int, heads: int = 0) -> None:
        super().__init__()
        self.first, self.second = (nn.GroupNorm(_GROUPS, channels) for _ in range(2))
        self.one, self.other = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.scaling = nn.Linear(told, 2 * channels)
        nn.init.zeros_(self.other.weight)
        self.attention = Attention(channels, heads) if heads else nn.Identity()

    def forward(self, state: Tensor, told: Tensor) -> Tensor:
        scale, shift = self.scaling(told)[:, :, None, None].chunk(2, 1)
        found = self.one(functional.silu(self.first(state)))
        found = self.other(functional.silu(self.second(found) * (1 + scale) + shift))
        return self.attention(state + found)


class Attention(nn.Module):
    """Every place of the coarse level looks at every other."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(_GROUPS, channels)
        self.asked, self.answered = nn.Conv2d(channels, 3 * channels, 1), nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.answered.weight)

    def forward(self, state: Tensor) -> Tensor:
        count, channels, down, across = state.shape
        parts = self.asked(self.norm(state)).reshape(
            count, 3, self.heads, channels // self.heads, down * across
        )
        query, key, value = parts.transpose(3, 4).unbind(1)
        scores = (query @ key.transpose(2, 3)) * (channels // self.heads) ** -0.5
        seen = (scores.softmax(-1) @ value).transpose(2, 3)
        return state + self.answered(seen.reshape(count, channels, down, across))


def time_waves(time: Tensor) -> Tensor:
    """(n,) -> (n, 2 * _WAVES)."""
    rates = torch.exp(torch.arange(_WAVES, device=time.device) * (math.log(_EXPANSE) / (_WAVES - 1)))
    angles = math.pi * time[:, None] * rates[None]
    return torch.cat([angles.sin(), angles.cos()], 1)


def _places(patches: Tensor) -> Tensor:
    """How far down and across each patch lies, -1 to 1."""
    _, _, down, across = patches.shape
    ones = torch.ones_like(patches[:, :1])
    rows = torch.arange(down, device=patches.device, dtype=patches.dtype)[None, None, :, None]
    columns = torch.arange(across, device=patches.device, dtype=patches.dtype)[None, None, None]
    return torch.cat([ones * (2 * rows / (down - 1) - 1), ones * (2 * columns / (across - 1) - 1)], 1)
