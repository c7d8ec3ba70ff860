"""`shiftcast campaign check` names each kind of mistake with its line, field, what is allowed and what was
probably meant; the same mistakes are warnings of `shiftcast check`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st

from agents.checks.campaigns import campaign_findings
from agents.commands.control.campaign import command, findings_of, trial_findings
from models.campaigns import Experiment, ExperimentArm
from models.choice.experiment_ledger import ExperimentLedger, LedgerEntry
from models.located_json import _ends, read_located
from streams.loud_end import RefusedError
from streams.topics import CAMPAIGN
from streams.wire.codecs import Rejected, WireLimits, decode

CAMPAIGNS = Path(__file__).parents[2] / "models" / "mistakes"
MISTAKEN = CAMPAIGNS / "mistaken_campaigns.jsonl"
NOW_MS = 1_795_291_200_000
DEMO = Path(__file__).parents[3] / "deploy" / "demo"


def check(*arguments: str | Path, broker: str = "127.0.0.1:1") -> Result:
    return CliRunner().invoke(command, ["check", *map(str, arguments)], env={"KAFKA_BROKER": broker})


def test_each_kind_of_mistake_is_named_with_its_line_field_and_what_was_meant() -> None:
    result = check(MISTAKEN, "--catalog", CAMPAIGNS / "catalog.jsonl")
    assert result.exit_code == 1
    *said, last = (line for line in result.output.splitlines() if not line.startswith("goal"))
    assert said == (CAMPAIGNS / "said.txt").read_text(encoding="utf-8").splitlines()
    errors = sum(line.startswith("ERROR") for line in said)
    assert last == f"{MISTAKEN}: 18 campaigns, {errors} to repair, {len(said) - errors} to look at"


def paths_of(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a campaign, and below it."""
    for name, below in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*path, name)
        if isinstance(below, dict | list):
            yield from paths_of(below, (*path, name))


ODD = [
    None, True, 0, -1, 1.5, 1e308, 2**63, "", "x", "\u200b", "\u202e", "a|b", " ", "e\u0301", [], {}, [None],
    ["x"] * 65, "x" * 300, {"a": 1}, "javascript:alert(1)", "http://x.example", "https://u:p@x.example/",
    "\x00",
]  # fmt: skip
WHOLE = json.loads((DEMO / "campaigns.jsonl").read_text(encoding="utf-8").splitlines()[0]) | {
    "trackers": [{"type": 2, "method": 1, "url": "https://t.example/${CREATIVE_ID}"}],
    "click": {"macro": "${CLICK_URL}", "trackers": ["https://t.example/c"]},
    "dsa": {"behalf": "x", "paid": "y", "domain": "x.example"},
    "logo": "https://i.example/logo.png",
    "pool": {"images": ["https://i.example/a.jpg"]},
    "cap": [{"n": 3, "per_s": 86_400, "scope": "campaign"}],
    "layouts": [],
}


@given(st.sampled_from(list(paths_of(WHOLE))), st.sampled_from(ODD))
@example(("trackers", 0, "url"), "http://x.example")
@example(("click", "trackers", 0), "https://u:p@x.example/")
@example(("dsa", "domain"), "x")
@example(("campaign_id",), "\u200b")
@example(("brief", "brand"), "x" * 300)
def test_what_becomes_a_dead_letter_is_an_error_of_the_check(path: tuple[str | int, ...], odd: Any) -> None:
    changed = deepcopy(WHOLE)
    node = changed
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = odd
    key = changed["campaign_id"]
    try:
        key = key.encode() if isinstance(key, str) else b"k"
        decode(CAMPAIGN, json.dumps(changed).encode(), key, (), NOW_MS, WireLimits())
    except Rejected as refused:
        [one] = read_located(json.dumps(changed))
        said = [each.mistake for each in findings_of(one, None, NOW_MS)]
        assert [each for each in said if each.severity == "error"], refused.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"logo": "javascript:alert(1)"}, 'logo is "javascript:alert(1)", which is no https address'),
        ({"campaign_id": "c-\u200b"}, "campaign_id cannot be a key"),
        ({"nobodys": "x" * 1_050_000}, "bytes; allowed: at most 1,040,384"),
        ({"advertiser": {"name": "F", "adomain": ["http://f.example"]}}, "advertiser.adomain[0] is"),
    ],
)
def test_what_readers_refuse_or_leave_out_is_said_once(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(WHOLE | change), encoding="utf-8")
    result = check(file, "--catalog", DEMO / "catalog.jsonl")
    [error] = [line for line in result.output.splitlines() if line.startswith("ERROR")]
    assert said in error and result.exit_code == 1


