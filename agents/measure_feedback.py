"""Counters into published metrics and posteriors: `faust -A agents.measure_feedback worker -l info`.

Reads ads.outcome.v1, the absolute counters of the profile lanes; writes ads.creative.metric.v1, ads.arm.v1.
Each worker has the campaigns of its partitions. What happens with a batch: agents/feedback/workload.py.
"""

from __future__ import annotations

import os

from agents.feedback.reference import FEEDBACK_FOLLOWS, FeedbackReference
from agents.feedback.workload import FEEDBACK_APP, FeedbackWorkload
from streams.knobs.knob import SettingsError
from streams.loud_end import end_now
from streams.settings import Settings
from streams.topics import OUTCOME
from streams.worker.app import BatchApp, build_app
from streams.worker.engine import attach
from streams.worker.following import follow_first


def feedback_app(settings: Settings) -> BatchApp:
    """The app; campaigns are read to their end before the first outcome is taken."""
    app = build_app(settings, FEEDBACK_APP, [OUTCOME])
    reference = FeedbackReference()
    attach(app, FeedbackWorkload(settings, reference))
    follow_first(app, FEEDBACK_FOLLOWS, reference.on_record)
    return app


try:
    app = feedback_app(Settings.from_environ(os.environ))
except SettingsError as error:
    end_now(str(error))
