"""What `shiftcast check` says of running campaigns: slots left blank and things left undeclared."""

from __future__ import annotations

import msgspec

from agents.checks.creatives import creative_findings
from agents.checks.finding import CheckFinding
from agents.creatives.reference import GeneratorReference
from streams import records as r
from streams.artifacts.catalog_version import records_of
from streams.topics import ARTIFACT, CAMPAIGN
from tests.agents.creatives.generation_fixtures import NOW_MS, catalog

TEMPLATE = r.Template("t1", "native", "en", "Your {noun}", "See the {title}.", "Shop now", audit=3)


def found(template: r.Template = TEMPLATE, status: str = "active") -> list[CheckFinding]:
    reference = GeneratorReference()
    for record in records_of(catalog()):
        reference.on_record(ARTIFACT, f"{record.kind}|{record.version}|{record.part}", record, (), NOW_MS)
    campaign = r.Campaign("c1", 1, status, r.Advertiser("Stridewell", ["shop.example"]), templates=[template])
    reference.on_record(CAMPAIGN, "c1", campaign, (), NOW_MS)
    return creative_findings(reference, NOW_MS)


def test_what_a_running_campaign_leaves_undeclared_is_a_warning_each() -> None:
    assert {each.level for each in found()} == {"warning"}
    said = {each.text for each in found() if each.subject == "campaign c1"}
    assert {"dsa", "targeting.geo", "trackers"} <= {
        text.removeprefix("no ").partition(":")[0] for text in said
    }


def test_a_slot_whose_default_may_not_stand_is_named_with_template_and_rule() -> None:
    for template, rule in (
        (replaced(description="Free of charge, {title}."), "OFFER"),
        (replaced(audit=1), "TEMPLATE_NOT_APPROVED"),
    ):
        said = [each.text for each in found(template) if each.subject == "default creatives"]
        assert any("slot native" in text and "t1" in text and rule in text for text in said), said


def test_a_paused_campaign_is_no_matter_and_without_a_catalogue_nothing_is_said() -> None:
    assert [each.level for each in found(status="paused")] == ["ok"]
    assert creative_findings(GeneratorReference(), NOW_MS) == []


def replaced(**fields: object) -> r.Template:
    return msgspec.structs.replace(TEMPLATE, **fields)
