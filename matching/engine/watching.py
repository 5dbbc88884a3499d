"""Watches: what every need asks for and how near a passage must come to be brought up for it.

Each source brings up its strongest passages, so many of those that share a language with the need and so many of the
others. The weakest of these is the *bar* of its group. A passage that comes or goes can only alter what a need brings
up where it reaches a bar, so all needs that a change concerns are found by the words of the changed passages alone,
without asking for any need again. Needs are kept by what they ask for in words and not in an index's codes: what comes
to be known to the index later still meets them.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

import numpy as np

from matching.engine.columns import Array, Bools, Floats, Ints, Ragged, join_ragged, ranges
from matching.engine.encoding import QUANTUM
from matching.engine.errors import IndexCorruptError

LIST_NEAR, LIST_FAR, VECTOR_NEAR, VECTOR_FAR = range(4)
"""Bars of a need: by lists and by vectors, among passages that share a language with it and among those that do not."""
ESTIMATE_STEPS: Final = 1 << 20
"""Estimates by which lists bring up candidates are whole numbers: 1 is a passage that says all that is wanted."""

_REMEMBERED: Final = 1 << 18
_NEEDS_AT_ONCE: Final = 8192
_PASSAGES_AT_ONCE: Final = 64


@lru_cache(_REMEMBERED)
def term_key(term: str) -> int:
    """Return the number that stands for a term in every index."""
    return _key(f"term {term}")


@lru_cache(_REMEMBERED)
def technology_key(technology: str) -> int:
    """Return the number that stands for a technology in every index."""
    return _key(f"technology {technology}")


def _key(name: str) -> int:
    # Two names under one number make a need look nearer than it is, never farther.
    return int.from_bytes(hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest(), signed=True)


@dataclass(frozen=True, slots=True)
class Moved:
    """Passages that a change brought, took away or gave to others."""

    contents: Ragged
    """Keys of every passage's terms and technologies."""
    impacts: Array
    """How much it says of each, in parallel to the keys."""
    languages: Array
    vectors: Array

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """Return the passages of all parts."""
        contents = join_ragged([part.contents for part in parts])
        impacts, languages, vectors = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("impacts", "languages", "vectors")
        )
        return cls(contents, impacts, languages, vectors)


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near the passages moved come to needs, in the order of the watches."""

    reached: Bools
    """Whether one of them reaches a bar."""
    strength: Floats
    """The strongest of them, by words, technologies and vectors together: above 0, most often below 2."""


@dataclass(frozen=True, slots=True)
class Watches:
    """The watches of some needs, in parallel columns, with their words turned round into lists.

    Entries of the lists are in the order of their keys: needs of a key stand together.
    """

    need: Ints
    """The caller's number of each need; each once."""
    version: Ints
    """The caller's number that changes whenever the need does."""
    languages: Ints
    bars: Ints
    """Needs × bars; 0 where a group was not full, so that whatever has anything in common is brought up."""
    key: Ints
    owner: Array
    """Place of the need of each entry."""
    weight: Array
    """What each entry counts in an estimate, per step of impact."""
    vectors: Array
    """Quantised sentence vectors of the needs; without columns where vectors take no part."""

    @classmethod
    def of(
        cls, needs: Sequence[tuple[int, int]], languages: Ints, bars: Ints, entries: Sequence[Entries], vectors: Array
    ) -> Self:
        """Turn round what needs ask for; `needs` are their numbers and versions."""
        sizes = np.array([len(keys) for keys, _ in entries], dtype=np.int64)
        owner = np.repeat(np.arange(len(needs)), sizes).astype(np.int32)
        key = np.concatenate([np.zeros(0, dtype=np.int64), *(keys for keys, _ in entries)])
        weight = np.concatenate([np.zeros(0, dtype=np.int32), *(weights for _, weights in entries)])
        order = np.argsort(key, kind="stable")
        numbers = np.array(needs, dtype=np.int64).reshape(len(needs), 2)
        return cls(
            numbers[:, 0], numbers[:, 1], languages, bars, key[order], owner[order],
            weight[order].astype(np.int32), vectors,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.need)

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """Unite watches; of a need that is in several, the last one counts."""
        need = np.concatenate([part.need for part in parts])
        starts = np.cumsum([0, *(len(part) for part in parts)])
        kept = _last_of_each(need)
        place = np.full(len(need), -1, dtype=np.int32)
        place[kept] = np.arange(len(kept))
        owner = np.concatenate([place[start + part.owner] for part, start in zip(parts, starts[:-1], strict=True)])
        key = np.concatenate([part.key for part in parts])
        entries = np.flatnonzero(owner >= 0)
        order = entries[np.argsort(key[entries], kind="stable")]
        version, languages, bars, weight, vectors = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("version", "languages", "bars", "weight", "vectors")
        )
        return cls(
            need[kept], version[kept], languages[kept], bars[kept], key[order], owner[order], weight[order],
            vectors[kept],
        )  # fmt: skip

    def nearness(self, moved: Moved, *, progress: Callable[[str, int, int], None] | None = None) -> Nearness:
        """Return how near the passages moved come to every need.

        `progress` is called with ("reach", passages done, passages in all) and may raise to cancel.
        """
        reached, strength = np.zeros(len(self), dtype=np.bool_), np.zeros(len(self))
        passages = len(moved.languages)
        for passage in range(passages):
            if passage % _PASSAGES_AT_ONCE == 0:
                if progress is not None:
                    progress("reach", passage, passages)
                products = self._products(moved.vectors[passage : passage + _PASSAGES_AT_ONCE])
            part = slice(moved.contents.indptr[passage], moved.contents.indptr[passage + 1])
            near = (self.languages & int(moved.languages[passage])) != 0
            estimate = self._estimates(moved.contents.values[part], moved.impacts[part])
            reached |= _reaches(estimate, np.where(near, self.bars[:, LIST_NEAR], self.bars[:, LIST_FAR]))
            closeness = estimate / ESTIMATE_STEPS
            if self.vectors.shape[1]:
                product = products[passage % _PASSAGES_AT_ONCE].astype(np.int64)
                reached |= _reaches(product, np.where(near, self.bars[:, VECTOR_NEAR], self.bars[:, VECTOR_FAR]))
                closeness = closeness + product / QUANTUM**2
            np.maximum(strength, closeness, out=strength)
        return Nearness(reached, strength)

    def save(self, path: Path) -> None:
        """Write the watches to a file that appears whole, in place of one that is there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **{item.name: getattr(self, item.name) for item in fields(self)})
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read saved watches. Raises `IndexCorruptError` where the file is missing or damaged."""
        try:
            # Reading a member to its end compares it with its checksum.
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                return cls(**{item.name: file[item.name] for item in fields(cls)})
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise IndexCorruptError(f"{path} cannot be read ({error}); its needs are computed again") from error

    def _estimates(self, keys: Array, impacts: Array) -> Ints:
        """Return the estimates by which lists bring a passage up."""
        starts = np.searchsorted(self.key, keys, side="left")
        lengths = np.searchsorted(self.key, keys, side="right") - starts
        entries = ranges(starts, lengths)
        # As lists count it: what a passage has in common with a need counts for at least one step.
        counted = np.maximum(self.weight[entries] * np.repeat(impacts.astype(np.int64), lengths), 1)
        # Whole numbers below 2^53 add up exactly in whatever order.
        return np.bincount(self.owner[entries], weights=counted, minlength=len(self)).astype(np.int64)

    def _products(self, vectors: Array) -> Array:
        """Return passages × needs; whole numbers in single precision, see `QUANTUM`."""
        products = np.empty((len(vectors), len(self)), dtype=np.float32)
        if self.vectors.shape[1]:
            for start in range(0, len(self), _NEEDS_AT_ONCE):
                needs = self.vectors[start : start + _NEEDS_AT_ONCE].astype(np.float32)
                products[:, start : start + len(needs)] = vectors.astype(np.float32) @ needs.T
        return products


