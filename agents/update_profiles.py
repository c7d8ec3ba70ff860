"""Events into profiles: one Faust app over the event, consent, privacy and creative topics, one table, a few
rows per user.

`faust -A agents.update_profiles worker -l info`. What happens with a batch: agents/profiles/events.py.
"""

from __future__ import annotations

import os

from agents.profiles.reference import PROFILES_FOLLOW, ProfilesReference
from agents.profiles.work import PROFILES_APP
from agents.profiles.workload import ProfileWorkload
from streams.knobs.knob import SettingsError
from streams.loud_end import end_now
from streams.settings import Settings
from streams.topics import LINK_TOPICS, USER_TOPICS
from streams.worker.app import BatchApp, build_app
from streams.worker.engine import attach
from streams.worker.following import follow_first


def profile_app(settings: Settings) -> BatchApp:
    """The app; its reference data is read to the end before the first event is taken."""
    app = build_app(settings, PROFILES_APP, USER_TOPICS, unfenced=LINK_TOPICS)
    reference = ProfilesReference(settings)
    attach(app, ProfileWorkload(settings, reference))
    follow_first(app, PROFILES_FOLLOW, reference.on_record, reference.snapshot)
    return app


try:
    app = profile_app(Settings.from_environ(os.environ))
except SettingsError as error:
    end_now(str(error))
