"""What every file says of its origin: in XMP always, in signed credentials where there is a key."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agents.rendering.file_names import SUFFIXES
from agents.rendering.scenes import NATIVE
from models.credentials.origin import origin_of
from models.credentials.signing import MISSING, Identity, IdentityError, can_sign
from models.credentials.xmp import packet
from streams import records as r
from streams.loud_end import RefusedError
from streams.settings import Settings

log = logging.getLogger(__name__)

UNSIGNED: Final = "no key: set SHIFTCAST_SIGN_KEY and SHIFTCAST_SIGN_CERT"
_SIGNED: Final = ("image/", "video/")


@dataclass(frozen=True)
class Marker:
    """Without an identity files are not signed."""

    identity: Identity | None = None

    @classmethod
    def of(cls, settings: Settings) -> Marker:
        """That of these settings; says once what is missing. Raises RefusedError where the key is not
        good."""
        reason = UNSIGNED if settings.sign_key is None else "" if can_sign() else MISSING
        if reason:
            log.warning("pictures and clips carry no signature: %s", reason)
            return cls()
        return cls(identity_of(settings))

    def mark_of(self, creative: r.Creative) -> Mark:
        """What the files of a creative say."""
        declared = creative.provenance.digital_source_type
        return Mark(origin_of(declared, creative.slot != NATIVE), self.identity)


@dataclass(frozen=True)
class Mark:
    """The origin as the IPTC names it, and who signs that."""

    origin: str
    identity: Identity | None

    @property
    def name(self) -> str:
        """Part of what a file is made of: a signed one is another than one without."""
        return f"{self.origin}{' signed' if self.identity else ''}"

    @property
    def xmp(self) -> bytes:
        """The packet that files carry."""
        return packet(self.origin)

    def signed(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Files by suffix, with credentials in those that can carry any. Raises NotSignedError."""
        return {suffix: self._signed(suffix, data) for suffix, data in files.items()}

    def _signed(self, suffix: str, data: bytes) -> bytes:
        mime = SUFFIXES[suffix]
        if self.identity is None or not mime.startswith(_SIGNED):
            return data
        return self.identity.sign(data, mime, self.origin)


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
