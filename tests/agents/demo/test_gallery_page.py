"""The page that the demo leaves: every picture with its words, whatever they say, and nothing that runs."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from agents.demo.gallery_page import gallery_page, write_gallery
from agents.demo.show import pictures_line
from agents.overview.gallery import GalleryPicture

HOSTILE = '<script>alert("x")</script>'
BANNER = GalleryPicture("a.jpg", "c0", "banner_728x90", "en", "user", "p1", "t1", "Meet the lamp", 728, 90)
CLIP = GalleryPicture(
    "b.jpg", "c0", "video_16x9", "de", "default", "p1", "t1", "Die Lampe", 1280, 720, "b.mp4", "b.vtt"
)


class Tags(HTMLParser):
    """What a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def test_pictures_hang_by_slot_behind_clips_with_headline_and_for_whom() -> None:
    page = Tags(gallery_page([BANNER, CLIP], "../assets"))
    [image], [video] = page.all("img"), page.all("video")
    assert (image["src"], image["loading"]) == ("../assets/a.jpg", "lazy")
    assert (video["src"], video["poster"], video["preload"]) == (
        "../assets/b.mp4",
        "../assets/b.jpg",
        "none",
    )
    for said in ("banner 728x90", "Meet the lamp", "for one user", "Die Lampe", "for everyone"):
        assert said in page.text
    assert page.text.index("video 16x9") < page.text.index("banner 728x90")


def test_what_a_row_says_runs_nowhere() -> None:
    hostile = GalleryPicture(
        'a".jpg', HOSTILE, HOSTILE, HOSTILE, HOSTILE, "p", "t", f'"{HOSTILE}', 300, 250, clip='"><script>'
    )
    page = Tags(gallery_page([hostile, BANNER], "."))
    assert not page.all("script")
    assert HOSTILE in page.text
    [policy] = [each["content"] for each in page.all("meta") if "http-equiv" in each]
    assert policy is not None and policy.startswith("default-src 'none'") and "script-src" not in policy


def test_it_finds_its_pictures_from_where_it_lies(tmp_path: Path) -> None:
    folder = tmp_path / "all assets"
    folder.mkdir()
    (folder / "a.jpg").touch()
    page = write_gallery(tmp_path / "demo" / "gallery.html", folder, [BANNER])
    [image] = Tags(page.read_text(encoding="utf-8")).all("img")
    assert image["src"] == "../all%20assets/a.jpg"


def test_the_demo_says_where_and_how_many_were_there() -> None:
    report = {"pictured": 7, "pictures_held_share": 0.25, "gallery": "file:///x/gallery.html"}
    line = pictures_line(report)
    assert "7 creatives" in line and "25.0%" in line and line.endswith("file:///x/gallery.html")
    assert "; - of the pictures" in pictures_line({**report, "pictures_held_share": None})
