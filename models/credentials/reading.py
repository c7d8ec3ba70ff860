"""Content credentials out of a file, checked: who signed what, and whether it is still that."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Literal

import c2pa
import orjson

from models.credentials.origin import IPTC

State = Literal["trusted", "valid", "invalid", "none"]
_UNTRUSTED: Final = "signingCredential.untrusted"


class UnreadableFileError(ValueError):
    """No file of a type that carries credentials."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """`state`: trusted (whole, and signed under one of the given anchors), valid (whole), invalid (file or
    credentials were changed), none. `supplied`: pictures that were placed in it, `faults`: codes of what is
    wrong."""

    state: State
    signer: str = ""
    issuer: str = ""
    maker: str = ""
    origin: str = ""
    supplied: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def read_credentials(data: bytes, mime: str, anchors: str = "") -> Credentials:
    """What a file says of itself; `anchors`: certificates of trusted authorities as PEM. Raises
    UnreadableFileError."""
    trust = {"user_anchors": anchors} if anchors else {}
    context = c2pa.Context.from_dict({"trust": trust, "verify": {"verify_trust": True}})
    try:
        reader = c2pa.Reader(mime, BytesIO(data), context=context)
    except c2pa.C2paError as error:
        if "ManifestNotFound" in str(error):
            return Credentials("none")
        if "NotSupported" in str(error):
            raise UnreadableFileError(f"files of type {mime} carry no credentials") from error
        return Credentials("invalid", faults=(str(error).partition(":")[0],))
    told = orjson.loads(reader.json())
    manifest = told["manifests"][told["active_manifest"]]
    signed = manifest.get("signature_info") or {}
    faults = tuple(each["code"] for each in told.get("validation_status", []) if each["code"] != _UNTRUSTED)
    states: dict[str, State] = {"Trusted": "trusted", "Valid": "valid"}
    return Credentials(
        states.get(str(told.get("validation_state")), "invalid"),
        signed.get("common_name") or "",
        signed.get("issuer") or "",
        next((each["name"] for each in manifest.get("claim_generator_info", [])), ""),
        _origin(manifest),
        tuple(each.get("title") or "" for each in manifest.get("ingredients", [])),
        faults,
    )


def _origin(manifest: dict[str, Any]) -> str:
    actions = [
        action
        for each in manifest.get("assertions", [])
        if each["label"].startswith("c2pa.actions")
        for action in each["data"]["actions"]
    ]
    types = (action.get("digitalSourceType", "") for action in actions)
    return next((each.removeprefix(IPTC) for each in types if each), "")
