"""Columnar storage: rows of variable length, string codes and string lists as plain numpy arrays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_FEW = 16
_ESCAPE = re.compile(r"\\(.)")


def ranges(starts: Array, lengths: Array) -> Ints:
    """Return the concatenation of ``arange(start, start + length)`` for every pair."""
    lengths = np.asarray(lengths, dtype=np.int64)
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    shift = np.repeat(np.asarray(starts, dtype=np.int64) - (ends - lengths), lengths)
    return np.asarray(np.arange(total, dtype=np.int64) + shift)


def held_in(values: Array, codes: Array) -> Bools:
    """Return which values are among the codes: for few codes many times quicker than `numpy.isin`."""
    if len(codes) > _FEW:
        return np.isin(values, codes)
    found = np.zeros(len(values), dtype=np.bool_)
    for code in codes:
        found |= values == code
    return found


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different lengths: row i is ``values[indptr[i]:indptr[i + 1]]``."""

    indptr: Array
    values: Array

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[float]], dtype: npt.DTypeLike) -> Ragged:
        """Store the given rows one after another."""
        indptr = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in rows], out=indptr[1:])
        values = np.fromiter((value for row in rows for value in row), dtype=dtype, count=int(indptr[-1]))
        return cls(indptr, values)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def row(self, index: int) -> Array:
        """Return one row."""
        return self.values[self.indptr[index] : self.indptr[index + 1]]

    def lengths(self, rows: Array) -> Ints:
        """Return how many values the given rows have."""
        return np.asarray(self.indptr[np.asarray(rows) + 1] - self.indptr[rows], dtype=np.int64)

    def expand(self, rows: Array) -> tuple[Ints, Ints]:
        """Return, for every value of the given rows, its place in `rows` and its place in `values`."""
        starts = np.asarray(self.indptr[rows], dtype=np.int64)
        lengths = np.asarray(self.indptr[np.asarray(rows) + 1], dtype=np.int64) - starts
        return np.repeat(np.arange(len(lengths)), lengths), ranges(starts, lengths)

    def take(self, rows: Array) -> Ragged:
        """Return the given rows in the given order."""
        owners, positions = self.expand(rows)
        indptr = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(np.bincount(owners, minlength=len(rows)), out=indptr[1:])
        return Ragged(indptr, self.values[positions])

    def invert(self, size: int) -> Ragged:
        """Return, for every value 0 to size - 1, the rows that hold it, in ascending order."""
        owners = np.repeat(np.arange(len(self)), np.diff(self.indptr))
        order = np.argsort(self.values, kind="stable")
        indptr = np.zeros(size + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.values, minlength=size), out=indptr[1:])
        return Ragged(indptr, owners[order])


def join_ragged(parts: Sequence[Ragged]) -> Ragged:
    """Return the rows of all parts, one part after another."""
    shifts = np.cumsum([0, *(part.indptr[-1] for part in parts)])
    starts = [part.indptr[:-1] + shift for part, shift in zip(parts, shifts[:-1], strict=True)]
    return Ragged(np.concatenate([*starts, shifts[-1:]]), np.concatenate([part.values for part in parts]))


class Table:
    """Base of frozen dataclasses whose fields are all columns (arrays or `Ragged`) of equal length."""

    __slots__ = ()

    def take(self, rows: Array) -> Self:
        """Return the given rows in the given order."""
        return type(self)(
            **{
                name: column.take(rows) if isinstance(column, Ragged) else column[rows]
                for name, column in self.columns().items()
            }
        )

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of all parts, one part after another."""
        joined: dict[str, Array | Ragged] = {}
        for name, column in parts[0].columns().items():
            columns = [getattr(part, name) for part in parts]
            joined[name] = join_ragged(columns) if isinstance(column, Ragged) else np.concatenate(columns)
        return cls(**joined)

    def columns(self) -> dict[str, Array | Ragged]:
        """Return the columns by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}  # type: ignore[arg-type]


class Vocabulary:
    """Strings and their codes; codes are handed out in order of first sight and never change."""

    __slots__ = ("_codes", "words")

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words: list[str] = list(words)
        self._codes: dict[str, int] = {word: code for code, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def add(self, word: str) -> int:
        """Return the code of a word, giving it one at first sight."""
        code = self._codes.get(word)
        if code is None:
            code = self._codes[word] = len(self.words)
            self.words.append(word)
        return code

    def code(self, word: str | None) -> int:
        """Return the code of a word, or -1 for one that was never seen (and for None)."""
        return -1 if word is None else self._codes.get(word, -1)

    def codes(self, words: Iterable[str]) -> Ints:
        """Return the codes of words, -1 for those that were never seen."""
        get = self._codes.get
        return np.array([get(word, -1) for word in words], dtype=np.int64)

    def copy(self) -> Vocabulary:
        """Return a vocabulary that can grow on its own."""
        other = Vocabulary()
        other.words, other._codes = list(self.words), dict(self._codes)
        return other


def pack_strings(words: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Store strings as UTF-8 bytes, one a line; a line break within one is written as a backslash and an n."""
    lines = "\n".join(word.replace("\\", "\\\\").replace("\n", "\\n") for word in words)
    return np.frombuffer(lines.encode(), dtype=np.uint8)


def unpack_strings(packed: Array, count: int) -> list[str]:
    """Read what `pack_strings` stored. Raises `ValueError` where these are not as many strings as there should be."""
    lines = packed.tobytes().decode().split("\n") if count or len(packed) else []
    if len(lines) != count:
        raise ValueError(f"{len(lines)} strings are there instead of {count}")
    return [_unescaped(line) if "\\" in line else line for line in lines]


def _unescaped(line: str) -> str:
    return _ESCAPE.sub(lambda escape: "\n" if escape[1] == "n" else escape[1], line)
