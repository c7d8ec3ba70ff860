"""Content credentials into files: who made this and how, signed with the operator's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from io import BytesIO
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from models.credentials.origin import IPTC

MISSING: Final = "signatures need the package c2pa: pip install 'shiftcast[provenance]'"
MAKER: Final = "shiftcast"
_CURVES: Final = {"secp256r1": b"es256", "secp384r1": b"es384", "secp521r1": b"es512"}


class IdentityError(ValueError):
    """Key and certificates that nothing can be signed with; the message says why."""


class NotSignedError(RuntimeError):
    """A file could not be signed."""


def can_sign() -> bool:
    """Whether the package that signs is installed."""
    return find_spec("c2pa") is not None


@dataclass(frozen=True)
class Identity:
    """A private key with its certificates, the signer's own first, as PEM."""

    key: bytes
    chain: bytes
    algorithm: bytes
    ends: datetime

    @classmethod
    def of(cls, key: bytes, chain: bytes) -> Identity:
        """Raises IdentityError."""
        try:
            private = load_pem_private_key(key, None)
            certificates = x509.load_pem_x509_certificates(chain)
        except (ValueError, TypeError) as error:
            raise IdentityError(f"not a PEM key without password and its certificates: {error}") from error
        if certificates[0].public_key() != private.public_key():
            raise IdentityError("the first certificate is not that of the key")
        if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name in _CURVES:
            algorithm = _CURVES[private.curve.name]
        elif isinstance(private, ed25519.Ed25519PrivateKey):
            algorithm = b"ed25519"
        elif isinstance(private, rsa.RSAPrivateKey):
            algorithm = b"ps256"
        else:
            raise IdentityError("the key is none of P-256, P-384, P-521, Ed25519 and RSA")
        return cls(key, chain, algorithm, min(each.not_valid_after_utc for each in certificates))

    def sign(self, data: bytes, mime: str, origin: str, supplied: Sequence[str] = ()) -> bytes:
        """The same file with credentials in it, which name the pictures that were `supplied`; no two
        signatures are alike. Raises NotSignedError."""
        import c2pa  # only workers that sign have it

        manifest = {
            "claim_generator_info": [{"name": MAKER}],
            "format": mime,
            "ingredients": [
                {"title": each, "relationship": "componentOf", "label": each} for each in supplied
            ],
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": _actions(origin, supplied)}}],
        }
        signed = BytesIO()
        try:
            told = c2pa.C2paSignerInfo(self.algorithm, self.chain, self.key, None)
            context = c2pa.Context.from_dict({"builder": {"thumbnail": {"enabled": False}}})
            c2pa.Builder(manifest, context).sign(c2pa.Signer.from_info(told), mime, BytesIO(data), signed)
        except c2pa.C2paError as error:
            raise NotSignedError(f"{mime} of {len(data)} bytes: {error}") from error
        return signed.getvalue()


def _actions(origin: str, supplied: Sequence[str]) -> list[dict[str, Any]]:
    """How a file came about; what was placed is found by its label."""
    created = {"action": "c2pa.created", "digitalSourceType": f"{IPTC}{origin}"}
    placed = [{"action": "c2pa.placed", "parameters": {"ingredientIds": [each]}} for each in supplied]
    return [created, *placed]
