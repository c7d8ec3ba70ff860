"""Buckets of histograms."""

from __future__ import annotations

from typing import Final

SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
LATENCY_MS: Final = (5, 10, 20, 50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 5000, 10_000)
SHARE: Final = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
