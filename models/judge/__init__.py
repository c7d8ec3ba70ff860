"""Whether an advertiser would run a copy as it stands: checks that hold always, and a judge learnt from
readers."""

from models.judge.judging import Judged, judge

__all__ = ["Judged", "judge"]
