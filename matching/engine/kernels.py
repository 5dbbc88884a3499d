"""The inner loops of retrieval, compiled to machine code.

They add whole numbers only, so no sum depends on the order of its parts. Their signatures are explicit, so arrays that
are mapped read-only and arrays that were just built share one compiled form. Importing this module compiles it, or
loads what an earlier process compiled: import it where an index is opened and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import types

from matching.engine.columns import Array

_BUCKETS_LOG2 = 10


def _compiled(signature: Any) -> Callable[[Any], Any]:
    """Compile a function so that it lets other threads run, and keep the result on disk where that is possible."""

    def compile_one(function: Any) -> Any:
        try:
            return numba.njit(signature, nogil=True, cache=True)(function)
        except RuntimeError:
            # No folder for compiled code can be written to: every process compiles for itself.
            return numba.njit(signature, nogil=True)(function)

    return compile_one


def _column(kind: Any, dimensions: int = 1) -> Any:
    return types.Array(kind, dimensions, "C", readonly=True)


def _group(*members: Any) -> Any:
    return types.Tuple(members)  # type: ignore[no-untyped-call]


_IMPACTS, _INT32, _INT64 = (_column(kind) for kind in (types.uint16, types.int32, types.int64))
_LISTS = _group(_INT64, _INT32, _IMPACTS)
_SPACE = _group(_INT32, _INT64)
_PARTS = _group(_LISTS, _LISTS)
_ROOM = types.Array(types.int32, 1, "C")
_SUMS = types.Array(types.int64, 1, "C")
_FOUND = _group(_ROOM, _ROOM)


@_compiled(types.int64(_LISTS, types.int64, _INT32, _INT32, _ROOM, _ROOM, types.int64))
def _scan(lists: Any, shift: int, codes: Array, weights: Array, sums: Array, met: Array, count: int) -> int:
    """Add the lists of some codes to the sums, noting every passage at first sight; return how many were noted."""
    starts, passages, impacts = lists
    for index in range(len(codes)):
        code = codes[index]
        if code + 1 < len(starts):
            weight = weights[index]
            for position in range(starts[code], starts[code + 1]):
                passage = passages[position] + shift
                former = sums[passage]
                if former == 0:
                    met[count] = passage
                    count += 1
                # An impact may be zero: without the one, its passage would be noted again and again.
                sums[passage] = former + max(weight * np.int32(impacts[position]), 1)
    return count


@_compiled(types.int64(_INT32, _INT32, _INT32, _INT64, types.int64, _ROOM, types.int64))
def _take_edge(edge: Array, strength: Array, places: Array, keys: Array, room: int, chosen: Array, taken: int) -> int:
    """Append the `room` strongest of the places that `edge` points to, of which there are at least as many."""
    values = np.sort(strength[edge].astype(np.int64))
    lowest = values[len(values) - room]
    tied = 0
    for index in edge:
        if strength[index] > lowest:
            chosen[taken] = places[index]
            taken += 1
            room -= 1
        elif strength[index] == lowest:
            values[tied] = keys[places[index]]
            tied += 1
    ties = np.sort(values[:tied])
    for index in edge:
        if room > 0 and strength[index] == lowest and keys[places[index]] <= ties[room - 1]:
            chosen[taken] = places[index]
            taken += 1
    return taken


@_compiled(types.int64(_INT32, _INT32, _INT64, types.int64, _ROOM, types.int64))
def _take_strongest(places: Array, strength: Array, keys: Array, limit: int, chosen: Array, taken: int) -> int:
    """Append the `limit` strongest places; ties go to the lower key. `strength` holds no negative number."""
    if len(places) <= limit:
        for place in places:
            chosen[taken] = place
            taken += 1
        return taken
    highest, shift = strength.max(), 0
    while (highest >> shift) >= (1 << _BUCKETS_LOG2):
        shift += 1
    histogram = np.zeros(1 << _BUCKETS_LOG2, dtype=np.int64)
    for value in strength:
        histogram[value >> shift] += 1
    bucket, room = len(histogram) - 1, limit
    while histogram[bucket] < room:
        room -= histogram[bucket]
        bucket -= 1
    edge, size = np.empty(histogram[bucket], dtype=np.int32), 0
    for index in range(len(places)):
        mine = strength[index] >> shift
        if mine > bucket:
            chosen[taken] = places[index]
            taken += 1
        elif mine == bucket:
            edge[size] = index
            size += 1
    total: int = _take_edge(edge, strength, places, keys, room, chosen, taken)
    return total


@_compiled(types.int64(_INT32, _ROOM, _SPACE, types.int64, types.int64, _ROOM))
def _take_near_and_far(places: Array, sums: Array, space: Any, language: int, limit: int, chosen: Array) -> int:
    """Choose the strongest among the places that share a language, and again among those that share none.

    The sums of the places are set back to zero.
    """
    languages, keys = space
    near, far = np.empty(len(places), dtype=np.int32), np.empty(len(places), dtype=np.int32)
    near_strength, far_strength = np.empty(len(places), dtype=np.int32), np.empty(len(places), dtype=np.int32)
    nears = fars = 0
    for place in places:
        strength, spoken = sums[place], languages[place]
        sums[place] = 0
        if strength > 0 and spoken >= 0:
            if spoken & language:
                near[nears], near_strength[nears] = place, strength
                nears += 1
            else:
                far[fars], far_strength[fars] = place, strength
                fars += 1
    taken = _take_strongest(near[:nears], near_strength[:nears], keys, limit, chosen, 0)
    total: int = _take_strongest(far[:fars], far_strength[:fars], keys, limit, chosen, taken)
    return total


@_compiled(
    _FOUND(_INT64, _INT32, _INT32, _INT64, _INT32, _INT32, _INT64, _PARTS, _PARTS,
           types.int64, _SPACE, types.int64)
)  # fmt: skip
def propose_by_lists(
    term_starts: Array, terms: Array, term_weights: Array, wish_starts: Array, wishes: Array, wish_weights: Array,
    languages: Array, term_lists: Any, technology_lists: Any, shift: int, space: Any, limit: int,
) -> tuple[Array, Array]:  # fmt: skip
    """Return the strongest passages of every need by terms and technologies, and how many there are of each need.

    There are two sets of lists, those of the index and those of what was added to it: the passages of the second are
    numbered from `shift`. `space` has the languages of every passage, negative for one that no longer counts, and its
    key.
    """
    needs, passages = len(term_starts) - 1, len(space[0])
    sums, met = np.zeros(passages, dtype=np.int32), np.empty(passages, dtype=np.int32)
    chosen = np.empty(2 * limit, dtype=np.int32)
    found, counts = np.empty(needs * 2 * limit, dtype=np.int32), np.zeros(needs, dtype=np.int32)
    total = 0
    for need in range(needs):
        term = slice(term_starts[need], term_starts[need + 1])
        wish = slice(wish_starts[need], wish_starts[need + 1])
        count = 0
        for part in range(2):
            count = _scan(term_lists[part], part * shift, terms[term], term_weights[term], sums, met, count)
            count = _scan(technology_lists[part], part * shift, wishes[wish], wish_weights[wish], sums, met, count)
        taken = _take_near_and_far(met[:count], sums, space, languages[need], limit, chosen)
        found[total : total + taken] = chosen[:taken]
        counts[need] = taken
        total += taken
    return found[:total].copy(), counts


@_compiled(_FOUND(_column(types.float32, 2), _INT64, _SPACE, types.int64))
def propose_by_vectors(products: Array, languages: Array, space: Any, limit: int) -> tuple[Array, Array]:
    """Return the nearest passages of every need by the inner products of their vectors, and how many of each need."""
    needs, passages = products.shape
    places = np.arange(passages).astype(np.int32)
    chosen = np.empty(2 * limit, dtype=np.int32)
    found, counts = np.empty(needs * 2 * limit, dtype=np.int32), np.zeros(needs, dtype=np.int32)
    total = 0
    for need in range(needs):
        nearness = products[need].astype(np.int32)
        taken = _take_near_and_far(places, nearness, space, languages[need], limit, chosen)
        found[total : total + taken] = chosen[:taken]
        counts[need] = taken
        total += taken
    return found[:total].copy(), counts


@_compiled(_SUMS(_INT64, _INT32, _INT32, _INT64, _INT32, _PARTS, types.int64, types.int64))
def complete(
    starts: Array, codes: Array, weights: Array, candidate_starts: Array, candidates: Array,
    rows: Any, shift: int, vocabulary: int,
) -> Array:  # fmt: skip
    """Return the inner product of every need with each of its candidates, over all codes they have in common.

    `rows` are the passages' own codes and impacts, of the index and of what was added to it.
    """
    weight_of = np.zeros(vocabulary, dtype=np.int32)
    result = np.empty(len(candidates), dtype=np.int64)
    for need in range(len(starts) - 1):
        for index in range(starts[need], starts[need + 1]):
            weight_of[codes[index]] = weights[index]
        for index in range(candidate_starts[need], candidate_starts[need + 1]):
            passage = candidates[index]
            part = 0 if passage < shift else 1
            row_starts, row_codes, row_impacts = rows[part]
            row = passage - part * shift
            total = np.int32(0)
            for position in range(row_starts[row], row_starts[row + 1]):
                total += weight_of[row_codes[position]] * np.int32(row_impacts[position])
            result[index] = total
        for index in range(starts[need], starts[need + 1]):
            weight_of[codes[index]] = 0
    return result


@_compiled(_SUMS(_INT64, _INT32, _INT32, _INT32, _INT64, _INT32, _LISTS, types.int64))
def meet(
    starts: Array, codes: Array, weights: Array, wanted: Array, candidate_starts: Array, candidates: Array,
    rows: Any, vocabulary: int,
) -> Array:  # fmt: skip
    """Return how well each need's candidates meet its wishes: of each thing wanted, the best that a passage has.

    Code i of a need meets the thing numbered `wanted[i]`, counted from 0 within the need, by `weights[i]`. What a
    passage says twice, or in two ways that meet the same thing, counts once.
    """
    starts_of, codes_of, links_of = rows
    weight_of, wanted_by = np.zeros(vocabulary, dtype=np.int64), np.zeros(vocabulary, dtype=np.int32)
    best = np.zeros(1 if len(wanted) == 0 else wanted.max() + 1, dtype=np.int64)
    result = np.zeros(len(candidates), dtype=np.int64)
    for need in range(len(starts) - 1):
        for index in range(starts[need], starts[need + 1]):
            weight_of[codes[index]] = weights[index]
            wanted_by[codes[index]] = wanted[index]
        for index in range(candidate_starts[need], candidate_starts[need + 1]):
            first, last = starts_of[candidates[index]], starts_of[candidates[index] + 1]
            for position in range(first, last):
                code = codes_of[position]
                met = weight_of[code] * np.int64(links_of[position])
                if met > best[wanted_by[code]]:
                    result[index] += met - best[wanted_by[code]]
                    best[wanted_by[code]] = met
            for position in range(first, last):
                best[wanted_by[codes_of[position]]] = 0
        for index in range(starts[need], starts[need + 1]):
            weight_of[codes[index]] = 0
    return result


@_compiled(_ROOM(_INT64, _INT32, _INT64, types.int64))
def keep_strongest(starts: Array, strength: Array, keys: Array, limit: int) -> Array:
    """Return where the `limit` strongest candidates of every need stand; ties go to the lower key.

    Strength is not negative. What stays is in no particular order within a need.
    """
    places = np.arange(len(keys)).astype(np.int32)
    chosen, taken = np.empty(len(keys), dtype=np.int32), 0
    for need in range(len(starts) - 1):
        part = slice(starts[need], starts[need + 1])
        taken = _take_strongest(places[part], strength[part], keys, limit, chosen, taken)
    return chosen[:taken].copy()
