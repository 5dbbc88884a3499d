"""Where the engine's index artefacts lie: built once per run, loaded once per process, deleted when unused."""

import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from django.conf import settings

from matching.engine import Index, IndexCorruptError, VectorCache

KEPT_IN_MEMORY: Final = 2
LONGEST_WRITING: Final = 86_400
"""Seconds after which an artefact that is still half-written is one that nobody writes."""
_RETIRED: Final = ".retired"

_loaded: Final[OrderedDict[str, Index]] = OrderedDict()
_lock: Final = threading.Lock()


def folder_of(name: str) -> Path:
    """The folder of the artefact with this name."""
    return Path(settings.INDEX_DIR) / name


def publish(index: Index, name: str) -> None:
    """Write the artefact so that it appears whole or not at all, and keep it at hand."""
    folder = folder_of(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    index.save(folder)
    _remember(name, index)
    collect_vectors()


def load(name: str) -> Index:
    """The index of this name, memory-mapped, from this process's few latest ones where possible.

    Raises:
        IndexCorruptError: the artefact is missing or damaged.
    """
    with _lock:
        if name in _loaded:
            _loaded.move_to_end(name)
            return _loaded[name]
    folder = folder_of(name)
    if not folder.is_dir():
        raise IndexCorruptError(f"This host has no {folder}: hosts that share the work on a run share INDEX_DIR too.")
    index = Index.load(folder, cache=Path(settings.VECTOR_CACHE_DIR))
    _remember(name, index)
    collect_vectors()
    return index


def published() -> set[str]:
    """The names of all artefacts on this host; half-written ones carry a leading dot and are not among them."""
    root = Path(settings.INDEX_DIR)
    if not root.is_dir():
        return set()
    return {folder.name for folder in root.iterdir() if folder.is_dir() and not folder.name.startswith(".")}


def retire(names: Iterable[str]) -> None:
    """Delete artefacts that no run needs, `INDEX_KEEP_SECONDS` after that was first noticed.

    On one host they can go at once: a worker that has one mapped keeps its files until it lets go. A network file
    system takes them away from under the workers of other hosts.
    """
    for name in names:
        mark = folder_of(f".{name}{_RETIRED}")
        if not mark.exists():
            mark.touch()
        if _age(mark) >= settings.INDEX_KEEP_SECONDS:
            shutil.rmtree(folder_of(name), ignore_errors=True)
            mark.unlink(missing_ok=True)


def collect_drafts() -> None:
    """Delete what processes that were killed left half-written, and marks of artefacts that are gone."""
    root = Path(settings.INDEX_DIR)
    for path in root.glob(".*") if root.is_dir() else ():
        if path.is_dir() and _age(path) >= max(LONGEST_WRITING, settings.INDEX_KEEP_SECONDS):
            shutil.rmtree(path, ignore_errors=True)
        elif path.suffix == _RETIRED and not folder_of(path.stem[1:]).is_dir():
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    """Seconds since something was last changed; 0 for what another worker has just deleted."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def collect_vectors() -> None:
    """Keep this host's sentence vectors within their bound: each host that opens a new index looks after its own."""
    cache = VectorCache(Path(settings.VECTOR_CACHE_DIR))
    cache.collect(most=settings.MATCHING_MOST_VECTORS)


def forget() -> None:
    """Let go of every index that this process has at hand."""
    with _lock:
        _loaded.clear()


def _remember(name: str, index: Index) -> None:
    with _lock:
        _loaded[name] = index
        _loaded.move_to_end(name)
        while len(_loaded) > KEPT_IN_MEMORY:
            _loaded.popitem(last=False)
