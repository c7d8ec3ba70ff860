"""Headlines of a model that were published moments ago: their users' rows may not know them yet when the next
request leaves."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from models.choice.headlines import headline_hash
from streams import records as r
from streams.mapping.authorship import written_by_model

USERS: Final = 20_000
"""Users remembered, the newest: minutes of requests."""
_PREFIX: Final = "u:"


class JustSaid:
    """By user. A worker keeps those that it published, and those that it reads when partitions come to it."""

    def __init__(self, window_ms: int, users: int = USERS) -> None:
        self._window_ms = window_ms
        self._users = users
        self._said: OrderedDict[str, dict[int, int]] = OrderedDict()  # user -> hash -> when it was made

    def note(self, creatives: Iterable[r.Creative]) -> None:
        """Take creatives that are on their way out; only personal ones of a model count."""
        for each in creatives:
            if not (written_by_model(each) and each.audience.key.startswith(_PREFIX)):
                continue
            user = each.audience.key.removeprefix(_PREFIX)
            said = self._said.pop(user, {})
            self._said[user] = {
                **{old: made for old, made in said.items() if each.created - made < self._window_ms},
                headline_hash(each.copy.headline): each.created,
            }
            if len(self._said) > self._users:
                self._said.popitem(last=False)

    def of(self, user: str, now_ms: int) -> frozenset[int]:
        """Hashes of headlines that must not come to the user again."""
        said = self._said.get(user, {})
        return frozenset(each for each, made in said.items() if max(0, now_ms - made) < self._window_ms)
