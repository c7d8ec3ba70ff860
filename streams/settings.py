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
from models.clip.formats import FORMATS, Codec
from models.link import SECURE_SCHEMES, host_fault, link_fault
from streams.address import split_addresses
from streams.knobs.copywriting import CopyKnobs
from streams.knobs.doors import DoorKnobs
from streams.knobs.events import EventKnobs
from streams.knobs.knob import SettingsError, check_limits, environ_text_of, knob, parsed
from streams.knobs.wire import WireKnobs

ADDRESS_FILE: Final = Path(".shiftcast/broker/address")
"""Where `shiftcast broker start` leaves host:port of the broker of this folder."""

REGISTRY: Final = Path(".shiftcast/models")
"""Where versions of copywriters are kept unless told otherwise."""


@dataclass(frozen=True)
class Settings(DoorKnobs, CopyKnobs, EventKnobs, WireKnobs):
    """All knobs, those of the last class first. Build with `Settings.from_environ(os.environ)`, or directly
    in tests."""

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
        if (self.sign_key is None) != (self.sign_cert is None):
            raise SettingsError("SHIFTCAST_SIGN_KEY and SHIFTCAST_SIGN_CERT are set together, or neither")
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
            if (text := environ_text_of(each, environ)) is not None
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
    return name == "stub" and ms.isdecimal()
