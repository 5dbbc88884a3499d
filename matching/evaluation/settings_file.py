"""Settings of the engine from a JSON file, for comparing one set with another."""

from __future__ import annotations

import json
from pathlib import Path

from matching.engine import Settings, SettingsError
from ronghe.common.errors import InvalidInput


def read_settings(path: Path, *, field: str) -> Settings:
    """Return the settings in a file as `Settings.to_json` writes them; what it does not name has its default.

    Args:
        path: the JSON file.
        field: what the reader calls it, for the error.

    Raises:
        InvalidInput: the file cannot be read, is no JSON object, or holds unknown or unusable settings.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _fault(field, f"{path} cannot be read: {error.strerror}. Give the path of a JSON file.") from error
    except ValueError as error:
        raise _fault(field, f"{path} is no JSON: {error}. Write it as the snapshot of a run shows it.") from error
    if not isinstance(values, dict):
        raise _fault(field, f'{path} holds no JSON object; write settings as {{"text_half": 0.3}}.')
    try:
        return Settings.from_json(values)
    except SettingsError as error:
        raise _fault(field, f"{path}: {error}.") from error


def _fault(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, fields={field: [message]})
