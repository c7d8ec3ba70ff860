"""Files that players take: what is in them, by the decoder's own reading."""

from __future__ import annotations

from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from models.clip import encoding
from models.clip.clip import make_clip
from models.clip.encoding import encoded
from models.clip.formats import FORMATS, MOST_BYTES, MOST_KBPS, Codec, kbps
from models.clip.frames import film
from models.clip.placing import cast
from models.clip.story import FRAMES, LASTS_S
from models.scene.encoding import TooHeavyError
from tests.models.clip.sample_stories import story
from tests.models.scene.sample_scenes import FONTS


def named(codec: Codec, configuration: bytes) -> str:
    """RFC 6381: from the decoder's record, profile, level and, of AV1, tier and depth."""
    if codec == "h264":
        return f"avc1.{configuration[1:4].hex()}"
    profile, level = configuration[1] >> 5, configuration[1] & 31
    tier = "H" if configuration[2] >> 7 else "M"
    return f"av01.{profile}.{level:02}{tier}.{10 if configuration[2] >> 6 & 1 else 8:02}"


@pytest.mark.parametrize(("slot", "size"), [("video_16x9", (1280, 720)), ("video_9x16", (720, 1280))])
def test_a_clip_in_both_codecs_with_poster_and_captions(slot: str, size: tuple[int, int]) -> None:
    files = make_clip(story(slot=slot), FONTS, ["av1", "h264"])
    assert set(files) == {".av1.mp4", ".h264.mp4", ".vtt", ".jpg"}
    assert Image.open(BytesIO(files[".jpg"])).size == size
    for codec, form in FORMATS.items():
        data = files[form.suffix]
        assert len(data) < MOST_BYTES and kbps(len(data), LASTS_S) <= MOST_KBPS
        assert data.index(b"moov") < data.index(b"mdat"), "plays before it is loaded whole"
        with av.open(BytesIO(data), "r") as container:
            [stream] = container.streams.video
            assert len(container.streams) == 1, "no sound"
            context = stream.codec_context
            assert (context.width, context.height, context.pix_fmt) == (*size, "yuv420p")
            assert (context.colorspace, context.color_range) == (1, 1), "BT.709, limited"
            assert stream.duration is not None and stream.time_base is not None
            assert float(stream.duration * stream.time_base) == LASTS_S
            assert named(codec, bytes(context.extradata or b"")) == form.named
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert len(frames) == FRAMES
        shown = np.asarray(film(story(slot=slot), cast(story(slot=slot), FONTS), FONTS).frame(5.5), np.int16)
        assert np.abs(frames[132].astype(np.int16) - shown).mean() < 4, "colours and order are as drawn"


def test_what_is_too_heavy_at_every_quality_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def heavy(*told: object) -> bytes:
        tried.append(int(str(told[3])))
        return bytes(800_000)

    monkeypatch.setattr(encoding, "_encoded", heavy)
    with pytest.raises(TooHeavyError, match="1000 kbps"):
        encoded(list, (1280, 720), "av1")
    assert tried == sorted(set(tried)) and len(tried) > 1
