"""`show-user` reads the rows of every build before it, and says so in one line where it cannot."""

from __future__ import annotations

import pytest

from agents.commands.show_user import Kept, tell
from streams.loud_end import RefusedError
from streams.settings import Settings
from tests.agents.catalogue import reference_of
from tests.golden.golden_rows import golden
from tests.stories.profile_story import USER

NOW_MS = 1_795_500_000_000


@pytest.mark.parametrize("version", [1, 2])
def test_rows_of_every_version_are_told(version: int) -> None:
    rows = {
        kind.encode(): row.stored
        for kind in "cpx"
        for row in golden(kind, 1 if kind == "c" else version)
        if row.key == kind.encode() + USER.encode()
    }
    catalog = reference_of(Settings()).snapshot().catalog
    assert catalog is not None
    told = tell(USER, Kept(2, rows), catalog, NOW_MS)
    assert told["consent"]["profile"] and told["profile"]["counts"]["click"] == 45
    assert told["exposures"] == {"shown": 24, "acts": 5, "sales": 4, "live": 5}
    rows[b"x"] = bytes([9]) + rows[b"x"][1:]
    with pytest.raises(RefusedError, match="partition 2 holds a row of kind x: exposures row of version 9"):
        tell(USER, Kept(2, rows), catalog, NOW_MS)
