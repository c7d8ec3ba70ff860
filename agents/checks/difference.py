"""What is wrong with a topic, in one line that ends in the command that repairs it."""

from __future__ import annotations

from streams.broker.admin import Difference


def describe_difference(each: Difference) -> str:
    """What differs and what to type."""
    if each.found == "missing":
        return f"{each.topic} is missing: `shiftcast topics create`"
    said = f"{each.topic}: {each.what} is {each.found or 'unset'}, wanted {each.wanted}"
    if each.repairable:
        return f"{said}: `shiftcast topics create --repair`"
    if each.what == "partitions":
        return (
            f"{said}: set SHIFTCAST_PARTITIONS={each.found}, or delete the topic (its events are lost) and "
            "create it anew"
        )
    return f"{said}: reassign its replicas with Kafka's own tools, or set SHIFTCAST_REPLICATION={each.found}"