def test_lines_are_counted_once_a_file_not_once_a_value() -> None:
    _ends.cache_clear()
    [one] = read_located(json.dumps(WHOLE, indent=1))
    assert one.line_of("campaign_id") == 2 and _ends.cache_info().misses == 1


def test_the_demos_campaigns_have_no_mistake() -> None:
    result = check(DEMO / "campaigns.jsonl", "--catalog", DEMO / "catalog.jsonl", "--json")
    report = json.loads(result.output)
    assert result.exit_code == 0 and report["findings"] == report["unchecked"] == []


def test_a_goal_that_is_not_stated_is_told_as_it_is_understood(tmp_path: Path) -> None:
    stated = json.loads(MISTAKEN.read_text(encoding="utf-8").splitlines()[0])
    brief = {"brand": "B", "facts": ["Sell the lamps: order online today", "Checkout in three steps"]}
    unstated = {**stated, "campaign_id": "c-sale", "brief": brief}
    silent = {**stated, "campaign_id": "c-silent", "brief": {"brand": "B", "facts": ["Steel, 9 kg"]}}
    file = tmp_path / "some.jsonl"
    lines = [stated | {"goal": "awareness"}, unstated | {"goal": None}, silent | {"goal": None}]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    goals = json.loads(check(file, "--json").output)["goals"]
    assert [(each["campaign_id"], each["goal"], each["intent"]) for each in goals] == [
        ("c-sale", "conversions", "conversion"),
        ("c-silent", "clicks", ""),
    ]
    share = goals[0]["share"]
    told = f"goal  line 2 c-sale: conversions: its brief reads as conversion, {share:.2f} sure; a stated goal"
    assert 0.8 <= share < 1 and told in check(file).output


def test_goals_of_campaigns_that_stand_on_one_line_are_all_told(tmp_path: Path) -> None:
    stated = json.loads(MISTAKEN.read_text(encoding="utf-8").splitlines()[0])
    ids = ["c-1", "c-2", "c-3"]
    file = tmp_path / "one_line.json"
    file.write_text(json.dumps([stated | {"campaign_id": id, "goal": None} for id in ids]), encoding="utf-8")
    goals = json.loads(check(file, "--json").output)["goals"]
    assert [(each["campaign_id"], each["line"]) for each in goals] == [(id, 1) for id in ids]
    told = [line for line in check(file).output.splitlines() if line.startswith("goal")]
    assert [line.split(":")[0] for line in told] == [f"goal  line 1 {id}" for id in ids]


def test_without_a_catalogue_it_says_what_stays_unchecked(tmp_path: Path) -> None:
    array = [json.loads(line) for line in MISTAKEN.read_text(encoding="utf-8").splitlines()[:4]]
    (tmp_path / "some.json").write_text(json.dumps(array, indent=2), encoding="utf-8")
    report = json.loads(check(tmp_path / "some.json", "--json").output)
    assert len(report["unchecked"]) == 1 and "--catalog FILE.jsonl" in report["unchecked"][0]
    assert not [each for each in report["findings"] if each["where"].startswith("items")]
    status = next(each for each in report["findings"] if each["where"] == "status")
    lines = (tmp_path / "some.json").read_text(encoding="utf-8").splitlines()
    assert '"status": "Active"' in lines[status["line"] - 1], "the line of the field, not of the campaign"


