"""Photos and backgrounds that a person denied on ads.review.v1 are not shown; those that a classifier, where
there is one, would not show wait for a person's word."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from models.campaigns import APPROVED, USABLE_AUDITS
from models.material.classifier import ClassifierError, ImageClassifier, load_image_classifier
from streams import records as r
from streams.broker.follow import Follower
from streams.loud_end import RefusedError
from streams.metrics.pictures import PICTURES_JUDGED
from streams.settings import Settings
from streams.topics import REVIEW
from streams.wire.ids import PICTURE_ID

MOST: Final = 100_000
"""Pictures whose shares are remembered, those judged last."""


@dataclass
class PictureJudge:
    """A person's word counts before the classifier's. What is judged is named by what it shows."""

    classifier: ImageClassifier | None = None
    most_share: float = 1.0
    _said: dict[str, int] = field(default_factory=dict, init=False)  # audit status by id
    _shares: OrderedDict[str, float] = field(default_factory=OrderedDict, init=False)

    @classmethod
    def of(cls, settings: Settings) -> PictureJudge:
        """That of the settings. Raises RefusedError."""
        if settings.picture_classifier_dir is None:
            return cls()
        labels = {each.strip().lower() for each in settings.held_classes.split(",")}
        try:
            classifier = load_image_classifier(settings.picture_classifier_dir, labels)
        except ClassifierError as error:
            named = "SHIFTCAST_PICTURE_CLASSIFIER_DIR, SHIFTCAST_HELD_CLASSES"
            raise RefusedError(f"{named}: {error}") from error
        return cls(classifier, settings.held_share)

    def review(self, key: str, record: r.Record | None) -> None:
        """What a person says of one, or takes back."""
        if key.startswith(PICTURE_ID) and isinstance(record, r.Review):
            self._said[key] = record.status
        else:
            self._said.pop(key, None)

    def follower(self, settings: Settings) -> Follower:
        """Reads what people say."""
        return Follower(settings, (REVIEW,), lambda _spec, key, record, *_: self.review(key, record))

    def denies(self, name: str) -> bool:
        """Whether a person does not let a picture of this name be shown."""
        return self._said.get(picture_id(name), APPROVED) not in USABLE_AUDITS

    def holds(self, name: str, look: Callable[[], Image.Image]) -> bool:
        """Whether a picture of this name must not be shown now. `look` gives it, where it has to be looked
        at."""
        if self.classifier is None or picture_id(name) in self._said:
            return self.denies(name)
        if name not in self._shares:
            self._shares[name] = self.classifier.share(look())
            held = self._shares[name] > self.most_share
            PICTURES_JUDGED.labels("held" if held else "shown").inc()
            if len(self._shares) > MOST:
                self._shares.popitem(last=False)
        return self._shares[name] > self.most_share


def picture_id(name: str) -> str:
    """The id that a person reviews it by."""
    return f"{PICTURE_ID}{name}"
