"""How sure the judge is to be of copy that nobody read before."""

from __future__ import annotations

from typing import Final

LIVE_BAR: Final = 0.8
"""Least score of a draft that is served live. Of 398 marks of live copies for items that the fit did not see
(unseen-6 to unseen-10 of tests/golden/reading, five folds) readers would run .859, of those that score so
much .908 (.79 of them), of the rest .68. As a brief is written for three times, .95 of those that were given
copy without a bar are still given some (items of unseen-11, 210 of 222; at .75 215, at .828, the bar of the
pool, 209)."""
