"""`shiftcast evaluate` over files of exposures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from agents.commands.telling.evaluate import command
from streams import records as r
from streams.loud_end import RefusedError

RATES = {"plain.t1": 0.1, "story.t1": 0.3}
CHANCES = {"plain.t1": 0.8, "story.t1": 0.2}


def exposure(number: int, user: str, arm: str, clicked: bool, **more: Any) -> r.Exposure:
    given: dict[str, Any] = {
        "exposure_id": f"ex_{number}", "user": user, "ts": 1_760_000_000_000 + number, "settled": "complete",
        "campaign_id": "c1", "creative_id": f"cr_{number}", "slot": "native", "template_id": "t1", "arm": arm,
        "propensity": CHANCES.get(arm), "policy_version": "p1", "clicked": clicked, "purposes": ["measure"],
    }  # fmt: skip
    return r.Exposure(**given | more)


def written(path: Path, exposures: list[r.Exposure]) -> Path:
    path.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in exposures))
    return path


def drawn_log(n: int = 6_000) -> list[r.Exposure]:
    rng = np.random.default_rng(31)
    arms = np.where(rng.random(n) < CHANCES["plain.t1"], *RATES).tolist()
    return [
        exposure(number, f"u{number % 900}", arm, bool(rng.random() < RATES[arm]))
        for number, arm in enumerate(arms)
    ]


def evaluated(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    report: dict[str, Any] = json.loads(done.output)
    return report


def test_campaigns_that_are_to_be_seen_are_valued_by_what_could_be_seen(tmp_path: Path) -> None:
    seen = [
        exposure(n, f"u{n}", "plain.t1" if n % 5 else "story.t1", clicked=False, viewable=n % 2 == 0)
        for n in range(400)
    ]
    file = str(written(tmp_path / "seen.jsonl", seen))
    assert evaluated("--log", file, "--reward", "viewable")["policies"]["logged"]["ips"]["value"] == 0.5
    assert evaluated("--log", file)["policies"]["logged"]["ips"]["value"] == 0


def test_candidates_are_valued_by_what_their_arms_earn(tmp_path: Path) -> None:
    log = written(tmp_path / "log.jsonl", drawn_log())
    mine = tmp_path / "mine.json"
    mine.write_text('{"name": "mine", "chances": {"c1|native": {"plain.t1": 0.1, "story.t1": 0.9}}}')
    found = evaluated("--log", str(log), "--policy", str(mine))["policies"]
    truth = {"logged": 0.14, "uniform": 0.2, "greedy": 0.3, "mine": 0.28}
    assert found.keys() == truth.keys()
    for name, value in truth.items():
        for estimator in ("ips", "snips", "dr"):
            assert found[name][estimator]["value"] == pytest.approx(value, abs=0.04), (name, estimator)
        assert found[name]["doubts"] == []


def two_languages(n: int = 12_000) -> list[r.Exposure]:
    """Nine users of ten ask in English, of which each template earns .05; of each German one .20. Whatever is
    drawn earns .065."""
    rng = np.random.default_rng(32)
    log = []
    for number, (english, second) in enumerate(rng.random((n, 2)) < (0.9, 0.5)):
        arm = f"plain.{'en' if english else 'de'}{int(second)}"
        lang = "en-GB" if english else "de"
        clicked = bool(rng.random() < (0.05 if english else 0.2))
        log.append(exposure(number, f"u{number % 3_000}", arm, clicked, propensity=0.5, lang=lang))
    return log


def test_a_user_is_offered_the_templates_of_one_language(tmp_path: Path) -> None:
    log = written(tmp_path / "log.jsonl", two_languages())
    mine = tmp_path / "mine.json"
    mine.write_text(
        '{"name": "mine", "chances": {"c1|native": {"plain.en0": 0.3, "plain.en1": 0.3, "plain.de0": 0.1,'
        ' "plain.de1": 0.3}, "c1|native|en-gb": {"plain.en0": 1.0}}}'
    )
    found = evaluated("--log", str(log), "--policy", str(mine))["policies"]
    for name, valued in found.items():
        for estimator in ("ips", "snips", "dr"):
            assert valued[estimator]["value"] == pytest.approx(0.065, abs=0.012), (name, estimator)
        assert valued["doubts"] == [], name
        assert valued["lost"] == 0


@pytest.mark.parametrize("spoken", ["en-GB", "en-gb", "en_GB", "en", "EN", "en-GB|e1=a"])
def test_a_policy_names_a_locale_in_any_case_or_its_language_alone(tmp_path: Path, spoken: str) -> None:
    tried = {"e1": "a"} if "=" in spoken else {}
    log = [
        exposure(n, f"u{n}", f"plain.t{n % 2}", n % 2 == 0, propensity=0.5, lang="en-gb", experiments=tried)
        for n in range(400)
    ]
    mine = tmp_path / "mine.json"
    mine.write_text(
        json.dumps(
            {
                "name": "mine",
                "chances": {
                    f"c1|native|{spoken}": {"plain.t0": 1.0},
                    "*": {"plain.t1": 1.0},
                    "c1|text|en": {"plain.t1": 1.0},
                },
            }
        )
    )
    report = evaluated("--log", str(written(tmp_path / "log.jsonl", log)), "--policy", str(mine))
    assert report["policies"]["mine"]["snips"]["value"] == 1.0
    (said,) = report["unmet"]
    assert f'{mine}: "c1|text|en" matches no exposure' in said and "like c1|native|en-gb" in said


def test_an_arm_of_an_experiment_is_offered_what_its_treatment_leaves(tmp_path: Path) -> None:
    """Half of the users are in an arm that one style alone is left to, at half the rate."""
    log = [
        exposure(n, f"u{n}", "plain.t1", n % 40 == 0, propensity=1.0, experiments={"e1": "narrow"})
        for n in range(2_000)
    ]
    log += [
        exposure(n, f"u{n}", "plain.t1" if n % 2 else "story.t1", n % 20 < 2, propensity=0.5)
        for n in range(2_000, 4_000)
    ]
    mine = tmp_path / "mine.json"
    mine.write_text('{"name": "mine", "chances": {"c1|native": {"plain.t1": 0.5, "story.t1": 0.5}}}')
    found = evaluated("--log", str(written(tmp_path / "log.jsonl", log)), "--policy", str(mine))["policies"]
    for name in ("uniform", "mine"):
        assert found[name]["ips"]["value"] == pytest.approx(0.0625, abs=1e-9), name
        assert found[name]["doubts"] == [], name


def test_equal_weights_that_are_wrong_are_doubted(tmp_path: Path) -> None:
    log = [exposure(n, f"u{n}", ("plain.t1", "story.t1")[n % 2], False, propensity=0.25) for n in range(400)]
    found = evaluated("--log", str(written(tmp_path / "log.jsonl", log)))["policies"]["uniform"]
    assert found["mean"] == 2
    assert any("average 2.00 instead of 1.00" in each for each in found["doubts"])


def test_what_does_not_count_is_left_out_and_counted(tmp_path: Path) -> None:
    kept = drawn_log(50)
    more = [
        kept[0],
        exposure(100, "u1", "plain.t1", True, invalid="bot"),
        exposure(101, "u1", "plain.t1", True, purposes=[]),
        exposure(102, "u1", "plain.t1", True, policy_version="shared"),
        exposure(103, "u1", "plain.t1", True, policy_version="reused"),
        exposure(104, "u1", "plain.t1", True, campaign_id="other"),
    ]
    report = evaluated("--log", str(written(tmp_path / "log.jsonl", kept + more)), "--campaign", "c1")
    assert report["exposures"] == 50
    counted = {name: report[name] for name in ("repeated", "invalid", "not_measured", "not_drawn")}
    assert counted == {"repeated": 1, "invalid": 1, "not_measured": 1, "not_drawn": 2}


def test_the_chance_of_the_item_is_taken_out(tmp_path: Path) -> None:
    """The item stays as it was drawn: only the arm is judged."""
    plain = drawn_log(2_000)
    itemised = [
        msgspec.structs.replace(each, propensity=each.propensity * 0.25, item_propensity=0.25)
        for each in plain
        if each.propensity is not None
    ]
    reports = [
        evaluated("--log", str(written(tmp_path / f"{n}.jsonl", log)))["policies"]["uniform"]
        for n, log in enumerate((plain, itemised))
    ]
    assert reports[0] == reports[1]


def test_money_needs_its_currency(tmp_path: Path) -> None:
    log = [exposure(n, f"u{n}", "plain.t1", True, value_minor={"EUR": 500}) for n in range(20)]
    path = str(written(tmp_path / "log.jsonl", log))
    assert evaluated("--log", path, "--reward", "value", "--currency", "EUR")["policies"]["logged"]["ips"][
        "value"
    ] == pytest.approx(500.0)
    with pytest.raises(RefusedError, match="--currency"):
        evaluated("--log", path, "--reward", "value")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"name": "x", "chances": {"*": {"plain.t1": 0.4}}}', "add up to 0.4"),
        ('{"name": "x"}', "chances"),
        ('{"name": "x", "chances": {"other|native": {"plain.t1": 1.0}}}', 'says nothing of "c1|native"'),
    ],
)
def test_a_policy_that_is_none_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(text)
    log = written(tmp_path / "log.jsonl", drawn_log(20))
    with pytest.raises(RefusedError, match=r"policy\.json.*" + said.replace("|", r"\|")):
        evaluated("--log", str(log), "--policy", str(policy))


def test_a_log_in_which_nothing_was_drawn_is_refused(tmp_path: Path) -> None:
    log = written(tmp_path / "log.jsonl", [exposure(1, "u", "plain.t1", True, propensity=None)])
    with pytest.raises(RefusedError, match="1 without"):
        evaluated("--log", str(log))
