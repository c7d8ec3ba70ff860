"""Order lines as records of the stream, and the audit's sums."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner

from agents.commands.traffic.replay import command
from agents.replay.audit import Books, ReplayAudit
from agents.replay.orders import catalog_item, consent, conversion, files_of, read_files
from models.money import currency_index, minor
from models.order_log import COLUMNS, revenue_minor, stock
from streams import topics
from streams.records import CatalogItem, Consent, Conversion, Record
from streams.topics import BY_NAME
from streams.wire.codecs import WireLimits, decode
from streams.wire.output import Output
from streams.wire.refusals import Rejected

ROWS = (
    "536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "C536366,85123A,WHITE HANGING HEART,-2,2010-12-01 08:30:00,2.55,17850.0,France",
    "536367,22633,,1,2010-12-01 08:31:00,0.29,,Unspecified",
    "536368,22633,HAND WARMER,some,2010-12-01 08:32:00,1.85,17850.0,Germany",
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    for name in ("2010-12.csv.gz", "2011-01.csv.gz"):
        with gzip.open(tmp_path / name, "wt") as file:
            file.write("\n".join((",".join(COLUMNS), *ROWS)))
    return tmp_path


def taken(output: Output, append_ts: int) -> Record | None:
    assert output.key is not None
    return decode(BY_NAME[output.topic], output.value, output.key, output.headers, append_ts, WireLimits())


def test_every_readable_line_is_a_conversion_whose_pennies_are_the_batchs(log: Path) -> None:
    lines = [line for line in read_files(files_of([log], "2010-12")) if line.readable]
    shift_ms, sums = 7_000, 0
    for line in lines:
        record = taken(conversion(line, shift_ms), line.ts_ms + shift_ms)
        assert isinstance(record, Conversion) and record.id == line.id and record.ts == line.ts_ms + shift_ms
        sums += minor(record.value or 0.0, currency_index(record.cur))
    assert sums == revenue_minor(lines) == 1530 - 510 + 29


def test_a_guests_line_counts_money_and_teaches_nothing(log: Path) -> None:
    [guest] = [line for line in read_files(files_of([log], "2010-12")) if line.guest]
    record = taken(conversion(guest, 0), guest.ts_ms)
    stated = taken(consent(guest, guest.ts_ms - 1), guest.ts_ms)
    for each in (record, stated):
        assert isinstance(each, Conversion | Consent) and each.explicit is not None
        assert (each.explicit.measure, each.explicit.profile, each.explicit.personalise) == (
            True,
            False,
            False,
        )


def test_a_line_that_cannot_be_read_is_refused_with_the_streams_own_reason(log: Path) -> None:
    [broken] = [line for line in read_files(files_of([log], "2010-12")) if not line.readable]
    with pytest.raises(Rejected) as refused:
        taken(conversion(broken, 0), 0)
    assert refused.value.reason == "wrong_type"


def test_articles_become_catalogue_items(log: Path) -> None:
    [item] = stock(read_files(files_of([log], "2010-12")))
    record = taken(catalog_item(item), 0)
    assert record == CatalogItem(
        "85123A", "White Hanging Heart", "https://gifts.example/p/85123A", price=2.55, cur="GBP"
    )


def test_a_month_chooses_files_of_a_folder(log: Path) -> None:
    assert [file.name for file in files_of([log], None)] == ["2010-12.csv.gz", "2011-01.csv.gz"]
    assert [file.name for file in files_of([log], "2011")] == ["2011-01.csv.gz"]


def test_an_audit_is_exact_only_when_every_line_and_every_penny_is_there() -> None:
    assert ReplayAudit(10, 500, Books(9, 500), {"wrong_type": 1}).exact
    assert ReplayAudit(10, 500, Books(8, 500), {"wrong_type": 1}, 1).exact
    assert not ReplayAudit(10, 500, Books(9, 500)).exact
    assert not ReplayAudit(10, 500, Books(10, 499)).exact
    assert Books(10, 700).since(Books(4, 200)) == Books(6, 500)


def test_a_log_longer_than_workers_remember_is_refused_with_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHIFTCAST_MAX_EVENT_AGE_S", raising=False)
    path = tmp_path / "log.csv"
    late = ROWS[0].replace("2010-12-01", "2010-12-28")
    path.write_text("\n".join((",".join(COLUMNS), ROWS[0], late)))
    run = CliRunner().invoke(command, ["--data", str(path)])
    assert (
        run.exit_code == 1
        and "27.0 days" in run.output
        and f"SHIFTCAST_MAX_EVENT_AGE_S={27 * 86_400 + 3600}" in run.output
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--month", "1999"], "no order lines"), (["--speed", "fast"], "give a factor above 0, or max")],
)
def test_mistakes_end_in_one_line(log: Path, options: list[str], said: str) -> None:
    run = CliRunner().invoke(command, ["--data", str(log), *options])
    assert run.exit_code != 0 and said in run.output


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("latin.csv", b"InvoiceNo,StockCode,caf\xe9\n"),
        ("plain.csv.gz", b"InvoiceNo"),
        ("long.csv", f"{','.join(COLUMNS)}\n1,2,{'x' * 200_000}\n".encode()),
        ("short.csv.gz", gzip.compress(b"InvoiceNo" * 99, mtime=0)[:-9]),
    ],
)
def test_a_file_that_is_no_text_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    run = CliRunner().invoke(command, ["--data", str(tmp_path / name)])
    assert run.exit_code == 1 and f"{name}: " in run.output and "in UTF-8" in run.output
    assert len(run.output.splitlines()) == 1


def test_a_log_without_a_line_that_can_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "raw.csv"
    path.write_text(f"{','.join(COLUMNS)}\n1,A,x,many,2010-12-01 08:26:00,1,2,F\n")
    run = CliRunner().invoke(command, ["--data", str(path)])
    assert run.exit_code == 1 and "none of the 1 order lines has a date" in run.output


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("a,b\n1,2\n")
    run = CliRunner().invoke(command, ["--data", str(path)])
    assert run.exit_code == 1 and "notes.csv: the first line must be InvoiceNo" in run.output
    assert "it is " in run.output
    assert topics.CONVERSION.name not in run.output