@pytest.mark.parametrize(
    ("answers", "topics", "lacking"),
    [
        (False, False, "no broker answers at there:9; name one with KAFKA_BROKER"),
        (True, False, "the broker at there:9 has no topics yet; make them with `shiftcast topics create`"),
        (True, True, "the broker at there:9 has no catalogue yet; make one with `shiftcast index --load"),
    ],
)
def test_what_is_lacking_is_said_not_what_was_done_already(
    answers: bool, topics: bool, lacking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        def __init__(self, *_: object) -> None:
            pass

        async def start(self) -> None:
            if not topics:
                raise RefusedError("no topics")

        async def stop(self) -> None:
            pass

    async def reachable(*_: object) -> bool:
        return answers

    monkeypatch.setattr("agents.commands.control.campaign.reachable", reachable)
    monkeypatch.setattr("agents.commands.control.campaign.Follower", Silent)
    [unchecked] = json.loads(check(DEMO / "campaigns.jsonl", "--json", broker="there:9").output)["unchecked"]
    assert lacking in unchecked and "--catalog FILE.jsonl" in unchecked


@pytest.mark.parametrize("text", ["", "[", "{", '[{"campaign_id":1} {}]', '{"a":[1,]}', "nonsense", '"x'])
def test_what_is_no_json_is_named_and_never_read_for_ever(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.json").write_text(text, encoding="utf-8")
    result = check(tmp_path / "broken.json")
    assert result.exit_code == 1 and (not text or "line 1" in result.output)


@pytest.mark.parametrize("text", ["", "[]", " \n"])
def test_a_file_without_a_campaign_is_never_well(tmp_path: Path, text: str) -> None:
    (tmp_path / "empty.json").write_text(text, encoding="utf-8")
    result = check(tmp_path / "empty.json")
    assert isinstance(result.exception, RefusedError)
    assert "empty.json: holds no campaign; give some, as in" in str(result.exception)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"campaign_id":"c"}]\n{"bad": ', "line 2 the campaign stands behind the end of the array"),
        ('{"a":1,\n"budget":%s}' % ("1" * 5001), "line 2 the campaign is no JSON: budget is 1111"),
        ('{"a":1,\n"budget":1e400}', "line 2 the campaign is no JSON: budget is 1e400, larger than any"),
        ('{"a":1,\n"b":[NaN]}', "line 2 the campaign is no JSON: b[0] is NaN"),
        ('{"a":1,\n"b":-Infinity}', "line 2 the campaign is no JSON: b is -Infinity"),
        ('{"a":1,\n"b":"c-\\ud800"}', r"line 2 the campaign is no JSON: b holds \ud800"),
        ('{"a":1,\n"\\udfff":1}', r"line 2 the campaign is no JSON: a name holds \udfff"),
    ],
)
def test_what_only_a_lax_reader_takes_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "lax.json").write_text(text, encoding="utf-8")
    result = check(tmp_path / "lax.json")
    assert result.exit_code == 1 and f"ERROR {said}" in result.output


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("deutsch", "de"), ("Français", "fr"), ("francais", "fr"), ("日本語", "ja"), ("germn", "de")),
        *(
            ("ger", "de"),
            ("cn", "zh"),
            ("jp", "ja"),
            ("us", "en"),
            ("en-UK", "en-GB"),
            ("xq", ""),
            ("zzzzz", ""),
        ),
    ],
)
def test_a_locale_that_is_none_is_told_once_with_its_language(
    tmp_path: Path, written: str, meant: str
) -> None:
    campaign = json.loads((DEMO / "campaigns.jsonl").read_text(encoding="utf-8").splitlines()[0])
    for place in ("locales", "templates"):
        wrong = {**campaign, "locales": [written]}
        if place == "templates":
            wrong = {**campaign, "templates": [{**each, "locale": written} for each in campaign["templates"]]}
        (tmp_path / "c.json").write_text(json.dumps(wrong), encoding="utf-8")
        found = json.loads(check(tmp_path / "c.json", "--json").output)["findings"]
        assert len(found) == len(wrong[place]) and {"locale"} == {
            "locale" for each in found if "locale" in each["where"] and each["meant"].strip('"') == meant
        }, "nothing of what follows from it"


def test_a_locale_written_otherwise_is_looked_at(tmp_path: Path) -> None:
    campaign = json.loads((DEMO / "campaigns.jsonl").read_text(encoding="utf-8").splitlines()[0])
    for written, meant in (("EN", "en"), ("en_us", "en-US"), ("zh-hans-cn", "zh-Hans-CN"), ("en-GB", "")):
        (tmp_path / "c.json").write_text(
            json.dumps({**campaign, "locales": ["en", written]}), encoding="utf-8"
        )
        found = json.loads(check(tmp_path / "c.json", "--json").output)["findings"]
        told = [each["meant"] for each in found if each["where"] == "locales[1]"]
        assert told == ([f'"{meant}"'] if meant else [])


def test_a_field_that_is_none_is_guessed_among_all(tmp_path: Path) -> None:
    campaign = json.loads((DEMO / "campaigns.jsonl").read_text(encoding="utf-8").splitlines()[0])
    (tmp_path / "c.json").write_text(json.dumps({**campaign, "advertizer": 1, "qqq": 2}), encoding="utf-8")
    found = json.loads(check(tmp_path / "c.json", "--json").output)["findings"]
    told = {each["where"]: (each["allowed"], each["meant"]) for each in found}
    assert told["advertizer"] == ("", '"advertiser"')
    allowed, meant = told["qqq"]
    assert meant == "" and {"trackers", "render", "people_first"} <= set(allowed.split(", "))


