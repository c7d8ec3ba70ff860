"""What listens or is listened to: metrics, page, look-up, collector, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.link import HOST_ENTRY
from streams.knobs.knob import knob

_MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class DoorKnobs:
    """Part of streams.settings.Settings."""

    metrics_port: int = knob(0, "port", "0: a free one, printed at start", least=0, most=65_535)
    metrics_bind: str = knob(
        "127.0.0.1", "address", "another address shows metrics, /health and /ready to the network"
    )
    page_port: int = knob(8600, "port", "0: a free one, printed at start", least=0, most=65_535)
    page_bind: str = knob("127.0.0.1", "address", "another address shows the page to the network")
    page_token: str | None = knob(
        None, "", "who holds it reads reasons; none: made anew at each start", secret=True
    )
    redis_url: str | None = knob(
        None,
        "URL",
        "redis://host:6379/0, where `shiftcast materialise` writes",
        secret=True,
        form=(r"(rediss?|unix)://\S+", "an address as redis://host:6379/0"),
    )
    serve_port: int = knob(8700, "port", "0: a free one, printed at start", least=0, most=65_535)
    serve_bind: str = knob("127.0.0.1", "address", "another address serves creatives to the network")
    serve_tokens: str | None = knob(
        None,
        "",
        "who holds one may ask for creatives: one per ad server, apart by spaces or lines; none: one made "
        "anew at each start",
        secret=True,
    )
    serve_per_s: int = knob(
        5000, "requests/s", "per token; beyond it requests are refused with 429", least=1, most=1_000_000
    )
    tcf_vendor: int = knob(
        0,
        "id",
        "yours, on the IAB's list of vendors: a TC string must name it, in requests and events; 0: purposes "
        "alone decide",
        least=0,
        most=65_535,
    )
    serve_bytes: int = knob(
        1536 * _MIB,
        "bytes",
        "of creatives in memory; beyond it the personal ones published longest ago make room",
        least=_MIB,
    )
    collect_url: str | None = knob(
        None,
        "URL",
        "https://collect.example, as browsers reach `shiftcast collect`; none: creatives carry no trackers "
        "of ours",
    )
    collect_keys: str | None = knob(
        None,
        "",
        "seal those trackers, the same for generators, look-ups and collectors, apart by spaces or lines: "
        "the first seals, the others are of before; whoever has one can make up impressions and clicks",
        secret=True,
    )
    collect_port: int = knob(8800, "port", "0: a free one, printed at start", least=0, most=65_535)
    collect_bind: str = knob("127.0.0.1", "address", "another address takes events from the network")
    collect_per_s: int = knob(
        50, "requests/s", "per address; beyond it requests are refused with 429", least=1, most=1_000_000
    )
    collect_proxies: int = knob(
        0,
        "proxies",
        "of ours before the collector, each of which appends to X-Forwarded-For: too few, and all are one "
        "address; too many, and any address can be claimed",
        least=0,
        most=16,
    )
    collect_bytes: int = knob(
        1024 * _MIB,
        "bytes",
        "of events on disk that the broker has not taken; beyond it requests are refused with 503",
        least=_MIB,
    )
    collect_synced: bool = knob(
        False,
        "",
        "true answers only once the disk has the event: slower; false: a crash of the machine, not of the "
        "process, loses what was answered in the last tenth of a second",
    )
    assets_url: str | None = knob(
        None,
        "https address",
        "where the pictures of the folder below are had, a CDN's prefix as a rule; none: creatives get no "
        "pictures of their own",
    )
    assets_dir: Path = knob(
        Path(".shiftcast/assets"), "path", "of pictures; the renderers of all hosts need the same one"
    )
    assets_bucket: str | None = knob(
        None,
        "s3://name/prefix",
        "where pictures and clips go instead of the folder, with the extra `s3`: any service that speaks S3 "
        "and knows conditional puts; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT "
        "say how it is reached",
        form=(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/\S*)?", "s3://NAME or s3://NAME/PREFIX"),
    )
    photo_hosts: str = knob(
        "",
        "hosts",
        "`cdn.example *.img.example`: where renderers fetch photos and logos, https at public addresses; "
        "none: things are drawn",
        form=(
            rf"[\s,]*({HOST_ENTRY}([\s,]+|$))*",
            "hosts apart by spaces: cdn.example, *.cdn.example or cdn.example:8443",
        ),
    )
    image_model_dir: Path | None = knob(
        None,
        "path",
        "of a model that paints the backgrounds of what words alone advertise, as `shiftcast model "
        "export --kind image` or `shiftcast model train-background` writes it; none: words alone stand there",
    )
    read_back_share: float | None = knob(
        None,
        "share",
        "of pictures whose words a recogniser reads back before they are used, with the extra `ocr`: each "
        "takes .2 s of a core; none: .02 where that is installed, else 0",
        least=0.0,
        most=1.0,
    )
    picture_classifier_dir: Path | None = knob(
        None,
        "path",
        "of an image classifier (model.onnx, preprocessor_config.json, config.json): photos and backgrounds "
        "that it finds to be of the classes below wait for a person; the same for generators, whose "
        "creatives then name no picture that it has not seen; none: nothing is looked at",
    )
    held_classes: str = knob(
        "nsfw,porn,hentai,sexy,unsafe", "names", "of the classifier's classes that make a picture wait"
    )
    held_share: float = knob(
        0.5, "share", "how likely a picture must be of them to wait", least=0.0, most=1.0
    )
    assets_port: int = knob(8650, "port", "0: a free one, printed at start", least=0, most=65_535)
    assets_bind: str = knob("127.0.0.1", "address", "another address shows the pictures to the network")
    sign_key: Path | None = knob(
        None,
        "path",
        "private key, PEM, that pictures and clips are signed with (C2PA); none: they carry no signature",
    )
    sign_cert: Path | None = knob(
        None, "path", "its certificate with those above it, PEM: who reads the files sees its names"
    )
    aigc_producer: str = knob(
        "shiftcast",
        "name",
        "yours or the code of your service, as the metadata label that China asks for names who makes "
        "pictures and clips (GB 45438-2025, ContentProducer)",
        form=(r"\S(.{0,126}\S)?", "1 to 128 characters"),
    )
    clip_codecs: str = knob(
        "av1",
        "av1,h264",
        "of clips, apart by commas, the preferred first: players too old for AV1 take H.264, whose encoder "
        "is under the GPL",
    )
    clip_voice: str = knob(
        "",
        "engine",
        "that speaks in clips, installed on the hosts of renderers; the same for generators, whose creatives "
        "then say that their clips are made with a model; none: clips are silent",
        choices=("", "espeak-ng", "piper"),
    )
    voice_dir: Path = knob(
        Path(".shiftcast/voices"),
        "path",
        "voices of piper, `de_DE-NAME.onnx` with `de_DE-NAME.onnx.json`: the first by name of each language",
    )
    font_dir: Path = knob(
        Path(".shiftcast/fonts"),
        "path",
        "fonts beyond those that come as packages, in any folder below: Noto Sans SC for Chinese, others for "
        "what those lack",
    )
