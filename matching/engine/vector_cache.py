"""A cache of sentence vectors on disk, by content, safe when several processes use one folder."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

_FILE = "vectors.sqlite3"
_BUSY_SECONDS = 30.0
_PER_QUERY = 500


class VectorCache:
    """Vectors by the hash of encoder and sentence. A damaged file is thrown away and filled again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / _FILE

    def fetch(self, encoder: str, dimension: int, sentences: Sequence[str]) -> dict[int, npt.NDArray[np.int16]]:
        """Return the vectors that are there, by their place in `sentences`."""
        keys = [_key(encoder, sentence) for sentence in sentences]
        stored: dict[bytes, bytes] = {}
        try:
            with self._open() as database:
                for start in range(0, len(keys), _PER_QUERY):
                    part = keys[start : start + _PER_QUERY]
                    marks = ",".join("?" * len(part))
                    query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608 - only question marks
                    stored.update(database.execute(query, part))
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
        except sqlite3.DatabaseError as error:
            self._rebuild(error)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as database, database:
            database.execute("PRAGMA journal_mode=WAL")
            # A vector that a crash loses is computed again: no need to wait for the disk.
            database.execute("PRAGMA synchronous=OFF")
            database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
            yield database

    def _rebuild(self, error: sqlite3.DatabaseError) -> None:
        """Remove a damaged file; a file that is only busy stays."""
        if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
            return
        for path in (self._path, Path(f"{self._path}-wal"), Path(f"{self._path}-shm")):
            path.unlink(missing_ok=True)


def _key(encoder: str, sentence: str) -> bytes:
    return hashlib.blake2b(f"{encoder}\0{sentence}".encode(errors="surrogatepass"), digest_size=16).digest()
