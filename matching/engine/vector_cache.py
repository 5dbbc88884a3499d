"""A cache of sentence vectors on disk, by content, safe when several processes use one folder."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

_FILE = "sentences.sqlite3"
_PAGE_BYTES = 16_384
"""In a smaller page a vector of 512 numbers would not fit beside others, and take a whole one."""
_BUSY_SECONDS = 30.0
_PER_QUERY = 500
_PER_REMOVAL = 5000
"""Vectors removed in one transaction, so that writers beside it wait a moment only."""
_KEPT_SHARE = 0.8
"""What a cache that outgrew its bound is brought down to, so that not every run has to remove some."""
_TABLES = (
    "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID",
    # Beside the vectors and not in their rows, which would all be written again only to say that they were of use.
    "CREATE TABLE IF NOT EXISTS uses (key BLOB PRIMARY KEY, round INTEGER) WITHOUT ROWID",
)


class VectorCache:
    """Vectors by the hash of encoder and sentence. A damaged file is thrown away and filled again.

    Each vector remembers the round in which it was last of use; `collect` begins a new round. A vector that is removed
    while another process reads or writes is encoded again, so collecting is safe beside running workers.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / _FILE

    def fetch(self, encoder: str, dimension: int, sentences: Sequence[str]) -> dict[int, npt.NDArray[np.int16]]:
        """Return the vectors that are there, by their place in `sentences`."""
        keys = [_key(encoder, sentence) for sentence in sentences]
        stored: dict[bytes, bytes] = {}
        stale: list[bytes] = []
        try:
            with self._open() as database:
                now = _round(database)
                for start in range(0, len(keys), _PER_QUERY):
                    for key, vector, used in database.execute(*_selection(keys[start : start + _PER_QUERY])):
                        stored[key] = vector
                        if used != now:
                            stale.append(key)
                # Where the file is busy the note is lost, and not the vectors.
                with contextlib.suppress(sqlite3.OperationalError):
                    _mark_used(database, stale, now)
        except sqlite3.DatabaseError as error:
            self._rebuild(error)
            return {}
        expected = dimension * np.dtype(np.int16).itemsize
        return {
            place: np.frombuffer(stored[key], dtype=np.int16)
            for place, key in enumerate(keys)
            if len(stored.get(key, b"")) == expected
        }

    def store(self, encoder: str, sentences: Sequence[str], vectors: npt.NDArray[np.int16]) -> None:
        """Keep one vector per sentence. What cannot be kept now is encoded again another time."""
        rows = [(_key(encoder, text), vector.tobytes()) for text, vector in zip(sentences, vectors, strict=True)]
        try:
            with self._open() as database:
                database.executemany("INSERT OR REPLACE INTO vectors (key, vector) VALUES (?, ?)", rows)
                _mark_used(database, [key for key, _vector in rows], _round(database))
        except sqlite3.DatabaseError as error:
            self._rebuild(error)

    def collect(self, *, most: int) -> int:
        """Begin a new round, and remove the vectors longest unused when there are more than so many.

        Returns how many were removed.
        """
        removed = 0
        try:
            with self._open() as database:
                database.execute(f"PRAGMA user_version = {_round(database) + 1}")
                doomed = _longest_unused(database, most)
            for start in range(0, len(doomed), _PER_REMOVAL):
                part = [(key,) for key in doomed[start : start + _PER_REMOVAL]]
                with self._open() as database:
                    removed += database.executemany("DELETE FROM vectors WHERE key = ?", part).rowcount
                    database.executemany("DELETE FROM uses WHERE key = ?", part)
        except sqlite3.DatabaseError as error:
            self._rebuild(error)
        return removed

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as database, database:
            database.execute(f"PRAGMA page_size={_PAGE_BYTES}")
            database.execute("PRAGMA journal_mode=WAL")
            # A vector that a crash loses is computed again: no need to wait for the disk.
            database.execute("PRAGMA synchronous=OFF")
            for table in _TABLES:
                database.execute(table)
            yield database

    def _rebuild(self, error: sqlite3.DatabaseError) -> None:
        """Remove a damaged file; a file that is only busy stays."""
        if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
            return
        for path in (self._path, Path(f"{self._path}-wal"), Path(f"{self._path}-shm")):
            path.unlink(missing_ok=True)


def _round(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _selection(keys: Sequence[bytes]) -> tuple[str, Sequence[bytes]]:
    """What reads the vectors of these keys, each with the round in which it was last of use."""
    marks = ",".join("?" * len(keys))
    return f"SELECT key, vector, round FROM vectors JOIN uses USING (key) WHERE key IN ({marks})", keys  # noqa: S608 - only question marks


def _mark_used(database: sqlite3.Connection, keys: Iterable[bytes], now: int) -> None:
    database.executemany("INSERT OR REPLACE INTO uses (key, round) VALUES (?, ?)", [(key, now) for key in keys])


def _longest_unused(database: sqlite3.Connection, most: int) -> list[bytes]:
    """Return which vectors to remove from a cache that outgrew its bound."""
    count = int(database.execute("SELECT count(*) FROM uses").fetchone()[0])
    if count <= most:
        return []
    surplus = count - int(_KEPT_SHARE * most)
    return [key for (key,) in database.execute("SELECT key FROM uses ORDER BY round, key LIMIT ?", [surplus])]


def _key(encoder: str, sentence: str) -> bytes:
    return hashlib.blake2b(f"{encoder}\0{sentence}".encode(errors="surrogatepass"), digest_size=16).digest()
