"""Events into profiles: one Faust app over the event, consent, privacy and creative topics, one table, a few
rows per user.

`faust -A agents.update_profiles worker -l info`. What happens with a batch: agents/profiles/events.py.
"""

from __future__ import annotations

import os
from typing import Final

from agents.profiles.reference import PROFILES_FOLLOW, ProfilesReference
from agents.profiles.work import PROFILES_APP
from agents.profiles.workload import ProfileWorkload
from streams.broker.follow import Follower
from streams.loud_end import end_now, line_of
from streams.settings import Settings, SettingsError
from streams.topics import USER_TOPICS
from streams.worker.app import BatchApp, build_app
from streams.worker.engine import attach

FOLLOWER_CHECK_S: Final = 5.0


def profile_app(settings: Settings) -> BatchApp:
    """The app; its reference data is read to the end before the first event is taken."""
    app = build_app(settings, PROFILES_APP, USER_TOPICS)
    reference = ProfilesReference(settings)
    attach(app, ProfileWorkload(settings, reference))
    follower = Follower(settings, PROFILES_FOLLOW, reference.on_record)
    connect, disconnect = app.connect, app.disconnect

    async def start() -> None:
        await follower.start()
        reference.snapshot()
        if connect is not None:
            await connect()

    async def stop() -> None:
        await follower.stop()
        if disconnect is not None:
            await disconnect()

    async def check_follower() -> None:
        if follower.failed is not None:
            end_now(
                f"no longer following {', '.join(spec.name for spec in PROFILES_FOLLOW)}: "
                f"{line_of(follower.failed)}"
            )

    app.connect, app.disconnect = start, stop
    app.timer(FOLLOWER_CHECK_S)(check_follower)
    return app


try:
    app = profile_app(Settings.from_environ(os.environ))
except SettingsError as error:
    end_now(str(error))
