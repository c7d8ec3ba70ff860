from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from models.brief.brief import Brief, Copy, language_of
from models.corpus.shipped import shipped_ads
from models.judge import judge
from models.judge.checks.german import gender_of

SHOES = Brief("r", "c", "text", "Marrow", "Merino Trail Shoes, Moss", "shoes", category="footwear")
MUG = Brief("r", "c", "text", "Marrow", "Stoneware Mug 350 ml", "mug", weekday="monday", daypart="morning")
LAMPE = Brief("r", "c", "text", "Marrow", "Tischlampe „Abend“, Messing", "Tischlampe", locale="de-DE")
CUP = Brief("r", "c", "text", "晨露", "晨露保温杯 450ml 雾蓝", "保温杯", locale="zh-CN", daypart="morning")


def codes(brief: Brief, headline: str, description: str) -> set[str]:
    return {finding.code for finding in judge(brief, Copy(headline, description, "Shop now")).findings}


@pytest.mark.parametrize(
    ("brief", "headline", "description", "code"),
    [
        (SHOES, "A shoes for wet grass", "Merino, in moss.", "ARTICLE"),
        (SHOES, "A warm shoes for you", "Merino, in moss.", "ARTICLE"),
        (SHOES, "A easy pair of shoes", "Merino, in moss.", "ARTICLE"),
        (SHOES, "Shoes for an hike", "Merino, in moss.", "ARTICLE"),
        (SHOES, "Wear this shoes in mud", "Merino, in moss.", "AGREEMENT"),
        (MUG, "These mug is warm", "Stoneware, 350 ml.", "AGREEMENT"),
        (SHOES, "The shoes is here", "Merino, in moss.", "AGREEMENT"),
        (SHOES, "One shoes, please", "Merino, in moss.", "AGREEMENT"),
        (SHOES, "Fancy shoes?", "Merino, in moss. It costs $89.99.", "AGREEMENT"),
        (SHOES, "Found: your shoes", "Merino, in moss. Find it at Marrow.", "AGREEMENT"),
        (MUG, "A mug for you", "Stoneware, 350 ml. They cost $12.", "AGREEMENT"),
        (MUG, "A mug for you", "Stoneware, 350 ml. Ask Marrow about them.", "AGREEMENT"),
        (SHOES, "New shoes", "Take the the moss pair.", "REPEATED_WORDS"),
        (SHOES, "New shoes", "On the wall or on the wall: shoes.", "REPEATED_WORDS"),
        (SHOES, "New shoes", "Run out. Run out. Shoes in moss.", "REPEATED_WORDS"),
        (SHOES, "Shoes for muddy long weekends", "Made for muddy long weekends.", "REPEATED_WORDS"),
        (SHOES, "New shoes", "Merino trail shoes, the merino trail shoes.", "REPEATED_WORDS"),
        (SHOES, "New shoes", "Merino shoes, ready and ready.", "REPEATED_WORDS"),
        (SHOES, "New shoes", " . ", "EMPTY"),
        (SHOES, "New shoes for the", "Merino, in moss.", "CUT_OFF"),
        (SHOES, "New shoes,", "Merino, in moss.", "CUT_OFF"),
        (SHOES, "New shoes", "Merino trail shoes. They come in a", "CUT_OFF"),
        (SHOES, "New shoes (in moss", "Merino.", "UNBALANCED"),
        (SHOES, "Ready for the weekend?", "Soft, warm and here to stay.", "NOT_RECOGNISABLE"),
        (SHOES, "Die Schuhe für dich", "Und mit der Sohle aus Gummi bist du auf dem Weg.", "WRONG_LANGUAGE"),
        (SHOES, "跑鞋", "给你的早晨。", "WRONG_LANGUAGE"),
        (SHOES, "Shoes for tonight", "Merino, in moss.", "WRONG_MOMENT"),
        (MUG, "A mug this evening", "Stoneware, 350 ml.", "WRONG_MOMENT"),
        (MUG, "A Friday kind of mug", "Stoneware, 350 ml.", "WRONG_MOMENT"),
        (MUG, "A mug this Christmas", "Stoneware, 350 ml.", "WRONG_MOMENT"),
        (MUG, "A mug for the summer", "Stoneware, 350 ml.", "WRONG_MOMENT"),
        (MUG, "A mug for today", "Stoneware, 350 ml.", "WRONG_MOMENT"),
        (LAMPE, "Der Tischlampe ist da", "Aus Messing.", "ARTICLE"),
        (LAMPE, "Diese Tischlampe sind da", "Aus Messing.", "AGREEMENT"),
        (LAMPE, "Ein Tischlampe für dich", "Aus Messing.", "ARTICLE"),
        (LAMPE, "Zum Muttertag", "Die Tischlampe aus Messing.", "WRONG_MOMENT"),
        (CUP, "一个保温杯杯", "一只手就能开。", "REPEATED_WORDS"),
        (CUP, "保温杯，给你给你", "一只手就能开。", "REPEATED_WORDS"),
        (CUP, "这个夏天的保温杯", "一只手就能开。", "WRONG_MOMENT"),
        (LAMPE, "Die Tischlampe und", "Aus Messing.", "CUT_OFF"),
        (LAMPE, "Licht für heute Nacht", "Die Tischlampe aus Messing.", "WRONG_MOMENT"),
        (LAMPE, "Guter Schlaf", "Weich und warm, bis du aufwachst.", "NOT_RECOGNISABLE"),
        (LAMPE, "The lamp for you", "All of it is in brass and it is yours.", "WRONG_LANGUAGE"),
        (CUP, "今晚喝一杯", "保温杯，一按就开。", "WRONG_MOMENT"),
        (CUP, "保温杯，", "一按就开。", "CUT_OFF"),
        (CUP, "去山里走走", "一双好鞋，陪你。", "NOT_RECOGNISABLE"),
    ],
)
def test_what_no_advertiser_would_run_is_found(
    brief: Brief, headline: str, description: str, code: str
) -> None:
    assert code in codes(brief, headline, description)
    assert judge(brief, Copy(headline, description, "Shop now")).score == 0


