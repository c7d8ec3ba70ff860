"""When lines come, what captions say, what a clip is named by."""

from __future__ import annotations

from dataclasses import replace

from models.clip.captions import webvtt
from models.clip.story import CLOSING_S, LASTS_S, Story, clip_lines_told, clip_name
from tests.models.clip.sample_stories import LAMP, SCRIPT, STORIES, story


def test_lines_come_in_their_order_with_time_to_read_and_the_call_to_action_last() -> None:
    for each in STORIES:
        said = clip_lines_told(each)
        assert [line.text for line in said] == [each.scene.headline, *each.lines, each.scene.cta]
        assert [line.start_s for line in said] == sorted(line.start_s for line in said)
        assert all(line.end_s - line.start_s >= 1.5 for line in said)
        assert (said[-1].start_s, said[-1].end_s) == (CLOSING_S, LASTS_S)


def test_without_a_script_the_description_is_the_line() -> None:
    assert Story(replace(LAMP, description="Warm light.")).lines == ("Warm light.",)
    assert Story(replace(LAMP, description="")).lines == ()


def test_captions_say_every_line_once_one_after_the_other() -> None:
    file = webvtt(clip_lines_told(story(headline="Lamps < $90 & more", cta="Go")))
    blocks = file.strip().split("\n\n")
    assert blocks[0] == "WEBVTT"
    assert [block.split("\n")[1] for block in blocks[1:]] == ["Lamps &lt; $90 &amp; more", *SCRIPT, "Go"]
    times = [block.split("\n")[0].split(" --> ") for block in blocks[1:]]
    assert [end for _, end in times[:-1]] == [start for start, _ in times[1:]]
    assert times[-1][1] == "00:00:06.000"


def test_a_clip_is_named_by_all_that_it_is_made_of() -> None:
    name = clip_name(story(), ["b", "a"], ["av1"])
    assert name == clip_name(story(), ["a", "b"], ["av1"])
    others = [
        clip_name(story(cta="Buy"), ["a", "b"], ["av1"]),
        clip_name(replace(story(), script=SCRIPT[:2]), ["a", "b"], ["av1"]),
        clip_name(story(), ["a"], ["av1"]),
        clip_name(story(), ["a", "b"], ["av1", "h264"]),
        clip_name(story(), ["a", "b"], ["av1"], "signed"),
        clip_name(story(), ["a", "b"], ["av1"], voice="espeak-ng 1.51 en-us"),
        clip_name(story(), ["a", "b"], ["av1"], voice="espeak-ng 1.52 en-us"),
    ]
    assert len({name, *others}) == 8
