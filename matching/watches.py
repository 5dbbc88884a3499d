"""Where the needs' watches lie: beside the index that they were set by, one file for every block that was computed.

The index of an incremental run takes over the files of the one that it amends; the needs that the run computes again
get newer ones, which count. A file that is missing or damaged makes its needs be computed again, nothing more.
"""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import structlog

from matching import indexes
from matching.engine import IndexCorruptError, Watches

MOST_FILES: Final = 24
"""Files that an index takes over one by one; more of them are put together into one."""

_FOLDER: Final = "watches"
_SUFFIX: Final = ".npz"
_Identity = tuple[int, int, int]

_read: dict[_Identity, Watches] = {}
"""What this process has read of the files in use, by what tells a file under several names."""
_lock: Final = threading.Lock()

log = structlog.get_logger(__name__)


def keep_watches(watches: Watches, *, index_name: str, run_id: int, block: int) -> None:
    """Store the watches of a block's needs, in place of what an earlier attempt at it stored."""
    # Later runs and blocks have later names.
    watches.save(_folder_of(index_name) / f"{run_id:012d}-{block:08d}{_SUFFIX}")


def take_over_watches(*, former: str, index_name: str) -> None:
    """Give the watches that lie beside a former index to the one that came of it."""
    paths = _files(former)
    if not paths:
        return
    folder = _folder_of(index_name)
    folder.mkdir(parents=True, exist_ok=True)
    if len(paths) > MOST_FILES:
        parts = list(_opened(paths))
        if parts:
            Watches.join(parts).save(folder / paths[-1].name)
        return
    for path in paths:
        _link(path, folder / path.name)


def open_watches(index_name: str) -> list[Watches]:
    """The watches beside an index; of a need that is in several of them, the last one counts."""
    paths = _files(index_name)
    parts = list(_opened(paths))
    with _lock:
        used = set(map(_identity, filter(Path.exists, paths)))
        for identity in set(_read) - used:
            del _read[identity]
    return parts


def _opened(paths: list[Path]) -> Iterator[Watches]:
    for path in paths:
        try:
            identity = _identity(path)
            with _lock:
                found = _read.get(identity)
            if found is None:
                found = Watches.load(path)
                with _lock:
                    _read[identity] = found
            yield found
        except (OSError, IndexCorruptError) as error:
            log.warning("matching.watches_unusable", file=str(path), error=str(error))


def _identity(path: Path) -> _Identity:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_mtime_ns


def _folder_of(index_name: str) -> Path:
    return indexes.folder_of(index_name) / _FOLDER


def _files(index_name: str) -> list[Path]:
    return sorted(path for path in _folder_of(index_name).glob(f"*{_SUFFIX}") if not path.name.startswith("."))


def _link(path: Path, other: Path) -> None:
    try:
        other.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, other)
