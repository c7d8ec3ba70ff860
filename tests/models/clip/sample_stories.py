"""Stories to be changed in tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from models.clip.story import Story
from models.scene.scene import Scene

SCRIPT: Final = ("A warm light at last.", "Ten-year guarantee.", "Now for $89.99.")
LAMP: Final = Scene(
    "video_16x9", "en", "Meet the lamp", " ".join(SCRIPT), "Take a look", "Hearthside", "$89.99",
    "AI-generated", "lamp",
)  # fmt: skip
HEADPHONES: Final = replace(
    LAMP, lang="de", headline="Neu: Kopfhörer für jeden Tag", cta="Jetzt ansehen", brand="Calder and Finch",
    price="129,99 €", legal="KI-generiert", noun="headphones",
)  # fmt: skip
BACKPACK: Final = replace(
    LAMP, lang="ar", headline="حقيبة ظهر لرحلتك القادمة", cta="تسوق الآن", brand="كالدر", price="129 ر.س",
    legal="أُنشئ بالذكاء الاصطناعي", noun="backpack",
)  # fmt: skip
STORIES: Final = (
    Story(LAMP, SCRIPT),
    Story(HEADPHONES, ("Klang, der dich begleitet.", "Rückversand kostenlos.", "Zwei Jahre Garantie.")),
    Story(BACKPACK, ("حقيبة متينة ومريحة.", "ضمان لسنتين.", "توصيل مجاني.")),
    Story(replace(LAMP, description="Granite trail backpack, ready for your weekend, with free returns.")),
    Story(replace(LAMP, description="", price="", legal="")),
)
"""With a script in three scripts of the world, with a description alone, with a headline alone."""


def story(**changes: Any) -> Story:
    """The lamp's, with other values in its scene."""
    return Story(replace(LAMP, **changes), SCRIPT)
