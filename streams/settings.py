"""Every setting of Shiftcast, one line each, read from the environment once and passed on as a value.

The variable of a field is SHIFTCAST_ + its name in capitals (`broker`: KAFKA_BROKER). A secret may also come
from a file: append _FILE to the name of its variable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, cast, get_type_hints

from models.beacon.address import Collector
from models.beacon.seal import LEAST_KEY, Seal
from models.campaigns import LOOK_BACK_S, EventTracker
from models.clip.formats import FORMATS, Codec
from models.earned.judging import TOO_FAST_MS
from models.link import SECURE_SCHEMES, host_fault, link_fault
from streams.address import split_addresses
from streams.knobs import SettingsError, check_limits, knob, parsed, text_of

ADDRESS_FILE: Final = Path(".shiftcast/broker/address")
"""Where `shiftcast broker start` leaves host:port of the broker of this folder."""

REGISTRY: Final = Path(".shiftcast/models")
"""Where versions of copywriters are kept unless told otherwise."""

_MIB: Final = 1024 * 1024
_DAY_S: Final = 86_400


@dataclass(frozen=True)
class Settings:
    """All knobs. Build with `Settings.from_environ(os.environ)`, or directly in tests."""

    broker: str = knob(
        "127.0.0.1:9092", "host:port,...", "the wrong cluster gets the events", env="KAFKA_BROKER"
    )
    security_protocol: str = knob(
        "PLAINTEXT",
        "",
        "PLAINTEXT sends all in the clear",
        choices=("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
    )
    sasl_mechanism: str = knob(
        "SCRAM-SHA-512",
        "",
        "PLAIN without TLS shows the password",
        choices=("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
    )
    sasl_username: str | None = knob(None, "", "one principal per role, or ACLs mean nothing")
    sasl_password: str | None = knob(None, "", "keep it in a file", secret=True)
    ssl_cafile: Path | None = knob(None, "path", "without it the system's authorities are trusted")
    ssl_certfile: Path | None = knob(None, "path", "client certificate for mutual TLS")
    ssl_keyfile: Path | None = knob(None, "path", "must be readable by the worker alone")
    app_prefix: str = knob(
        "shiftcast", "", "another prefix is another set of groups and state: everything is read again"
    )

    isolation: str = knob(
        "read_committed",
        "",
        "read_uncommitted also counts events of transactions that are open or were aborted",
        choices=("read_committed", "read_uncommitted"),
    )

    partitions: int = knob(
        4,
        "partitions",
        "fixed once events exist: growing moves users away from their rows",
        least=1,
        most=1024,
    )
    replication: int = knob(1, "replicas", "1 loses data with the disk; 3 in production", least=1, most=9)
    data_dir: Path = knob(Path(".shiftcast/state"), "path", "lost: restored from the changelog")
    flush_interval_s: float = knob(
        0.5, "s", "longer: fewer changelog records, more to replay", least=0.05, most=10
    )
    arena_bytes: int = knob(
        256 * _MIB, "bytes", "smaller: more reads from RocksDB; larger: more memory per worker", least=_MIB
    )
    batch_records: int = knob(
        2000, "records", "smaller: less latency, more CPU per event", least=1, most=10_000
    )
    session_timeout_s: float = knob(
        10.0, "s", "shorter: a pause becomes a rebalance; longer: slower takeover", least=6, most=300
    )
    broker_wait_s: float = knob(
        120.0, "s", "how long a start waits for a broker that does not answer", least=0, most=86_400
    )
    instance_id: str | None = knob(
        None, "", "a name per worker: a restart within the session time-out moves nothing"
    )
    standby_replicas: int = knob(
        0, "copies", "0: a takeover restores from the changelog first", least=0, most=4
    )

    max_event_age_s: float = knob(
        7 * _DAY_S, "s", "older events are dead letters; raise it for a historical replay", least=60
    )
    settle_late_s: float = knob(
        300,
        "s",
        "what comes later than this behind all topics is missing in exposures whose click window closed",
        least=0,
        most=LOOK_BACK_S,
    )
    click_too_fast_ms: int = knob(
        TOO_FAST_MS,
        "ms",
        "a click sooner after its impression is invalid; too high: quick readers count nowhere",
        least=0,
        most=60_000,
    )
    attribution_click_s: int = knob(
        7 * _DAY_S,
        "s",
        "so long a click earns what follows; 0: never; a campaign may say otherwise",
        least=0,
        most=LOOK_BACK_S,
    )
    attribution_view_s: int = knob(
        _DAY_S,
        "s",
        "so long a view earns where no click does; 0: never; a campaign may say otherwise",
        least=0,
        most=LOOK_BACK_S,
    )
    arm_half_life_s: float = knob(
        3 * _DAY_S,
        "s",
        "so long until what an arm earned counts half; shorter: changes are followed sooner, on fewer clicks",
        least=60,
        most=LOOK_BACK_S,
    )
    headline_window_s: int = knob(
        30 * _DAY_S,
        "s",
        "so long no headline of a model comes to a user again; 0: it may at once",
        least=0,
        most=LOOK_BACK_S,
    )
    http_assets: bool = knob(
        False, "", "true also takes images of plain http: browsers block them on https pages"
    )
    dsa_domain: str | None = knob(
        None,
        "host name",
        "who applies what is known of users, where a campaign's dsa names no domain; none: the advertiser's",
    )
    trackers: tuple[EventTracker, ...] = knob(
        (), "JSON", "`[{type, method, url}]` of every campaign that names no trackers of its own"
    )
    consent_default: bool = knob(
        False, "", "true learns from users who said nothing (never where GDPR applies)"
    )

    generation_deadline_ms: int = knob(1000, "ms", "past it the template answers", least=10, most=600_000)
    generation_batch: int = knob(
        16, "requests", "larger: more per second, each waits longer", least=1, most=256
    )
    generation_wait_ms: int = knob(1, "ms", "how long a batch may wait to fill", least=0, most=10_000)
    click_focus: float = knob(
        0.0,
        "gamma",
        "above 0 the click model learns by focal loss: its rates still rank, and are no probabilities",
        least=0,
        most=5,
    )
    click_weight: float = knob(
        1.0,
        "times",
        "so much more a click counts in the click model; away from 1 its rates are no probabilities",
        least=0.01,
        most=1000,
    )
    provider: str = knob("cpu", "", "cuda refuses to start without a GPU", choices=("cpu", "cuda"))
    encoder_dir: Path | None = knob(
        None, "path", "an ONNX sentence encoder for new catalogue versions; none: the built-in encoder"
    )
    model_dir: Path | None = knob(
        None,
        "path",
        "a registry of copywriters, or one model's folder; none: the registry `.shiftcast/models`, else the "
        "built-in copywriter",
    )
    copywriter: str = knob(
        "model",
        "model, small, stub:<ms>",
        "small: the one that comes with the program, whatever else is registered; stub writes test copy: "
        "benchmarks only",
    )
    pool_bytes: int = knob(
        64 * _MIB,
        "bytes",
        "what copy written ahead may take of a generator's memory; items beyond it are cold: their copy is "
        "not served; 0: no pool",
        least=0,
    )
    pool_core_share: float = knob(
        0.2,
        "of a core",
        "so much of a processor a generator that nobody waits for spends on writing ahead; 0: only "
        "`shiftcast copy fill` writes ahead",
        least=0,
        most=1,
    )
    pool_copies: int = knob(
        2, "copies", "written ahead per item, slot and style; a user is shown none twice", least=1, most=64
    )
    pool_bar: float | None = knob(
        None,
        "score",
        "least score of copy that is kept and served; none: the judge's own bar; lower: more copy, worse",
        least=0,
        most=1,
    )
    pool_drafts: int = knob(
        4, "drafts", "written for each of these, of which the judge keeps the best", least=1, most=64
    )
    cooldown_ms: int = knob(1_800_000, "ms", "shorter: more creatives per user, more cost", least=0)
    cooldown_events: int = knob(
        5, "events", "positive events between two triggers of one user", least=0, most=10_000
    )

    generations_per_1000: float = knob(
        0.0,
        "per 1,000",
        "requests for creatives wanted per 1,000 positive events: the catalogue worker moves the detector's "
        "threshold until it is so; 0: the threshold stays as it is calibrated",
        least=0,
        most=500,
    )
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
        None, "URL", "redis://host:6379/0, where `shiftcast materialise` writes", secret=True
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
        "of whoever serves, on the IAB's list of vendors: a TC string must name it; 0: purposes alone decide",
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
    assets_port: int = knob(8650, "port", "0: a free one, printed at start", least=0, most=65_535)
    assets_bind: str = knob("127.0.0.1", "address", "another address shows the pictures to the network")
    clip_codecs: str = knob(
        "av1",
        "av1,h264",
        "of clips, apart by commas, the preferred first: players too old for AV1 take H.264, whose encoder "
        "is under the GPL",
    )
    font_dir: Path = knob(
        Path(".shiftcast/fonts"), "path", "fonts beyond those that come as packages: Noto Sans SC for Chinese"
    )
    fail_point: str | None = knob(None, "", "kills the process at a named step: fault tests only")

    def __post_init__(self) -> None:
        for each in fields(self):
            check_limits(each, getattr(self, each.name))
        try:
            split_addresses(self.broker)
        except ValueError as error:
            raise SettingsError(f"KAFKA_BROKER is {self.broker!r}: {error}") from None
        if self.dsa_domain is not None and (fault := host_fault(self.dsa_domain)):
            raise SettingsError(f"SHIFTCAST_DSA_DOMAIN is {self.dsa_domain!r}: it {fault}")
        if self.assets_url is not None and (fault := link_fault(self.assets_url, SECURE_SCHEMES)):
            raise SettingsError(f"SHIFTCAST_ASSETS_URL is {self.assets_url!r}: it {fault}")
        if self.copywriter not in ("model", "small") and not _stub(self.copywriter):
            raise SettingsError(
                f"SHIFTCAST_COPYWRITER is {self.copywriter!r}: give model, small or stub:<milliseconds>"
            )
        if not self.codecs or set(self.codecs) - FORMATS.keys():
            raise SettingsError(
                f"SHIFTCAST_CLIP_CODECS is {self.clip_codecs!r}: give {' or '.join(FORMATS)}, or both "
                "with a comma between them"
            )
        self._check_collecting()
        if self.security_protocol.startswith("SASL") and not (self.sasl_username and self.sasl_password):
            raise SettingsError(
                f"SHIFTCAST_SECURITY_PROTOCOL is {self.security_protocol}: "
                "set SHIFTCAST_SASL_USERNAME and SHIFTCAST_SASL_PASSWORD_FILE as well"
            )

    def _check_collecting(self) -> None:
        if self.collect_url is not None:
            fault = link_fault(self.collect_url, SECURE_SCHEMES)
            fault = fault or ("has a question mark or a fragment" * bool({"?", "#"} & set(self.collect_url)))
            if fault:
                raise SettingsError(f"SHIFTCAST_COLLECT_URL is {self.collect_url!r}: it {fault}")
            if not self.collect_keys:
                raise SettingsError(
                    "SHIFTCAST_COLLECT_URL is set and SHIFTCAST_COLLECT_KEYS is not: make a key with "
                    "`openssl rand -hex 32`, the same for generators, look-ups and collectors"
                )
        if any(len(key) < LEAST_KEY for key in (self.collect_keys or "").split()):
            raise SettingsError(
                f"SHIFTCAST_COLLECT_KEYS has a key of less than {LEAST_KEY} characters: make one with "
                "`openssl rand -hex 32`"
            )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], folder: Path = Path()) -> Settings:
        """Settings of this environment. Without KAFKA_BROKER the broker that runs in `folder` is used, else
        127.0.0.1:9092.

        Raises SettingsError: variable, value, rule.
        """
        hints = get_type_hints(cls)
        values = {
            each.name: parsed(each, hints[each.name], text)
            for each in fields(cls)
            if (text := text_of(each, environ)) is not None
        }
        address = folder / ADDRESS_FILE
        if "broker" not in values and address.is_file():
            values["broker"] = address.read_text().strip()
        return cls(**values)

    @property
    def registry_dir(self) -> Path:
        """Folder of the registry of copywriters, or of the one model that was named."""
        return self.model_dir or REGISTRY

    @property
    def codecs(self) -> tuple[Codec, ...]:
        """Codecs of clips, the preferred first, each once."""
        named = [each.strip() for each in self.clip_codecs.split(",")]
        return tuple(dict.fromkeys(cast(Codec, each) for each in named if each))

    @property
    def seal(self) -> Seal | None:
        """What our trackers are sealed and opened with."""
        return Seal(self.collect_keys.split()) if self.collect_keys else None

    @property
    def collector(self) -> Collector | None:
        """Where trackers of ours lead."""
        seal = self.seal
        return Collector(self.collect_url, seal, self.tcf_vendor) if self.collect_url and seal else None

    def app_id(self, name: str) -> str:
        """Faust app id and consumer group of the app `name`: shiftcast-profiles, shiftcast-generator ..."""
        return f"{self.app_prefix}-{name}"


def _stub(copywriter: str) -> bool:
    name, _, ms = copywriter.partition(":")
    return name == "stub" and ms.isdigit()
