"""Whether a TC string must consent, and which."""

from __future__ import annotations

from collections.abc import Mapping, Set

from models.privacy_strings.gpp import TCF_EU


def tc_string_asked(
    text: str, gdpr: int | None, sections: Mapping[int, str], applying: Set[int]
) -> str | None:
    """The TC string that must consent, '' where one must and none was given; None where none must.

    `text`: as it was given by itself, else it is looked for in the GPP string's `sections`, of which
    `applying` are said to apply. Where it is not known whether GDPR applies, a string that was given must
    consent; where GDPR is said not to apply, only one that the GPP string says to apply.
    """
    text = text or sections.get(TCF_EU, "")
    if gdpr == 1 or TCF_EU in (applying or sections) or (gdpr is None and text):
        return text
    return None
