"""What the operator of a worker is told when a topic it reads is no longer the one it knew: one line with
what to type."""

from __future__ import annotations

from collections.abc import Mapping

from streams.settings import Settings


def afresh(settings: Settings, partitions: int | None = None) -> str:
    """How to begin with empty rows beside the old ones, by a command."""
    grown = f"SHIFTCAST_PARTITIONS={partitions} " if partitions else ""
    repair = " --repair" if partitions else ""
    return (
        f"`{grown}SHIFTCAST_APP_PREFIX={settings.app_prefix}-2 shiftcast topics create{repair}`, then start "
        f"all workers with {'both' if partitions else 'that prefix'}"
    )


def created_anew(topic: str, settings: Settings) -> str:
    """A source whose offsets begin again: rows of users say up to which offset they contain events."""
    return (
        f"{topic} was created anew or truncated: its offsets begin again below what this group has applied, "
        f"so new events would pass for old ones. Restore the topic, or begin afresh: {afresh(settings)}"
    )


def reads_anew(topic: str) -> str:
    """A source of a worker without rows: nothing keeps it from reading the new one whole."""
    return f"{topic} was created anew: start the worker again, it reads the new one from its beginning"


def wrong_partitions(found: Mapping[str, int], settings: Settings) -> str | None:
    """The line for partition counts that are not as SHIFTCAST_PARTITIONS says, or None. `found`: of every
    topic of the worker whose count follows that setting."""
    wrong = {name: count for name, count in found.items() if count != settings.partitions}
    if not wrong:
        return None
    said = (
        f"SHIFTCAST_PARTITIONS is {settings.partitions}, but "
        f"{', '.join(f'{name} has {count}' for name, count in sorted(wrong.items()))}"
    )
    most = max(found.values())
    if len(wrong) == len(found) and len(set(found.values())) == 1:
        return f"{said}: `export SHIFTCAST_PARTITIONS={most}`"
    if most > settings.partitions:
        return (
            f"{said}: events in the added partitions would never be read, and rows cannot move there. Begin "
            f"afresh with {most} everywhere: {afresh(settings, most)}"
        )
    return f"{said}: delete what has too few (its events are lost) and `shiftcast topics create`"


def made_anew(known: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Names of the topics that have another id now; both are topic -> id."""
    return ", ".join(sorted(name for name, known_id in known.items() if now.get(name, known_id) != known_id))
