"""The way out of the shelf: what is published, asked for and taken off, acknowledged before it is noted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from agents.creatives.pictures import PictureAsker
from agents.creatives.publication import creative_output, withdraw_creative
from agents.shelf.hanging import Hanging, Hung
from agents.shelf.standing import ShelfStanding
from streams import records as r
from streams import topics
from streams.artifacts.kinds import PICTURED, artifact_key
from streams.artifacts.outputs import artifact_withdrawal
from streams.artifacts.shared import SharedCreative, shared_record
from streams.metrics.creatives import TOMBSTONES
from streams.wire.codecs import encode, headers
from streams.wire.output import Output


class ShelfOutlet:
    """Ad servers first: a creative that profile workers know of exists."""

    def __init__(
        self,
        send: Callable[[Sequence[Output]], Awaitable[None]],
        standing: ShelfStanding,
        hanging: Hanging,
        pictures: PictureAsker,
        partitions: int,
        clock_ms: Callable[[], float],
    ) -> None:
        self._send = send
        self._standing = standing
        self._hanging = hanging
        self._pictures = pictures
        self._partitions = partitions
        self._clock_ms = clock_ms

    async def publish(self, ready: Mapping[str, Hung]) -> None:
        """Creatives by their keys."""
        now_ms = int(self._clock_ms())
        if not ready:
            return
        await self._send(
            [creative_output(key, each, self._partitions, now_ms) for key, (each, _) in ready.items()]
        )
        await self._send([shared_artifact_output(key, each, now_ms) for key, (_, each) in ready.items()])
        for key, (_, each) in ready.items():
            self._standing.note_sent(key, each)

    async def ask(self, out: Mapping[str, r.Creative]) -> None:
        """For pictures of creatives that are out: copy never waits for them."""
        asked = [self._hanging.asked(key, each) for key, each in out.items()]
        wanted = [each for each in asked if each is not None]
        if wanted:
            await self._send(self._pictures.outputs(wanted, int(self._clock_ms())))

    async def take_off(self, ended: Mapping[str, SharedCreative], cause: str) -> None:
        """Withdraw what stands under keys that should be empty."""
        now_ms = int(self._clock_ms())
        if ended:
            await self._send(
                [
                    withdraw_creative(key, each.creative_id, cause, self._partitions, now_ms)
                    for key, each in ended.items()
                ]
            )
            await self._send([shared_artifact_output(key, None, now_ms) for key in ended])
            TOMBSTONES.labels(cause).inc(len(ended))
        for key in ended:
            self._standing.note_sent(key, None)
            self._hanging.forget(key)

    async def take_down(self, keys: Iterable[str]) -> None:
        """Forget the pictures of what does not stand any more."""
        now_ms = int(self._clock_ms())
        if outputs := [artifact_withdrawal(f"{PICTURED}|0|{key}", now_ms) for key in keys]:
            await self._send(outputs)


def shared_artifact_output(key: str, shared: SharedCreative | None, now_ms: int) -> Output:
    """What profile workers join exposures of shared creatives on; None withdraws."""
    record = shared_record(key, shared) if shared is not None else None
    name = artifact_key(record) if record is not None else f"shared|0|{key}"
    value = encode(record) if record is not None else None
    return Output(
        topics.ARTIFACT.name,
        name.encode(),
        value,
        0,
        headers(topics.ARTIFACT.ce_type, f"{name}@{now_ms}", now_ms),
    )
