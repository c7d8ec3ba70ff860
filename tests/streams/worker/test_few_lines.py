"""What is logged while a broker is away: one line in ten seconds, and how many were left out."""

from __future__ import annotations

import logging

from streams.worker.few_lines import EVERY_S, FewLines, Unanswered, log


def shown(few: FewLines, name: str, text: str, level: int = logging.ERROR) -> str | None:
    """The line as it would appear."""
    record = logging.LogRecord(name, level, __file__, 1, text, (), None)
    return record.getMessage() if few.filter(record) else None


def test_of_the_clients_warnings_one_is_shown_and_the_others_are_counted() -> None:
    now_s = 0.0
    few = FewLines(lambda: now_s)
    assert shown(few, "aiokafka.conn", "Unable to connect") == "Unable to connect"
    for n in range(100):
        assert shown(few, "aiokafka.consumer", f"failed {n}", logging.WARNING) is None
    assert shown(few, "streams.lane", "ours") == "ours"
    now_s = EVERY_S
    assert shown(few, "aiokafka", "again") == "again (100 lines of the Kafka client left out)"
    now_s = 2 * EVERY_S
    assert shown(few, "aiokafka", "once more") == "once more"


def test_information_is_shown_once_for_each_text() -> None:
    few = FewLines(lambda: 0.0)
    lines = [shown(few, "aiokafka", text, logging.INFO) for text in ("join", "sync", "join")]
    assert lines == ["join", "sync", None]


def test_while_the_broker_is_away_only_that_is_said() -> None:
    now_s = 0.0
    few = FewLines(lambda: now_s)
    lines = []
    for tenth in range(750):
        now_s = tenth / 10
        lines += [shown(few, "aiokafka", "failed"), shown(few, log.name, "away") if not tenth % 100 else None]
    said = [line for line in lines if line]
    assert len(said) == 9 and sum("away" in line for line in said) == 8
    assert sum("failed" in line for line in said) == 1


def test_a_broker_that_is_away_is_told_again_and_again_and_its_return_once() -> None:
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    try:
        unanswered = Unanswered("host:9092")
        for second in range(60):
            unanswered.look(float(second), float(second) if 10 <= second < 45 else 0.0)
    finally:
        log.removeHandler(handler)
    assert [line.partition(":")[0] for line in said][:2] == ["No answer from host", "No answer from host"]
    assert len(said) == 5 and said[-1] == "host:9092 answers again"
