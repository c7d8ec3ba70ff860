"""The renderer: creatives get pictures and clips of their own: `faust -A agents.render_assets worker`.

It reads ads.render.request.v1, which generators write beside their creatives, and publishes the same creative
again, next version, once its picture is stored. The copy never waits for it: a request that comes late, or
whose picture cannot be drawn, leaves the first version in force. Of ads.creative.v1 it heeds the tombstones
that name files: those of an erased user go from the store.
"""

from __future__ import annotations

import os
from typing import Any

from streams import topics
from streams.knobs.knob import SettingsError
from streams.loud_end import end_now
from streams.settings import Settings
from streams.worker.app import batches, build_app

try:
    from agents.rendering.service import Renderer
except ModuleNotFoundError as error:
    end_now(f"pictures need the package {error.name}: pip install 'shiftcast[image]'")

try:
    app = build_app(
        Settings.from_environ(os.environ), "renderer", [topics.RENDER_REQUEST, topics.CREATIVE], table=False
    )
except SettingsError as error:
    end_now(str(error))
renderer = Renderer(app)
app.connect, app.disconnect = renderer.connect, renderer.disconnect
app.begin, app.drain, app.unhealthy = renderer.begin, renderer.drain, renderer.complaint


@app.agent(app.source_topic(), name="renders")
async def renders(stream: Any) -> None:
    """Pictures of a batch are drawn before the next is taken."""
    async for batch, acknowledge in batches(stream):
        await renderer.take(batch, acknowledge)
