"""Photos and backgrounds that a person denied on ads.review.v1 or revoked are not shown; those that a
classifier, where there is one, would not show wait for a person's word."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from models.campaigns import APPROVED, USABLE_AUDITS
from models.material.classifier import ClassifierError, ImageClassifier, load_image_classifier
from models.revocations import Revocations
from streams import records as r
from streams.broker.follow import Follower
from streams.loud_end import RefusedError
from streams.mapping.revocations import heed
from streams.metrics.pictures import PICTURES_JUDGED
from streams.settings import Settings
from streams.topics import REVIEW, REVOCATION, TopicSpec
from streams.wire.ids import PICTURE_ID

FOLLOWED: Final = (REVIEW, REVOCATION)
"""Where persons say so."""
MOST: Final = 100_000
"""Pictures whose shares are remembered, those judged last."""


@dataclass
class PictureJudge:
    """A person's word counts before the classifier's. What is judged is named by what it shows."""

    classifier: ImageClassifier | None = None
    most_share: float = 1.0
    _said: dict[str, int] = field(default_factory=dict, init=False)  # audit status by id
    _revocations: Revocations = field(default_factory=Revocations, init=False)
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

    def on_record(self, spec: TopicSpec, key: str, record: r.Record | None) -> None:
        """What is said on a topic of `follower`."""
        if spec is REVIEW:
            self.review(key, record)
        else:
            heed(self._revocations, key, record)

    def review(self, key: str, record: r.Record | None) -> None:
        """What a person says of one, or takes back."""
        if key.startswith(PICTURE_ID) and isinstance(record, r.Review):
            self._said[key] = record.status
        else:
            self._said.pop(key, None)

    def follower(self, settings: Settings) -> Follower:
        """Reads what people say."""
        return Follower(settings, FOLLOWED, lambda spec, key, record, *_: self.on_record(spec, key, record))

    def denies(self, name: str) -> bool:
        """Whether a person does not let a picture of this name be shown."""
        id = picture_id(name)
        revoked = self._revocations.get("picture", id)
        denied = self._said.get(id, APPROVED) not in USABLE_AUDITS
        return denied or (revoked is not None and revoked.lasting)

    def holds(self, name: str, look: Callable[[], Image.Image]) -> bool:
        """Whether a picture of this name must not be shown now. `look` gives it, where it has to be looked
        at."""
        if self.denies(name):
            return True
        if self.classifier is None or picture_id(name) in self._said:
            return False
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
