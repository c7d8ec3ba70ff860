"""What signs pictures and clips: whether it is there, fits together, and how long it still may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from agents.checks.finding import CheckFinding
from agents.rendering.marking import UNSIGNED, identity_of
from models.credentials.signing import MISSING, can_sign
from streams.loud_end import RefusedError
from streams.settings import Settings

_SUBJECT: Final = "signatures"
_SOON: Final = timedelta(days=30)


def credential_findings(settings: Settings, now: datetime) -> list[CheckFinding]:
    """Nothing where creatives get no pictures of their own."""
    if settings.assets_url is None:
        return []
    if settings.sign_key is None:
        return [_warning("pictures and clips carry no signature", UNSIGNED)]
    if not can_sign():
        return [_warning("pictures and clips carry no signature", MISSING)]
    try:
        identity = identity_of(settings)
    except RefusedError as error:
        return [CheckFinding("error", _SUBJECT, str(error), "name the right files")]
    ends = f"{identity.ends.astimezone(UTC):%Y-%m-%d}"
    renew = "a new certificate in the file that SHIFTCAST_SIGN_CERT names, then start the renderers again"
    if identity.ends <= now:
        return [CheckFinding("error", _SUBJECT, f"the certificate ended on {ends}", renew)]
    if identity.ends <= now + _SOON:
        return [_warning(f"the certificate ends on {ends}", renew)]
    return [CheckFinding("ok", _SUBJECT, f"pictures and clips are signed until {ends}")]


def _warning(text: str, repair: str) -> CheckFinding:
    return CheckFinding("warning", _SUBJECT, text, repair)
