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
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from matching.engine.columns import Array

_BUCKETS_LOG2 = 10
_AHEAD = 4
"""Rows that memory is asked for before they are read: it answers about as late as so many rows take to be summed."""
_CODES_PER_LINE, _IMPACTS_PER_LINE = 16, 32
"""How many of them one line of the processor's cache holds."""
NEAR, FAR = 1, 2
"""How a passage's languages stand to a need's: one in common, or none. 0 is a passage that no longer counts."""


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
_RELATIONS = _column(types.uint8, 2)
_RELATION = _column(types.uint8)
_PARTS = _group(_LISTS, _LISTS)
_ROOM = types.Array(types.int32, 1, "C")
_SUMS = types.Array(types.int64, 1, "C")
_FOUND = _group(_ROOM, _ROOM)


def _prefetching(_typing: Any, array: Any, index: Any) -> Any:
    """Describe to the compiler how memory is asked for one element of an array. It changes no result."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        data = context.make_array(signature.args[0])(context, builder, given[0]).data
        place = builder.bitcast(builder.gep(data, [given[1]]), byte)
        prefetch = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        called = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, prefetch, "llvm.prefetch.p0i8"
        )
        # To be read (0), soon and again (3), from the data cache (1).
        builder.call(called, [place, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, index), generate


_prefetch: Callable[[Any, Any], None] = intrinsic(_prefetching)  # type: ignore[assignment]


@_compiled(types.int64(_LISTS, types.int64, _INT32, _INT32, _ROOM, _ROOM, types.int64))
def _scan(lists: Any, shift: int, codes: Array, weights: Array, sums: Array, met: Array, count: int) -> int:
    """Add the lists of some codes to the sums, noting every passage at first sight; return how many were noted."""
    starts, passages, impacts = lists
    for index in range(len(codes)):
        code = codes[index]
        if code + 1 < len(starts):
            weight = weights[index]
            for position in range(starts[code], starts[code + 1]):
                # Unsigned numbers need no look at whether they count from the end.
                passage = np.uint32(passages[position] + shift)
                former = sums[passage]
                # Written always and counted at first sight only: a branch that nobody can predict costs more.
                met[np.uint32(count)] = passage
                count += former == 0
                # An impact may be zero: without the one, its passage would be noted again and again.
                sums[passage] = former + max(weight * np.int32(impacts[position]), 1)
    return count


@_compiled(types.int64(_INT32, _INT32, _INT32, _INT64, types.int64, _ROOM, types.int64))
def _take_edge(edge: Array, strength: Array, places: Array, keys: Array, room: int, chosen: Array, taken: int) -> int:
    """Append the `room` strongest of the places that `edge` points to, of which there are at least as many."""
    values = np.empty(len(edge), dtype=np.int64)
    for place in range(len(edge)):
        values[place] = strength[edge[place]]
    values.sort()
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
    ties = values[:tied]
    ties.sort()
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
        histogram[np.uint32(value >> shift)] += 1
    bucket, room = len(histogram) - 1, limit
    while histogram[bucket] < room:
        room -= histogram[bucket]
        bucket -= 1
    edge, size = np.empty(histogram[bucket], dtype=np.int32), 0
    for index in range(len(places)):
        mine = strength[index] >> shift
        # Nearly all are weaker: one comparison is enough for them.
        if mine >= bucket:
            if mine > bucket:
                chosen[taken] = places[index]
                taken += 1
            else:
                edge[size] = index
                size += 1
    total: int = _take_edge(edge, strength, places, keys, room, chosen, taken)
    return total


@_compiled(types.int64(_INT32, _ROOM, _RELATION, _INT64, types.int64, _ROOM, types.Array(types.int32, 2, "C")))
def _take_near_and_far(
    places: Array, sums: Array, relation: Array, keys: Array, limit: int, chosen: Array, room: Array
) -> int:
    """Choose the strongest among the places that share a language, and again among those that share none.

    The sums of the places are set back to zero. `room` is four rows to work in.
    """
    near, near_strength, far, far_strength = room[0], room[1], room[2], room[3]
    nears = fars = 0
    for index in range(len(places)):
        place = np.uint32(places[index])
        strength, kind = sums[place], relation[place]
        sums[place] = 0
        if strength > 0:
            if kind == NEAR:
                near[nears], near_strength[nears] = place, strength
                nears += 1
            elif kind == FAR:
                far[fars], far_strength[fars] = place, strength
                fars += 1
    taken = _take_strongest(near[:nears], near_strength[:nears], keys, limit, chosen, 0)
    total: int = _take_strongest(far[:fars], far_strength[:fars], keys, limit, chosen, taken)
    return total


@_compiled(
    _FOUND(_INT64, _INT32, _INT32, _INT64, _INT32, _INT32, _PARTS, _PARTS,
           types.int64, _INT32, _RELATIONS, _INT64, types.int64)
)  # fmt: skip
def propose_by_lists(
    term_starts: Array, terms: Array, term_weights: Array, wish_starts: Array, wishes: Array, wish_weights: Array,
    term_lists: Any, technology_lists: Any, shift: int, kinds: Array, relations: Array, keys: Array, limit: int,
) -> tuple[Array, Array]:  # fmt: skip
    """Return the strongest passages of every need by terms and technologies, and how many there are of each need.

    There are two sets of lists, those of the index and those of what was added to it: the passages of the second are
    numbered from `shift`. Row ``kinds[i]`` of `relations` says how the passages' languages stand to those of need i
    (`NEAR`, `FAR` or 0). Ties go to the lower key.
    """
    needs, passages = len(term_starts) - 1, len(keys)
    sums, met = np.zeros(passages, dtype=np.int32), np.empty(passages + 1, dtype=np.int32)
    room = np.empty((4, passages), dtype=np.int32)
    found, counts = np.empty(needs * 2 * limit, dtype=np.int32), np.zeros(needs, dtype=np.int32)
    total = 0
    for need in range(needs):
        first, last = term_starts[need], term_starts[need + 1]
        own_terms, own_weights = terms[first:last], term_weights[first:last]
        first, last = wish_starts[need], wish_starts[need + 1]
        own_wishes, own_wish_weights = wishes[first:last], wish_weights[first:last]
        # Spelt out: choosing a part by its number would take seconds to compile.
        count = _scan(term_lists[0], 0, own_terms, own_weights, sums, met, 0)
        count = _scan(term_lists[1], shift, own_terms, own_weights, sums, met, count)
        count = _scan(technology_lists[0], 0, own_wishes, own_wish_weights, sums, met, count)
        count = _scan(technology_lists[1], shift, own_wishes, own_wish_weights, sums, met, count)
        taken = _take_near_and_far(met[:count], sums, relations[kinds[need]], keys, limit, found[total:], room)
        counts[need] = taken
        total += taken
    return found[:total], counts


@_compiled(_FOUND(_column(types.float32, 2), _INT32, _RELATIONS, _INT64, types.int64))
def propose_by_vectors(
    products: Array, kinds: Array, relations: Array, keys: Array, limit: int
) -> tuple[Array, Array]:  # fmt: skip
    """Return the nearest passages of every need by the inner products of their vectors, and how many of each need.

    `kinds`, `relations` and `keys` are those of `propose_by_lists`.
    """
    needs, passages = products.shape
    places = np.arange(passages).astype(np.int32)
    room = np.empty((4, passages), dtype=np.int32)
    found, counts = np.empty(needs * 2 * limit, dtype=np.int32), np.zeros(needs, dtype=np.int32)
    total = 0
    for need in range(needs):
        nearness = products[need].astype(np.int32)
        taken = _take_near_and_far(places, nearness, relations[kinds[need]], keys, limit, found[total:], room)
        counts[need] = taken
        total += taken
    return found[:total], counts


@_compiled(types.void(_LISTS, types.int64))
def _ask_for_row(rows: Any, row: int) -> None:
    """Ask memory for a row that is read soon."""
    starts, codes, impacts = rows
    first, last = starts[row], starts[row + 1]
    for position in range(first, last, _CODES_PER_LINE):
        _prefetch(codes, position)
    for position in range(first, last, _IMPACTS_PER_LINE):
        _prefetch(impacts, position)


@_compiled(types.int32(_LISTS, types.int64, _ROOM))
def _product(rows: Any, row: int, weight_of: Array) -> np.int32:
    """Return the inner product of a row with the weights by code."""
    starts, codes, impacts = rows
    total = np.int32(0)
    for position in range(starts[row], starts[row + 1]):
        total += weight_of[np.uint32(codes[position])] * np.int32(impacts[position])
    return total


@_compiled(_SUMS(_INT64, _INT32, _INT32, _INT64, _INT32, _PARTS, types.int64, types.int64))
def complete(
    starts: Array, codes: Array, weights: Array, candidate_starts: Array, candidates: Array,
    rows: Any, shift: int, vocabulary: int,
) -> Array:  # fmt: skip
    """Return the inner product of every need with each of its candidates, over all codes they have in common.

    `rows` are the passages' own codes and impacts, of the index and of what was added to it.
    """
    # Rows are read from all over the index: most of the time would be spent on waiting for memory.
    own, added = rows[0], rows[1]
    starts_of = own[0]
    weight_of = np.zeros(vocabulary, dtype=np.int32)
    result = np.empty(len(candidates), dtype=np.int64)
    for need in range(len(starts) - 1):
        for index in range(starts[need], starts[need + 1]):
            weight_of[codes[index]] = weights[index]
        for index in range(candidate_starts[need], candidate_starts[need + 1]):
            later = candidates[min(index + 3 * _AHEAD, len(candidates) - 1)]
            if later < shift:
                _prefetch(starts_of, np.int64(later))
            soon = candidates[min(index + _AHEAD, len(candidates) - 1)]
            if soon < shift:
                _ask_for_row(own, soon)
            passage = candidates[index]
            if passage < shift:
                result[index] = _product(own, passage, weight_of)
            else:
                result[index] = _product(added, passage - shift, weight_of)
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
