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
from models.clip.formats import FORMATS, MOST_BYTES, MOST_KBPS, SOUND, Codec, kbps
from models.clip.frames import film
from models.clip.loudness import MOST_DBTP, RATE, TARGET_LUFS, loudness
from models.clip.placing import cast
from models.clip.sound import soundtrack
from models.clip.story import FRAMES, LASTS_S
from models.scene.encoding import TooHeavyError
from tests.models.clip.sample_speech import tone, true_peak
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
        shown = np.asarray(film(story(slot=slot), cast(story(slot=slot), FONTS)).frame(5.5), np.int16)
        assert np.abs(frames[132].astype(np.int16) - shown).mean() < 4, "colours and order are as drawn"


@pytest.mark.parametrize("codec", ["av1", "h264"])
def test_a_voice_is_in_every_rendition_as_loud_as_it_was_and_ends_with_the_clip(codec: Codec) -> None:
    sound = soundtrack([tone(1.5), tone(1.0)], [0.15, 4.2])
    data = make_clip(story(), FONTS, [codec], sound=sound)[FORMATS[codec].suffix]
    assert kbps(len(data), LASTS_S) <= MOST_KBPS and data.index(b"moov") < data.index(b"mdat")
    with av.open(BytesIO(data), "r") as container:
        [heard] = container.streams.audio
        assert (heard.codec_context.name, heard.profile) == ("aac", "LC"), SOUND
        assert (heard.codec_context.sample_rate, heard.codec_context.layout.name) == (RATE, "stereo")
        assert container.duration is not None and container.duration / av.time_base == LASTS_S
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    left, right = np.concatenate(frames, axis=1)[:, : LASTS_S * RATE]
    assert np.abs(left - right).max() < 0.02, "one voice on both channels"
    assert loudness(left) == pytest.approx(TARGET_LUFS, abs=0.3)
    assert true_peak(left) <= MOST_DBTP + 0.3
    loud = np.flatnonzero(np.abs(left) > 0.01) / RATE
    assert loud[0] == pytest.approx(0.15, abs=0.03), "words are heard when they are seen"
    assert loud[-1] == pytest.approx(5.2, abs=0.03)


def test_what_is_too_heavy_at_every_quality_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def heavy(*told: object) -> bytes:
        tried.append(int(str(told[3])))
        return bytes(800_000)

    monkeypatch.setattr(encoding, "_encoded", heavy)
    with pytest.raises(TooHeavyError, match="1000 kbps"):
        encoded(list, (1280, 720), "av1")
    assert tried == sorted(set(tried)) and len(tried) > 1
