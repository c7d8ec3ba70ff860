"""Any image classifier exported to ONNX: a folder with `model.onnx`, `preprocessor_config.json` and
`config.json`, whose `id2label` names its classes, as transformers writes them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray
from PIL import Image

from models.material.image_encoder import CONFIG_FILE, MODEL_FILE, Preparation, session_of

LABELS_FILE: Final = "config.json"


class ClassifierError(ValueError):
    """The folder holds no classifier that can be used; the message names the file."""


@dataclass(frozen=True, eq=False)
class ImageClassifier:
    """`chosen` (classes,): those whose shares are added up."""

    preparation: Preparation
    session: Any
    chosen: NDArray[np.bool_]

    def share(self, image: Image.Image) -> float:
        """How likely a picture is of one of the chosen classes, in [0, 1]."""
        name = self.session.get_inputs()[0].name
        logits = np.asarray(self.session.run(None, {name: self.preparation.pixels(image)})[0], np.float64)[0]
        likely = np.exp(logits - logits.max())
        return float(likely[self.chosen].sum() / likely.sum())


def load_image_classifier(folder: Path, labels: Collection[str]) -> ImageClassifier:
    """The classifier of a folder, `labels` chosen among its classes. Raises ClassifierError."""
    for file in (MODEL_FILE, CONFIG_FILE, LABELS_FILE):
        if not (folder / file).is_file():
            raise ClassifierError(f"{folder / file} is missing: export the classifier with its configuration")
    try:
        preparation = Preparation.of(orjson.loads((folder / CONFIG_FILE).read_bytes()))
        named = orjson.loads((folder / LABELS_FILE).read_bytes())["id2label"]
        classes = [str(named[str(n)]).lower() for n in range(len(named))]
        session = session_of((folder / MODEL_FILE).read_bytes())
    except Exception as error:  # onnxruntime raises bare exceptions of its own
        raise ClassifierError(f"{folder}: {type(error).__name__}: {error}") from error
    chosen = np.array([each in labels for each in classes])
    if not chosen.any() or chosen.all():
        raise ClassifierError(f"{folder / LABELS_FILE} has the classes {', '.join(classes)}: choose some")
    return ImageClassifier(preparation, session, chosen)
