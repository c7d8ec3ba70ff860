"""The copywriter that the settings ask for, loaded; or the one line that says what to type."""

from __future__ import annotations

from agents.generation.stub import StubCopywriter
from agents.generation.writing import Copywriter
from models.copywriter.generate import Copywriter as OnnxCopywriter
from models.decoder.graph_file import ModelFileError
from models.decoder.session import ProviderError
from streams.loud_end import RefusedError
from streams.settings import Settings


def load_copywriter(settings: Settings) -> Copywriter:
    """The stub for benchmarks, else the ONNX model. Raises RefusedError when the model cannot be used as asked."""
    kind, _, sleep_ms = settings.copywriter.partition(":")
    if kind == "stub":
        return StubCopywriter(float(sleep_ms))
    try:
        return OnnxCopywriter.load(settings.model_dir, settings.provider)
    except (ModelFileError, ProviderError) as error:
        raise RefusedError(str(error)) from error
