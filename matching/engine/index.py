"""The face of the engine: build an index, ask it, change it, keep it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from matching.engine.blocking import unmatchable
from matching.engine.building import Progress, Reading, build_snapshot, replace_organizations
from matching.engine.columns import Vocabulary
from matching.engine.corpus import Amendment
from matching.engine.encoding import VectorSource, open_source
from matching.engine.errors import EncoderError, UnknownOrganizationError
from matching.engine.fusion import Fusion
from matching.engine.passages import Statistics
from matching.engine.scorecard import Assessed, Ranking, join_assessed, join_rankings
from matching.engine.settings import Settings
from matching.engine.similarity import Comparer
from matching.engine.snapshot import Snapshot
from matching.engine.storage import load_layers, save_layers
from matching.engine.touching import Reach, Touching
from matching.engine.types import (
    Document,
    Exclusion,
    Match,
    MatchList,
    Need,
    Organization,
    Problem,
    Reason,
    Taxonomy,
    Text,
)
from matching.engine.vector_cache import VectorCache
from matching.engine.watching import Watches

_ResultT = TypeVar("_ResultT")


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Report nothing."""


class Index:
    """Documents and organizations, ready to be asked. Immutable: a change gives a new index."""

    def __init__(
        self,
        base: Snapshot,
        reading: Reading,
        vectors: VectorSource,
        problems: Sequence[Problem] = (),
        *,
        amendment: Amendment | None = None,
        stored: Path | None = None,
    ) -> None:
        """Use `build_index` or `Index.load` instead."""
        # Compiled code takes a second to load: only who opens an index waits for it.
        from matching.engine.matcher import Matcher

        self._base, self._amendment, self._reading, self._vectors = base, amendment, reading, vectors
        self._stored = stored
        self._touching: Touching | None = None
        self._matcher = Matcher(base, amendment, reading, vectors)
        self.problems: tuple[Problem, ...] = (
            *problems, *self._matcher.problems, *base.problems, *(amendment.added.problems if amendment else ())
        )  # fmt: skip
        """What was skipped or left out on the way to this index."""

    @property
    def settings(self) -> Settings:
        """The settings that the index was built with."""
        return self._base.settings

    @property
    def reads_as_built(self) -> bool:
        """Whether the encoder that it was built with is here; without it, texts are read by words alone."""
        return self._base.encoder in {None, self._vectors.name}

    @property
    def statistics(self) -> Statistics:
        """The corpus statistics; an index built on the same ones gives the same lists."""
        return self._base.statistics

    @property
    def documents(self) -> int:
        """How many documents it holds."""
        return self._matcher.documents

    @property
    def organizations(self) -> int:
        """How many organizations it holds."""
        return self._matcher.organizations

    @cached_property
    def comparer(self) -> Comparer:
        """What compares texts of one kind, such as two needs, by this index's statistics and sentence vectors."""
        base, newest = self._base, self._base if self._amendment is None else self._amendment.added
        dense = base.encoder is not None and self.reads_as_built
        return Comparer(
            analyzer=self._reading.analyzer,
            statistics=base.statistics,
            terms=newest.terms,
            vectors=self._vectors if dense else VectorSource(None),
            fusion=Fusion(base.settings, base.statistics.background, dense=dense),
            saturation=base.settings.k1,
        )

    def match(self, needs: Iterable[Need], *, progress: Progress | None = None) -> Iterator[MatchList]:
        """Yield one list per need, in the order given. A need that cannot be matched gets an empty list saying why.

        `progress` is called with ("match", needs done, needs in all) and may raise to cancel.
        """
        waiting = list(needs)
        for start, batch in self._batches(waiting):
            yield from self._matcher.match(batch)
            (progress or _silent)("match", start + len(batch), len(waiting))

    def match_text(
        self,
        title: str,
        body: str = "",
        *,
        lang: str = "und",
        organization: str | None = None,
        as_of: int | None = None,
    ) -> MatchList:
        """Match a text that nobody saved: a search. Restricted texts of documents take no part in it.

        `organization` is who asks, so that its own records and affiliates stay out.
        """
        texts = (Text(lang, title, body),)
        [found] = self.match([Need(id="search", organization=organization, texts=texts, as_of=as_of, is_search=True)])
        return found

    def rank(self, needs: Iterable[Need], *, progress: Progress | None = None) -> Ranking:
        """Return the same lists as `match` in columns, without explanations: a small part of the work.

        A need that cannot be matched has no rows. `progress` is called with ("rank", needs done, needs in all) and
        may raise to cancel.
        """
        waiting = list(needs)
        batches = self._usable(waiting)
        parts = self._each(self._matcher.rank, "rank", waiting, batches, progress)
        return join_rankings(parts, batches, len(waiting), self.settings, self._matcher.organization_ids)

    def assess(self, needs: Iterable[Need], *, progress: Progress | None = None) -> Assessed:
        """Return what every criterion found for every organization on the needs' shortlists, for learning and study.

        A need that cannot be matched has no pairs. `progress` is called with ("assess", needs done, needs in all) and
        may raise to cancel.
        """
        waiting = list(needs)
        batches = self._usable(waiting)
        parts = self._each(self._matcher.assess, "assess", waiting, batches, progress)
        return join_assessed(parts, batches, len(waiting), self._matcher.organization_ids)

    def shortlist(self, needs: Iterable[Need]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield (need id, organizations that would be scored for it)."""
        for _, batch in self._batches(list(needs)):
            for need, organizations in zip(batch, self._matcher.shortlist(batch), strict=True):
                yield need.id, organizations

    def touched(self, needs: Iterable[Need], *, former: Index, changed: Collection[str]) -> Iterator[tuple[str, bool]]:
        """Yield (need id, whether its list may differ from the one of a former index) for every need in turn.

        This index must have come of the former one by replacing or removing the `changed` organizations, once or
        repeatedly. More needs than those whose lists differ may be named, never fewer.
        """
        touching = self._compared(former, changed)
        for _, batch in self._batches(list(needs)):
            for need, touched in zip(batch, touching.touched(batch), strict=True):
                yield need.id, touched

    def reach(self, *, former: Index, changed: Collection[str]) -> Reach:
        """Return what replacing or removing the `changed` organizations moved between a former index and this one.

        The list of a need can only differ between the two where one of `Reach.organizations` asks, or where one of
        `Reach.passages` reaches a bar of the need's watch, set by the former index or by one before it that had the
        same passages above its bars.
        """
        return self._compared(former, changed).reach()

    def watch(self, needs: Iterable[Need], numbers: Sequence[tuple[int, int]]) -> Watches:
        """Return the watches of needs by this index; `numbers` are the caller's number and version of each."""
        watcher = self._matcher.watcher
        parts = [
            watcher.watch(batch, numbers[start : start + len(batch)]) for start, batch in self._batches(list(needs))
        ]
        return Watches.join(parts or [watcher.watch([], [])])

    def explain_absence(self, need: Need, organization: str) -> Match | Exclusion:
        """Say why an organization is not in a need's list, or return its match when it is.

        Raises `UnknownOrganizationError` when the index does not hold the organization.
        """
        if not self._matcher.knows(organization):
            raise UnknownOrganizationError(
                f"The index holds no organization {organization}; recompute it or check the id"
            )
        problem = unmatchable(need)
        if problem is not None:
            return Exclusion(organization, "hard_rule", (Reason(problem.code),))
        return self._matcher.explain(need, organization)

    def replace(
        self,
        documents: Iterable[Document],
        organizations: Iterable[Organization],
        *,
        removed: Iterable[str] = (),
        progress: Progress | None = None,
    ) -> Index:
        """Return an index in which these organizations and all their documents are as given, on the same statistics.

        Equal to building again with these statistics. Documents of organizations that are not given are refused and
        listed in `problems`. `progress` is called with (stage, done, in all or 0) and may raise to cancel. Raises
        `EncoderError` unless the index `reads_as_built`: its passages would be of two kinds.
        """
        if not self.reads_as_built:
            raise EncoderError(f"the encoder {self._base.encoder} is not here; build the index again")
        base, former = self._base, self._amendment
        newest = base if former is None else former.added
        fresh = build_snapshot(
            documents,
            organizations,
            self._reading,
            base.settings,
            vectors=self._vectors if base.encoder else VectorSource(None),
            statistics=base.statistics,
            words=newest.words.copy(),
            terms=newest.terms.copy(),
            progress=progress or _silent,
        )
        return self._amended(fresh, frozenset(removed))

    def _amended(self, fresh: Snapshot, removed: frozenset[str]) -> Index:
        base, former = self._base, self._amendment
        gone = removed.union(fresh.organization_ids, former.gone if former else ())
        added = fresh if former is None else replace_organizations(former.added, fresh, removed)
        if len(added.document_ids) <= self.settings.amendment_share * len(base.document_ids):
            return Index(base, self._reading, self._vectors, amendment=Amendment(added, gone), stored=self._stored)
        return Index(replace_organizations(base, added, gone), self._reading, self._vectors)

    def with_weights(self, weights: Mapping[str, float]) -> Index:
        """Return an index of the same records that scores with other weights, without building anything.

        Raises `SettingsError` when the weights do not name every criterion or do not sum to 100.
        """
        base = replace(self._base, settings=replace(self.settings, weights=weights))
        return Index(base, self._reading, self._vectors, amendment=self._amendment)

    def save(self, folder: Path) -> None:
        """Write the index to a folder that does not exist yet; it appears complete or not at all.

        Raises `FileExistsError` when the folder is there.
        """
        save_layers(self._base, self._amendment, folder, stored=self._stored)
        self._stored = folder

    @classmethod
    def load(cls, folder: Path, *, cache: Path | None = None) -> Index:
        """Open a saved index, memory-mapped. Raises `IndexCorruptError` when it is incomplete or damaged.

        When its encoder cannot be loaded here, it is asked by words and technologies alone and `problems` says so.
        """
        base, amendment = load_layers(folder)
        path = base.settings.encoder if base.encoder else None
        vectors, problems = open_source(path, None if cache is None else VectorCache(cache))
        return cls(
            base, Reading.of(base.taxonomy, base.settings), vectors, problems, amendment=amendment, stored=folder
        )

    def _compared(self, former: Index, changed: Collection[str]) -> Touching:
        """Compare with a former index, once for all who ask for the same comparison one after the other."""
        # Another thread may replace what this one has just made, so it is not read again.
        touching = self._touching
        if touching is None or not touching.compares(former._matcher, changed):
            touching = self._touching = Touching(former._matcher, self._matcher, changed)
            # Else each index in memory would hold all that it ever came of.
            former._touching = None
        return touching

    def _usable(self, needs: list[Need]) -> list[list[int]]:
        """Return the places of the needs that can be matched, in batches."""
        usable = [place for place, need in enumerate(needs) if unmatchable(need) is None]
        size = self.settings.batch_size
        return [usable[start : start + size] for start in range(0, len(usable), size)]

    def _each(
        self,
        work: Callable[[Sequence[Need]], _ResultT],
        stage: str,
        needs: list[Need],
        batches: list[list[int]],
        progress: Progress | None,
    ) -> list[_ResultT]:
        parts: list[_ResultT] = []
        done = 0
        for batch in batches:
            parts.append(work([needs[place] for place in batch]))
            done += len(batch)
            (progress or _silent)(stage, done, sum(map(len, batches)))
        return parts

    def _batches(self, needs: list[Need]) -> Iterator[tuple[int, list[Need]]]:
        size = self.settings.batch_size
        for start in range(0, len(needs), size):
            yield start, needs[start : start + size]


def build_index(
    documents: Iterable[Document],
    organizations: Iterable[Organization],
    taxonomy: Taxonomy,
    settings: Settings,
    *,
    cache: Path | None = None,
    statistics: Statistics | None = None,
    progress: Progress | None = None,
) -> Index:
    """Build an index; documents may stream and are let go once read.

    Records that cannot be used are skipped and listed in `Index.problems`. `cache` is a folder for sentence vectors,
    safe to share; `statistics` are those of another index, to build on the same ones. `progress` is called with
    (stage, done, in all or 0) and may raise to cancel.
    """
    vectors, problems = open_source(settings.encoder, None if cache is None else VectorCache(cache))
    reading = Reading.of(taxonomy, settings)
    snapshot = build_snapshot(
        documents,
        organizations,
        reading,
        settings,
        vectors=vectors,
        statistics=statistics,
        words=Vocabulary(),
        terms=Vocabulary(() if statistics is None else statistics.terms),
        progress=progress or _silent,
    )
    return Index(snapshot, reading, vectors, [*problems, *reading.graph.problems()])
