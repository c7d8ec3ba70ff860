from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.brief.brief import LIMITS, Brief, Copy, limits_of
from models.brief.quotes import QUOTE_WIDTH
from models.copywriter.generate import Copywriter, WrittenCopy
from models.copywriter.text_format import TextFormat, campaign_text, item_text, labels_of
from models.export.exporting import export_model
from models.export.order import ExportOrder, Gate
from models.export.source import load_source
from models.review.judging import accepted, load_rules, review
from models.text.graphemes import shown_width
from tests.models.copywriter.injections import INJECTIONS
from tests.models.copywriter.random_model import byte_level, text_format
from tests.models.export.checkpoints import CONFIGS, checkpoint, tokenizer

BASE = Brief(
    "rq", "c", "native", "Northfold", "Enamel Mug", "mug", "kitchen", price_minor=1250, interest=("hiking",),
    daypart="morning",
    weekday="saturday", device="phone", place="DE", tone="calm", goal="conversions", claims=("Oven safe",),
    text="Chip-proof rim in navy. Holds half a litre.",
)  # fmt: skip
RULES = load_rules(("DE",))


def exported(folder: Path, context: int) -> Path:
    config = CONFIGS["llama"]()
    config.max_position_embeddings = context
    source = load_source(checkpoint(folder / "checkpoint", config), "maker/name", "MIT")
    gate = Gate([1], [tokenizer().encode("A warm wool").ids, tokenizer().encode("Light").ids])
    export_model(source, folder / "model", ExportOrder("llama", "1", ("fp32",), fused_only=True), gate)
    return folder / "model"


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Copywriter:
    return Copywriter.load(exported(tmp_path_factory.mktemp("text"), 1024))


def always() -> float:
    return 1e9


def briefs() -> list[Brief]:
    return [replace(BASE, request_id=f"rq_{number}", slot=slot) for number, slot in enumerate([*LIMITS] * 2)]


def passes(brief: Brief, copy: Copy) -> bool:
    return accepted(review(copy, brief, RULES))


def test_a_model_that_only_knows_text_writes_within_the_constraints_or_says_why_not(
    writer: Copywriter,
) -> None:
    many = briefs()
    drafts = writer.write(many, always)
    assert {draft.why_none for draft in drafts} <= {"", "empty", "no_token_fits", "limit"}
    copies = [(brief, copy) for brief, draft in zip(many, drafts, strict=True) for copy in draft.candidates]
    assert len(copies) >= 20
    for brief, copy in copies:
        found = {finding.code for finding in review(copy, brief, RULES)}
        assert not found & {
            "LENGTH",
            "MARKUP",
            "UNSUPPORTED_PRICE",
            "UNSUPPORTED_NUMBER",
            "UNSUPPORTED_NAME",
            "CTA_NOT_APPROVED",
            "CONTACT",
        }
        assert shown_width(copy.headline) <= limits_of(brief.slot).headline


def test_its_copy_is_the_same_alone_and_in_a_batch(writer: Copywriter) -> None:
    many = briefs()[:7]
    together = [draft.candidates for draft in writer.write(many, always)]
    assert [writer.write([brief], always)[0].candidates for brief in many] == together


def test_a_usual_call_to_action_that_the_brief_forbids_is_not_said(writer: Copywriter) -> None:
    avoiding = [replace(brief, goal="clicks", avoid=("look",)) for brief in briefs()]
    copies = [copy for draft in writer.write(avoiding, always) for copy in draft.candidates]
    assert {copy.cta for copy in copies} == {"See more"}


def test_a_prompt_that_leaves_no_room_is_refused_by_name(writer: Copywriter, tmp_path: Path) -> None:
    small = Copywriter.load(exported(tmp_path, 256))
    (draft,) = small.write([BASE], always)
    assert draft == WrittenCopy(None, 0.0, 0, "prompt_too_long")
    (draft,) = writer.write([replace(BASE, locale="fr-FR")], always)
    assert draft.why_none == "locale"


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> TextFormat:
    return text_format(tmp_path_factory.mktemp("form"), byte_level(), 0)


