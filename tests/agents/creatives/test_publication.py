"""What ad servers and reviewers read about a creative."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest

from agents.creatives import endings, publication
from agents.creatives.declarations import Declarations, is_filled, provenance_of, undeclared
from agents.creatives.just_said import JustSaid
from agents.creatives.plan import Refusal, Timing, Written
from agents.profiles.rows.portfolio import Portfolio, hold, remember_headline
from models.brief.brief import Copy
from models.campaigns import Dsa, EventTracker, Experiment, ExperimentArm, SuppliedPicture
from models.revocations import Revocation, Revocations
from streams import records as r
from streams import topics
from streams.mapping.ads import rendering
from streams.mapping.revocations import made_of
from streams.settings import Settings
from streams.topics import DAY_MS
from streams.wire.codecs import WireLimits, decode
from streams.wire.partition import partition
from streams.wire.withdrawals import WITHDRAWN_HEADER
from tests.agents.creatives.generation_fixtures import BOOT, CAMPAIGN, NOW_MS, line, plan, request

COPY = Copy("Boots for wet rock", "Granite trail boots, ready for your weekend.", "Shop now", "Stridewell")


def written(slot: str = "native", source: str = "model") -> Written:
    return Written(line(slot), COPY, source, model_hash="m1" if source == "model" else "")  # type: ignore[arg-type]


def test_a_replayed_request_makes_the_same_ids_and_another_campaign_another() -> None:
    first = publication.make_creatives(request(), plan(), [written()], NOW_MS)[0]
    again = publication.make_creatives(request(), plan(), [written(source="template")], NOW_MS + 5_000)[0]
    other = publication.make_creatives(
        request(),
        dataclasses.replace(plan(), campaign=dataclasses.replace(CAMPAIGN, campaign_id="c2")),
        [written()],
        NOW_MS,
    )[0]
    assert first.creative_id == again.creative_id != other.creative_id


@pytest.mark.parametrize(
    ("locale", "said"),
    [("de_AT", "Nur in AT."), ("de-DE", "Nur hier."), ("en", "Here only."), ("fr", "Nur hier.")],
)
def test_a_creative_says_its_campaigns_legal_text_in_its_language(locale: str, said: str) -> None:
    texts = (("de", "Nur hier."), ("en-GB", "Here only."), ("de-AT", "Nur in AT."))
    planned = dataclasses.replace(plan(), campaign=dataclasses.replace(CAMPAIGN, legal=texts))
    asked = request()
    asked = msgspec.structs.replace(asked, context=msgspec.structs.replace(asked.context, locale=locale))
    [made] = publication.make_creatives(asked, planned, [written()], NOW_MS)
    assert made.legal == said


def test_the_record_survives_the_wire_under_its_own_key_in_the_users_partition() -> None:
    made = publication.make_creatives(request(user="9f2c"), plan(), [written()], NOW_MS)[0]
    output = publication.creative_output("u:9f2c|c1|native", made, 8, NOW_MS)
    assert output.value is not None
    assert decode(topics.CREATIVE, output.value, output.key, output.headers, NOW_MS, WireLimits()) == made
    assert output.partition == partition(b"9f2c", 8)
    names = {name for name, _ in output.headers}
    assert {
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_time",
        "ce_dataschema",
        "ce_specversion",
        "content-type",
    } <= names


def test_the_published_reason_names_the_trigger_and_no_interest() -> None:
    made = publication.make_creatives(request(), plan(), [written()], NOW_MS)[0]
    assert msgspec.to_builtins(made)["reason"] == {"trigger": "interest_shift"}
    assert b"audio" not in msgspec.json.encode(made)
    ending = endings.end_written(request(), plan(), [written()], Timing(), NOW_MS)
    assert [each.name for each in ending.reason.lost] == ["audio"]


def test_only_a_creative_for_one_user_says_that_it_was_profiled() -> None:
    personal = publication.make_creatives(request(), plan(), [written()], NOW_MS)[0]
    assert personal.dsa is not None
    assert [each.dsaparams for each in personal.dsa.transparency] == [[1, 2]]
    everyone = publication.Occasion("cr_1", r.Audience("default", "d"), "en", 1, "shared")
    shared = publication.make_creative(everyone, CAMPAIGN, BOOT, written(), NOW_MS)
    assert shared.dsa is not None
    assert [each.dsaparams for each in shared.dsa.transparency] == [[2]]


def test_a_creative_names_the_experiment_that_ran() -> None:
    running = dataclasses.replace(
        CAMPAIGN, experiment=Experiment("e7", "salt", (ExperimentArm("a", 1.0),), 0, 2 * NOW_MS)
    )
    made = publication.make_creatives(
        request(), dataclasses.replace(plan(), campaign=running), [written()], NOW_MS
    )[0]
    assert made.experiment is not None
    assert (made.experiment.id, made.experiment.arm) == ("e7", line().arm)
    over = dataclasses.replace(
        running, experiment=Experiment("e7", "salt", (ExperimentArm("a", 1.0),), 0, NOW_MS)
    )
    after = publication.make_creatives(
        request(), dataclasses.replace(plan(), campaign=over), [written()], NOW_MS
    )
    assert after[0].experiment is not None
    assert after[0].experiment.id is None


def test_provenance_says_who_wrote() -> None:
    model, template = (
        publication.make_creatives(request(), plan(), [written(source=source)], NOW_MS)[0].provenance
        for source in ("model", "template")
    )
    assert (model.digital_source_type, model.ai_tool) == (
        "composite_with_trained_algorithmic_media",
        r.AiTool("copy-lm", "sha256:m1"),
    )
    assert (template.digital_source_type, template.ai_tool) == ("human_edits", None)


@pytest.mark.parametrize(("slot", "spoken"), [("video_16x9", True), ("native", False)])
def test_what_a_voice_speaks_is_disclosed_whoever_wrote_it(slot: str, spoken: bool) -> None:
    campaign = Declarations.of(Settings(clip_voice="espeak-ng")).complete(CAMPAIGN)
    one = dataclasses.replace(line(), slot=slot)
    words = dataclasses.replace(written(source="template"), line=one)
    planned = dataclasses.replace(plan(), campaign=campaign)
    [made] = publication.make_creatives(request(), planned, [words], NOW_MS)
    said = made.provenance
    if not spoken:
        assert (said.digital_source_type, said.disclosure.required) == ("human_edits", False)
        return
    assert said.digital_source_type == "composite_with_trained_algorithmic_media"
    assert (said.ai_tool, said.human_oversight) == (r.AiTool("espeak-ng"), "edited")
    by_model = provenance_of(dataclasses.replace(written(), line=one))
    assert said.disclosure == by_model.disclosure
    assert said.disclosure.required


def made(source: str = "model", **campaign: Any) -> r.Creative:
    own = dataclasses.replace(CAMPAIGN, **campaign)
    planned = dataclasses.replace(plan(), campaign=own)
    return publication.make_creatives(request(), planned, [written(source=source)], NOW_MS)[0]


def test_the_transparency_names_whom_the_campaign_names_and_nobody_else() -> None:
    dsa = Dsa("Stridewell Ltd", "Agency Ltd")

    def named(**campaign: Any) -> list[str]:
        said = made(**campaign).dsa
        assert said is not None and (said.behalf, said.paid) == ("Stridewell Ltd", "Agency Ltd")
        return [each.domain for each in said.transparency]

    assert named(dsa=dsa, adomain=("shop.example",)) == ["shop.example"]
    profiles = dataclasses.replace(dsa, domain="profiles.example")
    assert named(dsa=profiles, adomain=("shop.example",)) == ["profiles.example"]
    assert named(dsa=dsa, adomain=()) == []
    assert made(dsa=None).dsa is None


def test_what_no_person_saw_is_not_called_approved() -> None:
    assert (made("model").audit.status, len(made("model").audit.feedback)) == (2, 1)
    assert made("reused").audit.status == 2
    assert made("template").audit.status == line().template.audit == 3


@pytest.mark.parametrize(
    ("place", "geo", "required", "duties"),
    [
        ("DE", (), True, [("DE", "eu_ai_act_article_50", "AI-generated")]),
        ("CN", (), True, [("CN", "cn_ai_content_labelling_measures_2025", "AI-generated")]),
        ("US", ("DE",), False, []),
        ("", ("US",), False, []),
        ("", ("US", "FR"), True, [("FR", "eu_ai_act_article_50", "AI-generated")]),
        ("", (), True, []),
    ],
)
def test_a_models_copy_is_disclosed_where_the_market_asks_or_is_unknown(
    place: str, geo: tuple[str, ...], required: bool, duties: list[tuple[str, str, str]]
) -> None:
    one = line()
    one = dataclasses.replace(one, brief=dataclasses.replace(one.brief, place=place, geo=geo))
    for source, asks in (("model", required), ("reused", required), ("template", False)):
        said = provenance_of(dataclasses.replace(written(source=source), line=one)).disclosure
        assert said.required is asks
        told = [(each.country, each.regulation, each.label_text) for each in said.jurisdictions]
        assert told == (duties if asks else [])


def test_trackers_are_the_campaigns_with_our_ids_in_them() -> None:
    url = "https://t.example/i?c=${CREATIVE_ID}&i=${ITEM_ID}&a=${AUCTION_ID}"
    said = made(trackers=(EventTracker(2, 1, url), EventTracker(2, 1, "http://t.example/i")))
    assert [(each.type, each.method, each.url) for each in said.trackers] == [
        (2, 1, f"https://t.example/i?c={said.creative_id}&i=i1&a=${{AUCTION_ID}}")
    ]
    assert made().trackers == []


def test_the_settings_declare_what_a_campaign_does_not_and_nothing_else() -> None:
    tracker, own = EventTracker(1, 1, "https://t.example/i"), EventTracker(2, 2, "https://own.example/c")
    whole = Declarations.of(Settings(dsa_domain="profiles.example", trackers=(tracker,)))
    dsa, named = Dsa("Stridewell Ltd", "Agency Ltd"), Dsa("Stridewell Ltd", "Agency Ltd", "own.example")
    bare = dataclasses.replace(CAMPAIGN, dsa=dsa, trackers=())
    assert whole.complete(bare) == dataclasses.replace(
        bare, dsa=dataclasses.replace(dsa, domain="profiles.example"), trackers=(tracker,)
    )
    full = dataclasses.replace(CAMPAIGN, dsa=named, trackers=(own,))
    assert whole.complete(full) == full and Declarations.of(Settings()).complete(bare) == bare
    assert whole.complete(dataclasses.replace(bare, dsa=None)).dsa is None, "who paid is never made up"


def test_what_a_campaign_leaves_unsaid_is_named() -> None:
    def fields(**campaign: Any) -> list[str]:
        own = dataclasses.replace(CAMPAIGN, **campaign)
        assert all(each.campaign_id == "c1" and each.text and each.wanted for each in undeclared(own))
        return [each.field for each in undeclared(own)]

    whole: dict[str, Any] = {
        "adomain": ("shop.example",),
        "dsa": Dsa("a", "b"),
        "geo": ("DEU",),
        "trackers": (EventTracker(2, 1, "https://t.example"),),
    }
    assert fields(**whole) == []
    assert fields(**whole | {"dsa": None}) == ["dsa"]
    assert fields(**whole | {"dsa": None, "geo": ("USA",)}) == []
    assert fields(**whole | {"adomain": ()}) == ["advertiser.adomain", "dsa.domain"]
    assert fields(**whole | {"geo": ()}) == ["targeting.geo"]
    assert fields(**whole | {"trackers": ()}) == ["trackers"]


def test_a_template_that_is_published_again_stays_a_persons_work() -> None:
    """A returning interest gets its old copy, under the arm it was drawn for whoever wrote it."""
    past = {
        by_model: dataclasses.replace(
            written(source="reused"),
            line=dataclasses.replace(line(), policy_version="reused", past_by_model=by_model),
        )
        for by_model in (False, True)
    }
    stated = {by_model: provenance_of(each).digital_source_type for by_model, each in past.items()}
    assert stated == {False: "human_edits", True: "composite_with_trained_algorithmic_media"}


def spoken(source: str) -> r.Creative:
    campaign = Declarations.of(Settings(clip_voice="espeak-ng")).complete(CAMPAIGN)
    words = dataclasses.replace(written(source=source), line=dataclasses.replace(line(), slot="video_16x9"))
    [one] = publication.make_creatives(
        request(), dataclasses.replace(plan(), campaign=campaign), [words], NOW_MS
    )
    return one


@pytest.mark.parametrize(("source", "by_model"), [("template", False), ("model", True)])
def test_who_speaks_the_words_did_not_write_them(source: str, by_model: bool) -> None:
    """Wherever it counts that a model wrote: at the return of an interest, under the kill switch, among
    headlines that were had, after a restart."""
    creative = spoken(source)
    held, said = Portfolio(), JustSaid(DAY_MS)
    hold(held, creative, "u:u1|c1|video_16x9")
    assert [each.by_model for each in held.held] == [by_model]
    remember_headline(held, creative, DAY_MS)
    said.note([creative])
    assert bool(held.headlines) == bool(said.of("u1", NOW_MS)) == by_model
    again = Written(
        dataclasses.replace(line(), slot="video_16x9", past_by_model=held.held[0].by_model), COPY, "reused"
    )
    assert is_filled(again) is not by_model
    switched = Revocations()
    switched.take(Revocation("switch", "*", "switched", 1, mode="templates_only"))
    assert (switched.why(made_of(creative)) is not None) is by_model
    ended = endings.end_published(request(), [creative], NOW_MS)
    assert (ended.status, ended.model_hash) == (source, "m1" if by_model else None)


def test_a_request_that_is_ended_later_ends_as_it_would_have_ended_at_once() -> None:
    """A worker was killed between the creatives and the record that ends their request."""
    past = dataclasses.replace(line(), policy_version="reused")
    kinds = {
        "model": written(),
        "template": written(source="template"),
        "reused": dataclasses.replace(written(source="reused"), line=past),
    }
    for status, each in kinds.items():
        out = publication.make_creatives(request(), plan(), [each], NOW_MS)
        assert endings.end_published(request(), out, NOW_MS).status == status
        assert endings.end_written(request(), plan(), [each], Timing(), NOW_MS).status == status


def test_versions_rise_also_when_the_clock_went_back() -> None:
    live = r.LiveCreative(
        "u:u1|c1|native", "cr_0000000000000009", "c1", "native", NOW_MS + 60_000, NOW_MS + 90_000
    )
    made = publication.make_creatives(request(live=[live]), plan(), [written()], NOW_MS)[0]
    assert made.version == NOW_MS + 60_001
    assert made.replaces == "cr_0000000000000009"


def test_another_campaigns_creative_in_the_same_slot_is_withdrawn_by_name() -> None:
    live = [
        r.LiveCreative("u:u1|c9|native", "cr_0000000000000001", "c9", "native", 1, NOW_MS + 1_000),
        r.LiveCreative("u:u1|c9|text", "cr_0000000000000002", "c9", "text", 1, NOW_MS + 1_000),
        r.LiveCreative("u:u1|c1|native", "cr_0000000000000003", "c1", "native", 1, NOW_MS + 1_000),
        r.LiveCreative("u:u1|c8|native", "cr_0000000000000004", "c8", "native", 1, NOW_MS - 1_000),
    ]
    asked = request(live=live)
    made = publication.make_creatives(asked, plan(), [written()], NOW_MS)
    (gone,) = publication.withdraw_replaced(asked, made, 4, NOW_MS)
    assert (gone.key, gone.value) == (b"u:u1|c9|native", None)
    assert dict(gone.headers)[WITHDRAWN_HEADER] == b"cr_0000000000000001"
    assert gone.partition == partition(b"u1", 4)


def test_a_creative_ends_with_its_offer_and_never_lives_longer_than_a_day() -> None:
    assert publication.expires_ms(CAMPAIGN, BOOT, NOW_MS) == NOW_MS + 24 * 3_600_000
    offer = dataclasses.replace(BOOT, valid_until_ms=NOW_MS + 60_000)
    assert publication.expires_ms(CAMPAIGN, offer, NOW_MS) == NOW_MS + 60_000
    ending = dataclasses.replace(CAMPAIGN, end_ms=NOW_MS + 30_000)
    assert publication.expires_ms(ending, offer, NOW_MS) == NOW_MS + 30_000


def test_a_result_is_a_models_when_any_creative_is_and_names_every_creative() -> None:
    both = [written(), written("banner_300x250", "template")]
    ending = endings.end_written(request(), plan("native", "banner_300x250"), both, Timing(1, 2, 3), NOW_MS)
    assert (ending.status, ending.slots, ending.model_hash) == ("model", ["native", "banner_300x250"], "m1")
    assert len(set(ending.creative_ids)) == 2
    assert ending.novelty == 1.0
    assert (ending.arm, ending.propensity, ending.policy_version) == ("direct|t-native", 0.25, "prior")
    output = endings.result_output(ending, 3)
    assert output.value is not None
    assert output.partition == 3
    assert decode(topics.GENERATION, output.value, output.key, output.headers, NOW_MS, WireLimits()) == ending


def test_a_result_says_where_its_copies_quote_the_row() -> None:
    brief = dataclasses.replace(line().brief, text="Warm and dry. The sole grips wet rock. Made to last.")
    quoting = Copy("Boots", "The sole grips wet rock. Free returns.", "Shop now", "")
    each = dataclasses.replace(written(), line=dataclasses.replace(line(), brief=brief), copy=quoting)
    [quote] = endings.end_written(request(), plan(), [each], Timing(), NOW_MS).quotes
    assert quote == r.CopyQuote("native", "The sole grips wet rock", 14, 37)
    assert endings.end_written(request(), plan(), [written()], Timing(), NOW_MS).quotes == []


def test_repeated_copy_is_not_novel() -> None:
    first = endings.end_written(request(), plan(), [written()], Timing(), NOW_MS)
    assert first.novelty == 1.0
    from models.review.simhash import simhash

    signed = simhash(COPY) - (1 << 64) if simhash(COPY) >> 63 else simhash(COPY)
    assert endings.end_written(request(recent=[signed]), plan(), [written()], Timing(), NOW_MS).novelty == 0.0


def test_a_refusal_keeps_its_codes_and_reason() -> None:
    ending = endings.end_refused(request(), Refusal("no_match", ("NO_CAMPAIGN",)), Timing(), NOW_MS)
    assert (ending.status, ending.review, ending.creative_ids) == ("no_match", ["NO_CAMPAIGN"], [])
    assert ending.reason.score == 4.2


@pytest.mark.parametrize("link", ["javascript:alert(1)", 'https://shop.example/"x', "//shop.example/1.jpg"])
def test_what_an_earlier_build_took_in_is_judged_again_before_it_leaves(link: str) -> None:
    stored = dataclasses.replace(
        plan(), item=dataclasses.replace(BOOT, images=(link, "https://cdn.example/2.jpg"))
    )
    stored = dataclasses.replace(
        stored, campaign=dataclasses.replace(CAMPAIGN, adomain=('shop.example/"x', "shop.example"))
    )
    (made,) = publication.make_creatives(request(), stored, [written()], NOW_MS)
    assert [each.url for each in made.assets] == ["https://cdn.example/2.jpg"]
    assert made.link.urlfb == "https://shop.example/"
    assert publication.leads_somewhere(BOOT)
    assert not publication.leads_somewhere(dataclasses.replace(BOOT, url=link))


def test_it_carries_the_formats_its_campaign_asks_for_as_a_look_up_would_make_them() -> None:
    campaign = dataclasses.replace(
        CAMPAIGN,
        trackers=(EventTracker(2, 1, "https://t.example/i?c=${CREATIVE_ID}"),),
        click_trackers=("https://t.example/c?c=${CREATIVE_ID}", "javascript:alert(1)"),
        click_macro="${CLICK_URL}",
        render=("native", "html", "vast"),
    )
    [plain] = publication.make_creatives(request(), plan(), [written()], NOW_MS)
    [made] = publication.make_creatives(
        request(), dataclasses.replace(plan(), campaign=campaign), [written()], NOW_MS
    )
    assert not plain.render
    assert set(made.render) == {"native", "html"}, "no clip, no VAST"
    assert made.link.trkr == [f"https://t.example/c?c={made.creative_id}"]
    assert f"https://t.example/i?c={made.creative_id}" in made.render["html"]
    bare = msgspec.structs.replace(made, render={})
    for name, carried in made.render.items():
        assert rendering(made, name) == carried == rendering(bare, name)
    other = msgspec.structs.replace(made, render={"html": "as published"})
    assert rendering(other, "html") == "as published", "there is one version of it"


def test_a_campaigns_picture_is_the_one_that_suits_the_item_and_says_why() -> None:
    own = dataclasses.replace(BOOT, images=())
    addresses = ("https://cdn.example/sofa.jpg", "https://cdn.example/trail-boots.jpg")
    campaign = dataclasses.replace(CAMPAIGN, images=addresses)
    made = publication.make_creatives(
        request(), dataclasses.replace(plan(), campaign=campaign, item=own), [written()], NOW_MS
    )[0]
    assert [(each.url, each.why) for each in made.assets] == [(addresses[1], "words boots, trail")]


def test_a_picture_that_is_stated_to_be_of_the_item_comes_before_its_own() -> None:
    picture = SuppliedPicture("https://cdn.example/summer.jpg", item_ids=("i1",))
    general = SuppliedPicture("https://cdn.example/any.jpg")
    stated = dataclasses.replace(CAMPAIGN, material=(picture, general))
    assert publication.images_of(stated, BOOT) == [picture.url]
    assert publication.images_of(dataclasses.replace(CAMPAIGN, material=(general,)), BOOT) == [*BOOT.images]
    faulty = SuppliedPicture("ftp://cdn.example/summer.jpg", item_ids=("i1",))
    assert publication.images_of(dataclasses.replace(CAMPAIGN, material=(faulty,)), BOOT) == [*BOOT.images]


def test_of_a_campaigns_pictures_the_one_that_answers_the_interest_is_shown() -> None:
    captions = ("Boots in a city street", "Boots on a hiking trail")
    library = tuple(
        SuppliedPicture(f"https://cdn.example/{n}.jpg", said, item_ids=("i1",))
        for n, said in enumerate(captions)
    )
    campaign = dataclasses.replace(CAMPAIGN, material=library)
    for interest, n in (("city.street", 0), ("outdoor.hiking", 1)):
        line = written().line
        asked = dataclasses.replace(
            written(),
            line=dataclasses.replace(line, brief=dataclasses.replace(line.brief, interest=(interest,))),
        )
        made = publication.make_creatives(
            request(), dataclasses.replace(plan(), campaign=campaign), [asked], NOW_MS
        )[0]
        assert [each.url for each in made.assets] == [library[n].url]


def test_while_a_classifier_is_set_nothing_is_named_that_it_has_not_seen() -> None:
    shown = dataclasses.replace(plan(), item=dataclasses.replace(BOOT, images=("https://cdn.example/2.jpg",)))
    (usual,) = publication.make_creatives(request(), shown, [written()], NOW_MS)
    judged = Declarations(judged=True).complete(shown.campaign)
    (made,) = publication.make_creatives(
        request(), dataclasses.replace(shown, campaign=judged), [written()], NOW_MS
    )
    assert usual.assets and (made.assets, made.attr) == ([], [publication.TEXT_ONLY])


def test_a_macro_a_domain_and_a_plain_http_picture_of_an_earlier_build_do_not_leave() -> None:
    taken = dataclasses.replace(
        CAMPAIGN,
        click_macro="javascript:alert(1)//",
        adomain=("127.0.0.1.", "shop.example"),
        images=("http://cdn.example/any.jpg",),
    )
    item = dataclasses.replace(BOOT, images=("http://cdn.example/boot.jpg",))
    made = publication.make_creatives(
        request(), dataclasses.replace(plan(), campaign=taken, item=item), [written()], NOW_MS
    )[0]
    assert (made.link.macro, made.advertiser.adomain, made.assets) == ("", ["shop.example"], [])
    assert publication.images_of(dataclasses.replace(taken, http_assets=True), item) == [*item.images]
