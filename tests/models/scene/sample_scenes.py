"""Scenes of the demo's items in three locales, and strings of scripts that run from right to left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from models.brief.brief import limits_of
from models.brief.price import price_text
from models.scene.layouts import layouts
from models.scene.scene import Scene
from models.scene.words.fonts import SYSTEM_FOLDERS, Fonts
from models.text.graphemes import cut, shown_width

DEMO: Final = Path(__file__).parents[3] / "deploy" / "demo"
FONTS: Final = Fonts.found([Path(".shiftcast/fonts"), *SYSTEM_FOLDERS])
LOCALES: Final = ("en", "de", "zh")
_WORDS: Final = {
    "en": (("Your next {noun}", "Made for every day"), "{title}, with free returns within 30 days."),
    "de": (("Neu: {noun} für jeden Tag", "Entdecke die Neuheiten"), "{title}, Rückversand kostenlos."),
    "zh": (("为每一天准备的新选择", "好物上新,先睹为快"), "{title},三十天内免费退货,送货上门,更多款式。"),
}  # fmt: skip
_CTAS: Final = {"en": "See details", "de": "Jetzt ansehen", "zh": "查看详情"}
_LABELS: Final = {"en": "AI-generated", "de": "KI-generiert", "zh": "AI 生成"}
_CURRENCIES: Final = {"en": "USD", "de": "EUR", "zh": "CNY"}

RIGHT_TO_LEFT: Final = (
    ("حقيبة ظهر لرحلتك القادمة", "حقيبة متينة ومريحة للمسافات الطويلة مع ضمان لسنتين."),
    ("مصباح يضيء أمسياتك", "ضوء دافئ لغرفة الجلوس، والتوصيل مجاني."),
    ("حذاء خفيف لكل يوم", "نعل مرن وقماش يتنفس. إرجاع مجاني خلال 30 يومًا."),
    ("ساعة أنيقة بسعر 89.99", "تصميم كلاسيكي من Calder مع ضمان لسنتين."),
    ("باقة زهور طازجة", "تصل في صباح اليوم التالي مع بطاقة مكتوبة بخط اليد."),
    ("كرسي مريح لمكتبك", "ظهر قابل للتعديل ومسند للذراعين."),
    ("سماعات بصوت نقي", "بطارية تدوم 30 ساعة وعزل للضوضاء."),
    ("قهوة طازجة كل صباح", "غلاية كهربائية أنيقة من الفولاذ."),
    ("خيمة لأربعة أشخاص", "تُنصب في خمس دقائق وتقاوم المطر."),
    ("سترة دافئة للشتاء", "خفيفة الوزن ومقاومة للماء."),
    ("תרמיל לטיול הבא שלך", "חזק, נוח ומתאים לדרכים ארוכות. אחריות לשנתיים."),
    ("מנורה לשעות הערב", "אור חם לסלון, משלוח חינם עד הבית."),
    ("נעליים קלות לכל יום", "סוליה גמישה ובד נושם. החזרה חינם תוך 30 יום."),
    ("שעון אלגנטי ב-89.99", "עיצוב קלאסי של Calder עם אחריות לשנתיים."),
    ("זר פרחים טרי", "מגיע למחרת בבוקר עם כרטיס ברכה."),
    ("כיסא נוח למשרד", "משענת מתכווננת ומשענות לידיים."),
    ("אוזניות עם צליל נקי", "סוללה ל-30 שעות וסינון רעשים."),
    ("קפה טרי בכל בוקר", "קומקום חשמלי מנירוסטה."),
    ("אוהל לארבעה אנשים", "נפתח בחמש דקות ועמיד בגשם."),
    ("מעיל חם לחורף", "קל ועמיד במים."),
)  # fmt: skip

_NOUNS: Final = (
    "backpack", "lamp", "sneaker", "watch", "bouquet", "", "headphones", "", "tent", "jacket",
)  # fmt: skip
"""Of those strings in each script, in their order."""


def items(n: int) -> list[dict[str, Any]]:
    """`n` items, evenly over the demo's catalogue."""
    rows = [orjson.loads(line) for line in (DEMO / "catalog.jsonl").read_bytes().splitlines()]
    return rows[:: len(rows) // n][:n]


def item_scene(slot: str, item: dict[str, Any], locale: str, seed: int) -> Scene:
    """An item's ad in a slot, within the slot's limits."""
    limits = limits_of(slot)
    headlines, description = _WORDS[locale]
    said = headlines[0].format(noun=item["noun"])
    headline = said if shown_width(said) <= limits.headline else headlines[1]
    return Scene(
        slot,
        locale,
        cut(headline, limits.headline),
        cut(description.format(title=item["title"]), limits.description),
        _CTAS[locale],
        "Calder and Finch",
        price_text(round(item["price"] * 100), _CURRENCIES[locale], locale),
        _LABELS[locale],
        item["noun"],
        seed=seed,
    )


def all_scenes(n_items: int) -> Iterator[Scene]:
    """Every slot, every variant: items in three locales and the strings above."""
    rows = items(n_items)
    for slot, layout in layouts().items():
        scenes = [item_scene(slot, item, locale, k) for k, item in enumerate(rows) for locale in LOCALES]
        scenes += [right_to_left(slot, k) for k in range(len(RIGHT_TO_LEFT))]
        for each in scenes:
            yield from (replace(each, variant=variant.name) for variant in layout.variant)


def _price_minor(headline: str, k: int) -> int:
    """The price that the headline says, else one of its own."""
    return 8_999 if "89.99" in headline else 12_999 + 1_000 * k


def right_to_left(slot: str, k: int) -> Scene:
    """One of the Arabic and Hebrew strings."""
    headline, description = RIGHT_TO_LEFT[k]
    arabic = k < len(RIGHT_TO_LEFT) // 2
    limits = limits_of(slot)
    return Scene(
        slot,
        "ar" if arabic else "he",
        headline,
        cut(description, limits.description),
        "تسوق الآن" if arabic else "לקנייה",
        "كالدر" if arabic else "קלדר",
        price_text(_price_minor(headline, k), "SAR" if arabic else "ILS", "ar" if arabic else "he"),
        "أُنشئ بالذكاء الاصطناعي" if arabic else "נוצר על ידי AI",
        _NOUNS[k % len(_NOUNS)],
        seed=k,
    )