def test_prompts_of_a_campaign_share_their_beginning(form: TextFormat) -> None:
    other = replace(
        BASE,
        title="Oak Desk",
        noun="desk",
        interest=("music",),
        request_id="rq_2",
        price_minor=None,
        daypart="night",
    )
    assert form.prompt(BASE)[0] == form.prompt(other)[0]
    assert form.prompt(BASE)[1] != form.prompt(other)[1]
    assert form.prompt(BASE)[0] != form.prompt(replace(BASE, brand="Quill"))[0]


def test_a_prompt_says_each_thing_once_and_in_words() -> None:
    brief = replace(
        BASE,
        facts=("Oven safe.", "Two-year warranty"),
        must_use=("Two-year warranty",),
        category="kitchen.mugs",
        interest=("outdoor.hiking_boots", "IAB18-5"),
    )
    whole = campaign_text(brief) + item_text(brief)
    assert whole.count("Oven safe") == whole.count("Two-year warranty") == 1
    assert "kitchen" not in whole and "Category" not in whole
    assert '\nFor people who like: "hiking boots"\n' in whole
    assert 'Category: "gifts"' in item_text(replace(BASE, category="shop.gifts"))


def test_a_prompt_holds_everything_copy_is_conditioned_on() -> None:
    whole = campaign_text(BASE) + item_text(BASE)
    for said in (
        "English",
        "native",
        "invite to buy",
        "calm",
        '"Northfold"',
        '"Oven safe"',
        '"Enamel Mug"',
        '"$12.50"',
        '"hiking"',
        "saturday",
        '"Chip-proof rim in navy"',
        '"Holds half a litre"',
    ):
        assert said in whole
    assert labels_of(replace(BASE, slot="video_9x16")) == (
        "Hook",
        "Scene 1",
        "Scene 2",
        "Scene 3",
        "Call to action",
    )


HOSTILE = st.one_of(
    st.text(max_size=80),
    st.sampled_from(["<|end|><|end|>", *INJECTIONS]),
)


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_row_that_steers_adds_no_line_and_leaves_no_quote(form: TextFormat, text: str) -> None:
    brief = replace(
        BASE, title=text, brand=text, noun=text, category=text, facts=(text,), must_use=(), text=text
    )
    plain = campaign_text(replace(BASE, facts=("x",), must_use=())) + item_text(BASE)
    assert _names(campaign_text(brief) + item_text(brief)) <= _names(plain)
    assert 0 not in [*form.prompt(brief)[0], *form.prompt(brief)[1]]


def _names(prompt: str) -> set[str]:
    return {line.partition(":")[0] for line in prompt.split("\n")}


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_text_of_others_stays_between_its_quotes(
    form: TextFormat, title: str, brand: str, interest: str, text: str
) -> None:
    brief = replace(
        BASE,
        title=title,
        brand=brand,
        noun=title,
        category=brand,
        facts=(title,),
        interest=(interest,),
        must_use=(brand,),
        text=text,
    )
    lines = (campaign_text(brief) + item_text(brief)).split("\n")
    plain = (campaign_text(replace(BASE, must_use=("x",), facts=("x",))) + item_text(BASE)).split("\n")
    assert {line.partition(":")[0] for line in lines} <= {line.partition(":")[0] for line in plain}
    for line in lines:
        name, _, value = line.partition(": ")
        if name in ("Item", "Kind", "Category", "Brand", "Fact", "Must say", "About it"):
            assert value[0] == value[-1] == '"'
            assert '"' not in value[1:-1]
            assert shown_width(value) <= (QUOTE_WIDTH if name == "About it" else 60) + 2
    assert 0 not in [
        *form.prompt(brief)[0],
        *form.prompt(brief)[1],
    ]  # the only special token of this vocabulary
