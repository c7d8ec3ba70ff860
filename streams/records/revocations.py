"""What must not be shown any more: read by ad servers, look-ups, generators and profile workers."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from streams.records.base import Ms, Name, Record


class Revocation(Record):
    """Key = `<kind>|<id>`. kind: campaign | item | template | creative | copy (of
    ads.copy.v1) | picture (in `shown` of an asset), or switch (id `*` = all campaigns).
    Of one campaign's template alone the id is `<campaign_id>|<template_id>`.

    `lasting`: creatives made after `since` are revoked as well, until the record changes. Else only those
    created at or before `since`. `mode` of a switch: templates_only | defaults_only | normal.
    """

    kind: Name
    id: Annotated[str, Meta(min_length=1, max_length=513)]
    reason: Name
    since: Ms
    lasting: bool = False
    mode: Name | None = None
    by: Name | None = None  # who said so, where a person did
