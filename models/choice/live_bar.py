"""How sure the judge is to be of copy that nobody read before."""

from __future__ import annotations

from typing import Final

LIVE_BAR: Final = 0.78
"""Least score of a draft that is served live. Of 398 marks of live copies for items that the fit did not see
(unseen-6 to unseen-10 of tests/golden/reading, five folds) readers would run .859, of those that score so
much 0.899 (0.82 of them), of the rest 0.671. A brief is written for three times, so that templates answer
.08 of requests for English items nobody trained on (.117 at .8, .0675 at .75)."""
