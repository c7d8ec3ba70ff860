"""The generator: requests in, reviewed creatives out. `faust -A agents.generate_creatives worker -l info`.

What it does when there is more to write than the model can: the newest request of a user wins and older ones
end as `superseded`; a request that the model cannot finish before its deadline is answered from its approved
template; when more than the queue holds are waiting, reading stops and the rest waits in Kafka, where its
deadline passes. No request is lost: each ends in one record on ads.generation.v1, and its offset is committed
only after that record and its creatives are acknowledged.
"""

from __future__ import annotations

import os
from typing import Any

from agents.generation.service import Generator
from streams import topics
from streams.knobs.knob import SettingsError
from streams.loud_end import end_now
from streams.settings import Settings
from streams.worker.app import batches, build_app

try:
    app = build_app(Settings.from_environ(os.environ), "generator", [topics.REQUEST], table=False)
except SettingsError as error:
    end_now(str(error))
generator = Generator(app)
app.connect, app.disconnect = generator.connect, generator.disconnect
app.begin, app.drain, app.unhealthy = generator.begin, generator.drain, generator.complaint


@app.agent(app.source_topic(), name="requests")
async def requests(stream: Any) -> None:
    """Hand every batch to the generator; it acknowledges when the last request of a batch is answered."""
    async for batch, acknowledge in batches(stream):
        await generator.take(batch, acknowledge)
