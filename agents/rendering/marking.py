"""What every file says of its origin: in XMP always, with China's label where its creative is told there, in
signed credentials where there is a key."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from agents.rendering.files.file_names import SUFFIXES
from agents.rendering.scenes import NATIVE
from models.brief.disclosure import CHINA
from models.credentials.aigc import AigcLabel
from models.credentials.origin import FileContent, is_by_model, origin_of
from models.credentials.signing import MAKER, MISSING, Identity, IdentityError, can_sign
from models.credentials.xmp import packet
from models.scene.scene import Scene
from streams import records as r
from streams.loud_end import RefusedError
from streams.settings import Settings

log = logging.getLogger(__name__)

UNSIGNED: Final = "no key: set SHIFTCAST_SIGN_KEY and SHIFTCAST_SIGN_CERT"
_SIGNED: Final = ("image/", "video/")


@dataclass(frozen=True)
class Marker:
    """Without an identity files are not signed. `producer`: who makes them, as China's label names it."""

    identity: Identity | None = None
    producer: str = MAKER

    @classmethod
    def of(cls, settings: Settings) -> Marker:
        """That of these settings; says once what is missing. Raises RefusedError where the key is not
        good."""
        reason = UNSIGNED if settings.sign_key is None else "" if can_sign() else MISSING
        if reason:
            log.warning("pictures and clips carry no signature: %s", reason)
            return cls(producer=settings.aigc_producer)
        return cls(identity_of(settings), settings.aigc_producer)

    def mark_of(self, creative: r.Creative, scene: Scene) -> FileMark:
        """What the files of a creative say that show a scene."""
        shown = shown_in(scene)
        origin = origin_of(creative.provenance.digital_source_type, shown)
        told = is_by_model(origin) and is_told_in_china(creative.provenance.disclosure)
        return FileMark(origin, self.identity, self.producer if told else "", shown.supplied)


@dataclass(frozen=True)
class FileMark:
    """The origin as the IPTC names it, who signs that, whom China's label names, '' = none is due, and which
    pictures were supplied."""

    origin: str
    identity: Identity | None
    producer: str = ""
    supplied: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Part of what a file is made of: a signed one is another than one without."""
        told = f" AIGC {self.producer}" if self.producer else ""
        return f"{self.origin}{' signed' if self.identity else ''}{told}"

    def xmp(self, name: str) -> bytes:
        """The packet that files of this name carry."""
        return packet(self.origin, AigcLabel(self.producer, name) if self.producer else None)

    def signed(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Files by suffix, with credentials in those that can carry any. Raises NotSignedError."""
        return {suffix: self._signed(suffix, data) for suffix, data in files.items()}

    def _signed(self, suffix: str, data: bytes) -> bytes:
        mime = SUFFIXES[suffix]
        if self.identity is None or not mime.startswith(_SIGNED):
            return data
        return self.identity.sign(data, mime, self.origin, self.supplied)


def shown_in(scene: Scene) -> FileContent:
    """What a scene shows that no program draws by rules."""
    artwork = sha256(scene.artwork.encode()).hexdigest()[:40] if scene.artwork else ""
    supplied = {"photo": scene.photo, "logo": scene.logo, "layout": artwork}
    named = tuple(f"{kind} {name}" for kind, name in supplied.items() if name)
    return FileContent(scene.slot != NATIVE, bool(scene.background), named)


def is_told_in_china(disclosure: r.Disclosure) -> bool:
    """Whether China is among the markets that ask for its label."""
    return disclosure.required and any(each.regulation == CHINA for each in disclosure.jurisdictions)


def identity_of(settings: Settings) -> Identity:
    """Key and certificates that the settings name. Raises RefusedError."""
    assert settings.sign_key is not None and settings.sign_cert is not None
    try:
        return Identity.of(settings.sign_key.read_bytes(), settings.sign_cert.read_bytes())
    except OSError as error:
        raise RefusedError(
            f"{error.filename} cannot be read: {error.strerror}; SHIFTCAST_SIGN_KEY or "
            "SHIFTCAST_SIGN_CERT names it"
        ) from error
    except IdentityError as error:
        raise RefusedError(f"SHIFTCAST_SIGN_KEY and SHIFTCAST_SIGN_CERT: {error}") from error