def test_caps_that_cannot_be_counted_are_named(tmp_path: Path) -> None:
    campaign = json.loads(MISTAKEN.read_text(encoding="utf-8").splitlines()[0])
    campaign["cap"] = [{"n": 500, "per_s": 86_400}, {"n": 3, "per_s": 365 * 86_400}, {"n": 500}]
    (tmp_path / "capped.json").write_text(json.dumps([campaign]), encoding="utf-8")
    said = json.loads(check(tmp_path / "capped.json", "--json").output)["findings"]
    assert sorted(each["where"] for each in said) == ["cap[0].n", "cap[1].per_s"], "a cap for life may be any"
    assert "at most 64 impressions" in next(each["what"] for each in said if each["where"] == "cap[0].n")


def test_check_lists_the_mistakes_of_what_was_sent() -> None:
    sent = [line.encode() for line in MISTAKEN.read_text(encoding="utf-8").splitlines()[:2]]
    first, *found = campaign_findings([(value, 1_790_000_000_000) for value in sent], None)
    assert (first.level, first.text) == ("ok", "1 active of 2")
    assert {each.level for each in found} == {"warning"} and {each.subject for each in found} == {
        "campaign c-status"
    }
    assert 'status is "Active"; allowed: active, paused, ended; probably meant: "active"' in {
        each.text for each in found
    }


def test_check_names_campaigns_whose_goal_is_read_and_not_stated_nor_usual() -> None:
    campaign = json.loads((DEMO / "campaigns.jsonl").read_text(encoding="utf-8").splitlines()[0])
    brief = {"brand": "B", "facts": ["Sell the lamps: order online today", "Checkout in three steps"]}
    silent = {"brand": "B", "facts": ["Family business since 1950", "Delivered tomorrow"]}
    campaign["pool"] = {}
    told = [
        campaign | {"goal": None, "campaign_id": "c-read", "brief": brief},
        campaign | {"goal": "conversions", "campaign_id": "c-stated", "brief": brief},
        campaign
        | {"goal": None, "campaign_id": "c-cta", "brief": silent, "pool": {"ctas": ["Order now"] * 8}},
    ]
    found = campaign_findings([(json.dumps(each).encode(), 1_790_000_000_000) for each in told], None)
    goals = [each for each in found if "goal" in each.text]
    assert [(each.level, each.subject) for each in goals] == [("warning", "campaign c-read")]
    assert "conversions: its brief reads as conversion" in goals[0].text
    assert '"goal": "clicks"' in goals[0].repair


def test_what_is_drawn_is_checked_by_name(tmp_path: Path) -> None:
    campaign = json.loads((DEMO / "campaigns.jsonl").read_text(encoding="utf-8").splitlines()[0])
    known = campaign["templates"][0]["template_id"]
    campaign["choice"] = {"styles": ["direct", "scenes"], "template": [known], "templates": [known + "x"]}
    (tmp_path / "narrow.json").write_text(json.dumps([campaign]), encoding="utf-8")
    findings = json.loads(check(tmp_path / "narrow.json", "--json").output)["findings"]
    told = {each["where"]: (each["severity"], each["meant"]) for each in findings}
    assert told["choice.styles[1]"] == ("error", '"scene"')
    assert told["choice.templates[0]"] == ("error", f'"{known}"')
    assert told["choice.template"][0] == "warning", "no field"


def test_a_campaign_is_held_against_the_experiment_that_runs_on_it() -> None:
    arms = (ExperimentArm("a", 0.5), ExperimentArm("b", 0.5))
    ledger = ExperimentLedger()
    ledger.take("e1", LedgerEntry("c1", Experiment("e1", "salt", arms, 0, 2 * NOW_MS)))
    campaign = {"campaign_id": "c1", "version": 2, "status": "active", "advertiser": {"name": "Acme"}}
    stated = {
        "id": "e1",
        "salt": "salt",
        "arms": [{"id": "a", "share": 0.9}, {"id": "b", "share": 0.1}],
        "start": 0,
        "end": 2 * NOW_MS,
    }
    changed, silent = read_located(json.dumps([{**campaign, "experiment": stated}, campaign]))
    (refused,) = trial_findings(changed, ledger, NOW_MS)
    assert refused.mistake.severity == "error"
    assert str(refused.mistake).startswith("experiment is refused: experiment e1 runs with another arms")
    (left_out,) = trial_findings(silent, ledger, NOW_MS)
    assert left_out.mistake.severity == "warning"
    assert "e1, which runs on it" in str(left_out.mistake)
    assert trial_findings(silent, ledger, 3 * NOW_MS) == []
