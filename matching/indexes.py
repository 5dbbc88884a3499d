"""Where the engine's index artefacts lie: built once per run, loaded once per process, collected when nobody needs them."""

import shutil
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from django.conf import settings

from matching.engine import Index

KEPT_IN_MEMORY: Final = 2

_loaded: Final[OrderedDict[str, Index]] = OrderedDict()
_lock: Final = threading.Lock()


def folder_of(name: str) -> Path:
    """The folder of the artefact with this name."""
    return Path(settings.INDEX_DIR) / name


def exists(name: str) -> bool:
    """Whether an artefact of this name was published on this host."""
    return bool(name) and folder_of(name).is_dir()


def publish(index: Index, name: str) -> None:
    """Write the artefact so that it appears whole or not at all, and keep it at hand."""
    folder = folder_of(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    index.save(folder)
    _remember(name, index)


def load(name: str) -> Index:
    """The index of this name, memory-mapped, from this process's few latest ones where possible.

    Raises:
        IndexCorruptError: the artefact is missing or damaged.
    """
    with _lock:
        if name in _loaded:
            _loaded.move_to_end(name)
            return _loaded[name]
    index = Index.load(folder_of(name))
    _remember(name, index)
    return index


def collect(*, keep: set[str]) -> list[str]:
    """Delete every artefact that is not named; returns what was deleted."""
    root = Path(settings.INDEX_DIR)
    if not root.is_dir():
        return []
    # Half-written artefacts carry a leading dot and belong to whoever is writing them.
    gone = [folder for folder in root.iterdir() if folder.is_dir() and folder.name not in keep and folder.name[0] != "."]
    for folder in gone:
        # A worker that has the files mapped keeps reading them: on POSIX they live until it lets go.
        shutil.rmtree(folder, ignore_errors=True)
    return sorted(folder.name for folder in gone)


def _remember(name: str, index: Index) -> None:
    with _lock:
        _loaded[name] = index
        _loaded.move_to_end(name)
        while len(_loaded) > KEPT_IN_MEMORY:
            _loaded.popitem(last=False)
