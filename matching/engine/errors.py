"""Errors the engine raises; each message says what is wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence


class EngineError(Exception):
    """Base of every error the engine raises on purpose."""


class SettingsError(EngineError):
    """The settings are not usable; `faults` lists everything that is wrong with them, not only the first finding."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("The matching settings cannot be used: " + "; ".join(self.faults))


class EncoderError(EngineError):
    """A sentence encoder cannot be loaded or returned vectors of the wrong shape."""


class LexiconError(EngineError):
    """The dictionary that carries words across languages cannot be loaded."""


class IndexCorruptError(EngineError):
    """A saved index is incomplete or damaged: build it again."""


class UnknownOrganizationError(EngineError):
    """A question names an organization that the index does not hold."""
