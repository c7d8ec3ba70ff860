"""One creative told from a small recorded set: what moved, what was chosen, what it earned, what is
missing."""

from __future__ import annotations

import msgspec
import pytest

from agents.explaining.explanation import Explanation, explain_creative
from agents.explaining.found import CreativeTraces, metric_cell_of
from agents.explaining.told import explanation_lines, sparkline
from streams import records as r
from streams.topics import DEAD
from streams.wire.dead_letters import CONNECT, REASON, DeadLetter
from tests.agents.explaining.recorded import ARM, CREATIVE, CREATIVE_ID, METRICS, NOW_MS, found
from tests.agents.overview.test_overview import Arrived

MESSAGE = CONNECT + "exception.message"


def told(records: CreativeTraces) -> Explanation:
    return explain_creative(CREATIVE_ID, records, lambda user: f"hashed {len(user)}", NOW_MS)


def words(records: CreativeTraces) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for name, said in explanation_lines(told(records)):
        lines.setdefault(name, []).append(said)
    return lines


def test_what_moved_is_plotted_over_the_users_requests_of_thirty_days() -> None:
    made = told(found())
    assert made.gained == [("lamps", 0.4)] and made.lost == [("sofas", -0.3)]
    assert len(made.times_ms) == 3, "the request of forty days ago is left out"
    assert [(line.name, line.moved, line.weights) for line in made.lines] == [
        ("lamps", "gained", [0.0, 0.1, 0.5]),
        ("sofas", "lost", [0.8, 0.6, 0.2]),
    ]


def test_what_was_chosen_by_whom_and_what_it_earned() -> None:
    made = told(found())
    assert (made.campaign_id, made.item_id, made.arm, made.propensity) == ("c1", "i1", ARM, 0.031)
    assert made.review == ["LENGTH"] and made.drafts == 3 and made.written_by == "builtin sha256:ab12"
    earned = made.earned
    assert earned is not None and (earned.impressions, earned.clicks, earned.suppressed) == (1_000, 40, 1)
    assert earned.ctr == 0.04 and earned.ctr_lo < 0.04 < earned.ctr_hi
    assert earned.revenue_minor == {"GBP": 2_500}


def test_what_goes_with_what_the_user_clicked_or_took_is_said_and_never_that_he_bought_it() -> None:
    records = found()
    assert "goes with" not in words(records) and records.result is not None
    reason = msgspec.structs.replace(records.result.reason, goes_with="i9")
    records.result = msgspec.structs.replace(records.result, reason=reason)
    assert words(records)["goes with"] == ["i9, which the user looked at or took: buyers of it buy this too"]


def test_a_template_that_a_voice_speaks_was_written_by_nobody_else() -> None:
    spoken = msgspec.structs.replace(CREATIVE.provenance, ai_tool=r.AiTool("piper"), human_oversight="edited")
    records = found()
    records.creative = msgspec.structs.replace(CREATIVE, provenance=spoken)
    assert told(records).written_by == "approved template, spoken by piper"


def test_the_user_is_only_a_pseudonym() -> None:
    assert told(found()).user == "hashed 2"
    assert all("u1" not in line for _, line in explanation_lines(told(found())))


def test_lines_say_it_in_words() -> None:
    said = words(found())
    assert said["because"] == ["shift, score 8.50"]
    assert said["gained"] == ["lamps 40%"] and said["lost"] == ["sofas -30%"]
    assert said["quotes"] == ["Warm light (characters 12 to 22 of the item's text)"]
    assert "0.0310" in said["arm"][0] and "LENGTH" in said["review"][0]
    assert (
        "1,000 impressions, 40 clicks: 4.00%" in said["cell earned"][0]
        and "25.00 GBP" in said["cell earned"][0]
    )
    assert any("▁▂▅" in line for line in said[""]), said[""]
    assert "missing" not in said


@pytest.mark.parametrize(
    ("without", "says"),
    [
        ({"creative": None}, "its words"),
        ({"request": None}, "keeps it for 1 day"),
        ({"metrics": []}, "agents.measure_feedback"),
        ({"result": None, "results": [], "request": None}, "keeps that for 30 days"),
    ],
)
def test_what_is_missing_is_said_with_its_reason(without: dict[str, object], says: str) -> None:
    said = words(found(**without))
    assert len(said["missing"]) == 1 and says in said["missing"][0]
    assert said["campaign"], "the rest is told"


def test_a_shared_creative_has_no_request_and_no_user() -> None:
    shared = r.Audience("segment", "s:k07")
    record = CREATIVE.__class__(**{**{name: getattr(CREATIVE, name) for name in CREATIVE.__struct_fields__},
                                   "audience": shared, "request_id": None})  # fmt: skip
    said = words(CreativeTraces(creative=record, metrics=METRICS))
    assert "for a segment" in said["creative"][0] and "shared by many" in said["missing"][0]
    assert "for a group of users" in said["campaign"][0] and "drawn for no one" in said["item"][0]


def test_why_this_item_is_said_as_it_came_about() -> None:
    assert "ten nearest" in words(found())["item"][0] and "of those eligible" in words(found())["campaign"][0]
    again = msgspec.structs.replace(CREATIVE, experiment=r.CreativeExperiment(ARM, 1.0, "reused"))
    said = words(found(creative=again))
    assert "shown then" in said["campaign"][0] and "nothing was drawn" in said["item"][0]
    default = msgspec.structs.replace(CREATIVE, audience=r.Audience("default", "d"))
    assert "whoever has no other" in words(found(creative=default))["campaign"][0]


def test_the_cell_is_known_from_either_record() -> None:
    expected = ("c1", "t1", ARM, "native")
    assert metric_cell_of(found()) == metric_cell_of(found(creative=None)) == expected
    assert metric_cell_of(CreativeTraces()) is None


def test_a_sparkline_is_full_at_the_top() -> None:
    assert sparkline([0.0, 0.5, 1.0], 1.0) == "▁▅█"
    assert sparkline([0.0, 0.0], 0.0) == "▁▁"


def test_copy_that_was_written_ahead_names_its_entry() -> None:
    ahead = msgspec.structs.replace(CREATIVE, source="pool", copy_id="cp_00000000000000aa")
    told = explain_creative(CREATIVE_ID, found(creative=ahead), str.upper, NOW_MS)
    assert told.written_by is not None
    assert "ahead of the request" in told.written_by and "cp_00000000000000aa" in told.written_by


def test_the_picture_is_told_or_why_there_is_none_of_its_own() -> None:
    records = found()
    assert told(records).picture is None
    records.refused = DeadLetter.of(
        Arrived(DEAD.name, b"", headers=[(REASON, b"NO_FONT"), (MESSAGE, b"no font has a script")])
    )
    assert words(records)["picture"] == ["none of its own: NO_FONT, no font has a script"]
    own = r.Asset("ad", "https://cdn.example/1.jpg", 3, sha256="ab", layout="stage")
    records.creative = msgspec.structs.replace(CREATIVE, assets=[own])
    assert words(records)["picture"] == ["https://cdn.example/1.jpg, layout stage"], "it was mended since"