@pytest.mark.parametrize(
    ("brief", "headline", "description"),
    [
        (SHOES, "These shoes like mud", "An hour out, a one-day trip, a unique sole: shoes in moss."),
        (SHOES, "On Sundays, further", "Trail shoes for slow mornings."),
        (SHOES, "More and more miles", "Over and over: the shoes are merino, and this is their size."),
        (MUG, "Monday, first cup", "The morning fits in a stoneware mug."),
        (LAMPE, "„Abend“ steht schon da", "Die Lampe ist aus Messing."),
        (CUP, "清晨第一口", "雾蓝保温杯，一只手就能开。"),
        (CUP, "认识认识保温杯", "一口一口，慢慢喝。"),
        (LAMPE, "Licht aus Messing", "Mit der Tischlampe liest du länger. Eine Tischlampe ist genug."),
    ],
)
def test_good_copy_passes(brief: Brief, headline: str, description: str) -> None:
    assert codes(brief, headline, description) == set()


def test_what_the_row_names_is_no_moment() -> None:
    breakfast = replace(MUG, title="Night Market Mug", daypart="afternoon", text="Open Monday to Friday.")
    assert codes(breakfast, "The Night Market mug", "Ours on any day, Monday to Friday.") == set()


def test_a_feast_that_the_row_names_is_no_wrong_moment() -> None:
    gift = replace(MUG, facts=("Christmas wrapping on request",), text="Keeps tea warm in winter.")
    assert codes(gift, "A mug this Christmas", "Stoneware, for winter.") == set()


@pytest.mark.parametrize(
    ("noun", "gender"),
    [
        ("tischlampe", "f"),
        ("wanderrucksack", "m"),
        ("armband", "n"),
        ("halsband", "n"),
        ("holz-tisch", "m"),
        ("bildbesprechung", "f"),
        ("heizung", "f"),
        ("ausstellung", "f"),
        ("station", "f"),
        ("version", "f"),
        *((alike, "") for alike in ["lampion", "stadion", "skorpion", "champion"]),
        ("grad", "m"),
        ("schulkamerad", "m"),
        *((alike, "") for alike in ["sprung", "vorsprung", "schwung", "aufschwung", "dung"]),
        ("wanderschuhe", ""),
        ("schneidebrett", "n"),
        ("lampenöl", "n"),
    ],
)
def test_the_end_of_a_german_name_tells_its_gender(noun: str, gender: str) -> None:
    assert gender_of(noun) == gender


def test_a_plural_that_is_as_the_singular_may_have_its_verb() -> None:
    cups = replace(LAMPE, title="Becher, Steingut", noun="Becher")
    assert codes(cups, "Die Becher sind da", "Aus Steingut.") == set()


def test_a_plain_inch_is_no_quote() -> None:
    hose = replace(SHOES, title='Garden Hose 3/4"', noun="hose")
    assert codes(hose, 'A 3/4" garden hose', "It reaches the roses.") == set()


def test_ads_that_readers_took_pass_the_checks() -> None:
    total: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for ad in shipped_ads():
        if ad.moment_told:
            language = language_of(ad.brief.locale)
            total[language] += 1
            refused[language] += bool(judge(ad.brief, ad.copy).findings)
    assert {language: refused[language] / total[language] <= 0.035 for language in total} == dict.fromkeys(
        total, True
    ), refused
