"""Frames: words stand where they may, can be read, come and stay; the picture moves, the end card ends it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from models.clip.frames import Film, film
from models.clip.looks import clip_layouts, clip_looks_of
from models.clip.motion import Shot, camera, view
from models.clip.placing import cast, placing_faults
from models.clip.story import CLOSING_S, FRAMES, LASTS_S, Story
from models.markup.slot_sizes import SIZES
from models.scene.layouts import NoLayoutError
from models.scene.palette import LEAST_CONTRAST
from models.scene.words.fitting import DoesNotFitError
from tests.models.clip.sample_stories import STORIES, story
from tests.models.scene.sample_scenes import FONTS


def made(each: Story) -> Film:
    return film(each, cast(each, FONTS))


def pixels(shot: Film, now_s: float) -> np.ndarray:
    return np.asarray(shot.frame(now_s), np.int16)


def test_layouts_are_of_the_video_slots_in_their_size() -> None:
    sizes = {slot: size for slot, size in SIZES.items() if slot.startswith("video")}
    assert {slot: layout.size for slot, layout in clip_layouts().items()} == sizes


def test_a_look_that_is_asked_for_comes_first_and_an_unknown_one_changes_nothing() -> None:
    layout = clip_layouts()["video_16x9"]
    names = [each.name for each in layout.look]
    for seed in range(len(names)):
        for name in names:
            assert clip_looks_of(layout, name, seed)[0].name == name
            assert sorted(each.name for each in clip_looks_of(layout, name, seed)) == sorted(names)
        assert clip_looks_of(layout, "", seed) == clip_looks_of(layout, "of_a_friend", seed)
        assert clip_looks_of(layout, "", seed)[0].name == names[seed]
    asked = story()
    for name in names:
        scene = replace(asked.scene, variant=name)
        assert cast(replace(asked, scene=scene), FONTS).look.name == name


@pytest.mark.parametrize("slot", clip_layouts())
@pytest.mark.parametrize("n", range(len(STORIES)))
def test_words_of_every_look_keep_their_place_and_can_be_read(slot: str, n: int) -> None:
    for seed in range(len(clip_layouts()[slot].look)):
        each = replace(STORIES[n], scene=replace(STORIES[n].scene, slot=slot, seed=seed))
        placed = cast(each, FONTS)
        assert placing_faults(placed) == []
        drawn = [" ".join(line.text for line in text.lines) for text in placed.lines]
        assert drawn == list(each.lines)
        assert {"headline", "cta"} <= {text.element for text in placed.closing.placed}
        assert len({text.pixels for text in placed.lines}) <= 1
        assert film(each, placed).least_contrast >= LEAST_CONTRAST


def test_words_on_the_picture_are_found() -> None:
    placed = cast(story(), FONTS)
    wide = replace(placed, opening=replace(placed.opening, picture=(0, 0, 1280, 720)))
    assert "headline stands on the picture" in placing_faults(wide)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DoesNotFitError, match="script"):
        cast(Story(story().scene, ("Delivered to the room of your choice. " * 4,) * 3), FONTS)
    with pytest.raises(NoLayoutError, match="video_16x9"):
        cast(story(slot="native"), FONTS)


def test_the_picture_moves_all_the_time() -> None:
    shot = made(story())
    moments = [pixels(shot, at_s) for at_s in (0.5, 1.0, 2.0, 3.0, 3.9, 4.9, 5.9)]
    window = slice(700, 1200)
    for one, other in pairwise(moments):
        assert np.abs(one[:, window] - other[:, window]).mean() > 0.5


def test_lines_come_and_then_stay_as_they_are() -> None:
    shot = made(story())
    text = slice(0, 640)
    empty, whole = pixels(shot, 0.0)[:, text], pixels(shot, CLOSING_S - 0.1)[:, text]
    changed = [np.abs(pixels(shot, at_s)[:, text] - empty).sum() for at_s in (0.0, 0.9, 1.7, 2.5, 3.4)]
    assert changed == sorted(set(changed))
    assert np.array_equal(pixels(shot, 3.4)[:, text], whole)


def test_a_reader_from_the_right_gets_words_and_wipe_from_the_right() -> None:
    left, right = made(story()), made(STORIES[2])
    half = CLOSING_S + 0.25
    for shot, changed in ((left, slice(0, 300)), (right, slice(980, 1280))):
        before, during = pixels(shot, CLOSING_S - 0.05), pixels(shot, half)
        other = slice(980, 1280) if changed.start == 0 else slice(0, 300)
        assert np.abs(during[:, changed] - before[:, changed]).mean() > 20
        assert np.abs(during[:, other] - before[:, other]).mean() < 20


def test_the_poster_is_the_end_card_and_frames_are_alike_each_time() -> None:
    shot = made(story())
    assert np.array_equal(np.asarray(shot.poster()), pixels(shot, float(LASTS_S)))
    again = made(story())
    for n in (0, FRAMES // 2, FRAMES - 1):
        assert np.array_equal(pixels(shot, n / 24), pixels(again, n / 24))


def test_the_camera_never_looks_beyond_the_picture() -> None:
    shots = (Shot(0.0, 1.5, 0.1, 0.9), Shot(1.0, 1.0), Shot(2.0, 1.4, 0.95, 0.0))
    for n in range(-2, 30):
        left, top, right, bottom = view(camera(shots, n / 10), (960, 540))
        assert 0 <= left < right <= 960 + 1e-9
        assert 0 <= top < bottom <= 540 + 1e-9


def test_the_thing_has_the_colour_that_the_words_say() -> None:
    teal = (0x12, 0x82, 0x7F)
    shares = []
    for tint in ("", "#12827f"):
        shown = pixels(made(story(tint=tint)), 1.0)
        shares.append(float((np.abs(shown - teal).max(axis=2) < 20).mean()))
    assert shares[0] < 0.001 < 0.003 < shares[1]