Entries = tuple[Array, Array]
"""What a need asks for: keys, and in parallel what each counts."""


def lowest_bars(need: Ints, is_far: Bools, strength: Ints, *, needs: int, limit: int) -> Ints:
    """Return the bars of what one source brought up: needs × (near, far), 0 where a group has fewer than `limit`.

    Args:
        need: place of the need that each passage was brought up for.
        is_far: whether it shares no language with the need.
        strength: what it was chosen by.
        needs: how many needs there are.
        limit: how many passages make a full group.
    """
    group = need * 2 + is_far
    bars = np.full(2 * needs, np.iinfo(np.int64).max)
    np.minimum.at(bars, group, strength)
    return np.where(np.bincount(group, minlength=2 * needs) < limit, 0, bars).reshape(needs, 2)


def latest_of_each(parts: Iterable[Ints]) -> list[Bools]:
    """Return, for every part, which of its numbers no later part holds."""
    parts = list(parts)
    numbers = np.concatenate([np.zeros(0, dtype=np.int64), *parts])
    latest = np.zeros(len(numbers), dtype=np.bool_)
    latest[_last_of_each(numbers)] = True
    return np.split(latest, np.cumsum([len(part) for part in parts])[:-1])


def _last_of_each(numbers: Ints) -> Ints:
    """Return where each number stands for the last time, in ascending order."""
    _, places = np.unique(numbers[::-1], return_index=True)
    return np.sort(len(numbers) - 1 - places)


def _reaches(strength: Ints, bar: Ints) -> Bools:
    return np.asarray((strength > 0) & (strength >= bar))
