"""Each step back from noise is the one that diffusers takes: samplers, spacings, kinds of prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.diffusion.samplers import walk_of
from models.diffusion.schedule import Schedule

diffusers: Any = pytest.importorskip("diffusers", reason="diffusers is not installed (extra `diffusers`)")
torch: Any = pytest.importorskip("torch")

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CLASSES = {
    "ddim": "DDIMScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler_ancestral": "EulerAncestralDiscreteScheduler",
    "lcm": "LCMScheduler",
}
SHAPE = (1, 4, 8, 8)
CASES = [
    Schedule("ddim", offset=1),
    Schedule("ddim", spacing="trailing", zero_first=True),
    Schedule("ddim", spacing="linspace", betas="linear"),
    Schedule("ddim", offset=1, predicts="v_prediction"),
    Schedule("ddim", offset=1, predicts="sample"),
    Schedule("euler", spacing="linspace"),
    Schedule("euler", offset=1),
    Schedule("euler", spacing="trailing", predicts="v_prediction"),
    Schedule("euler_ancestral", spacing="trailing"),
    Schedule("euler_ancestral", spacing="linspace", predicts="v_prediction"),
    Schedule("lcm"),
    Schedule("lcm", predicts="v_prediction"),
]


def theirs(schedule: Schedule) -> Any:
    """The same as diffusers configures it."""
    told: dict[str, Any] = {
        "num_train_timesteps": schedule.train_steps,
        "beta_start": schedule.beta_start,
        "beta_end": schedule.beta_end,
        "beta_schedule": schedule.betas,
        "prediction_type": schedule.predicts,
        "timestep_spacing": schedule.spacing,
        "steps_offset": schedule.offset,
    }
    if schedule.sampler in ("ddim", "lcm"):
        told |= {"clip_sample": False, "set_alpha_to_one": schedule.zero_first}
    return getattr(diffusers, CLASSES[schedule.sampler])(**told)


@pytest.mark.parametrize("schedule", CASES, ids=str)
@pytest.mark.parametrize("steps", [1, 4, 7])
def test_steps_are_those_of_diffusers(
    schedule: Schedule, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(steps)
    fresh = [rng.standard_normal(SHAPE).astype(np.float32) for _ in range(steps)]
    told = [rng.standard_normal(SHAPE).astype(np.float32) for _ in range(steps)]
    scheduler = theirs(schedule)
    scheduler.set_timesteps(steps)
    handed = iter(fresh)
    module = __import__(type(scheduler).__module__, fromlist=["x"])
    if hasattr(module, "randn_tensor"):
        monkeypatch.setattr(module, "randn_tensor", lambda *_, **__: torch.from_numpy(next(handed)))
    walk = walk_of(schedule, steps)
    np.testing.assert_allclose(walk.times, scheduler.timesteps.numpy(), rtol=1e-6)
    assert walk.start == pytest.approx(float(scheduler.init_noise_sigma), rel=1e-6)
    ours = rng.standard_normal(SHAPE).astype(np.float32) * np.float32(walk.start)
    sample = torch.from_numpy(ours.copy())
    own = iter(fresh)
    for at, time in enumerate(scheduler.timesteps):
        seen = scheduler.scale_model_input(sample, time).numpy()
        np.testing.assert_allclose(walk.seen(ours, at), seen, rtol=1e-4, atol=1e-4)
        sample = scheduler.step(torch.from_numpy(told[at]), time, sample, return_dict=False)[0]
        ours = walk.step(ours, told[at], at, lambda: next(own))
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, sample.numpy(), rtol=2e-4, atol=2e-4 * walk.start)
