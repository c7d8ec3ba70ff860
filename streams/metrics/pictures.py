"""Pictures, clips and photos."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from streams.metrics.buckets import SECONDS

RENDERS = Counter(
    "shiftcast_renders_total", "pictures: drawn, held by the store, or why there is none", ["result"]
)
NOT_SHOWN = Counter(
    "shiftcast_not_shown_total",
    "creatives without a picture or clip: their item has no photo that was had, and nothing draws it",
)
RENDER_SECONDS = Histogram(
    "shiftcast_render_seconds", "s to draw and store the files of a picture", buckets=SECONDS
)
LEFT_OUT = Counter(
    "shiftcast_left_out_total",
    "elements that did not fit a picture and were left out, and signs that no font has",
    ["slot", "element"],
)
PICTURES_READ = Counter(
    "shiftcast_pictures_read_total", "pictures that a recogniser read back, by what it read", ["result"]
)
RENDER_REPEATS = Counter(
    "shiftcast_render_repeats_total",
    "pictures that look like one the user had lately: redrawn in another variant, or kept for want of one",
    ["result"],
)
FIRST_PICTURES = Counter(
    "shiftcast_first_pictures_total",
    "first versions of creatives for users: with a picture of the store, or why without",
    ["result"],
)
PICTURES_JUDGED = Counter(
    "shiftcast_pictures_judged_total",
    "photos and backgrounds that the classifier looked at: shown, or held for a person",
    ["result"],
)
CLIPS = Counter("shiftcast_clips_total", "clips: made, held by the store, or why there is none", ["result"])
CLIP_SECONDS = Histogram(
    "shiftcast_clip_seconds",
    "s to make and store the files of a clip",
    buckets=(1, 2, 3, 5, 8, 13, 21, 34, 45),
)
CLIP_VOICES = Counter(
    "shiftcast_clip_voices_total", "clips with a voice, or why one that was to have it is silent", ["result"]
)
CLIPS_WAITING = Gauge("shiftcast_clips_waiting", "clips that are to be made when no picture is")
PICTURES_REMOVED = Counter(
    "shiftcast_pictures_removed_total", "files of pictures and clips that nobody named any more"
)
PHOTOS = Counter("shiftcast_photos_total", "photos asked for: fetched, or why there is none", ["result"])
