"""Ranking a judged set with the engine, over capabilities and over organizations.

A capability is ranked by letting it speak alone for its organization: an index in which each capability is an
organization with its owner's type, country and size. Organizations are ranked by everything that speaks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from matching.engine import Document, Organization, Settings, build_index
from matching.evaluation.judged_set import JudgedSet, read_judged_set
from matching.evaluation.metrics import Metric, Scores, measure_all, ndcg, recall, reciprocal_rank
from matching.evaluation.ranking import (
    Progress,
    Ranked,
    Stopwatch,
    deep_enough,
    differences,
    intervals,
    means,
    peak_memory_mb,
    rank_needs,
    silent,
)
from ronghe.common.errors import InvalidInput

METRICS: Final[Mapping[str, Metric]] = {"nDCG@10": ndcg(10), "R@20": recall(20), "MRR": reciprocal_rank()}
"""nDCG takes the grade itself as gain. MRR reads the list as far down as it was ranked."""
DEFAULT_TOP: Final = 1000
CAPABILITIES: Final = "capabilities"
ORGANIZATIONS: Final = "organizations"

_MOST_PASSAGES: Final = 50_000
"""Texts per need that are scored in full; a set with more of them is read as deep as this."""
_EVERY_POSTING: Final = 1_000_000_000

Grades = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of all needs over capabilities and over organizations; empty for what the set does not have."""

    capabilities: tuple[Ranked, ...]
    organizations: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class JudgedReport:
    """What an evaluation found."""

    judged: JudgedSet
    lists: Lists
    top: int
    """How many rows per need are written; the metrics read on."""
    against: Lists | None
    seconds: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values; metrics are means over needs, intervals hold them with 95 % confidence."""
        judged = self.judged
        return {
            "evaluation": "judged",
            "counts": {
                "needs": len(judged.needs),
                "organizations": len(judged.organizations),
                "capabilities": len(judged.capabilities),
                "experience": len(judged.experience),
                "judgements": sum(len(items) for items in judged.grades.values()),
            },
            CAPABILITIES: self._section(measure_capabilities),
            ORGANIZATIONS: self._section(measure_organizations),
            "splits": {
                f"{asked}→{offered}": section
                for asked in ("zh", "en")
                for offered in ("zh", "en")
                if (section := self._section(_split(asked, offered)))
            },
            "ignored": dict(judged.ignored),
            "seconds": dict(self.seconds),
            "peak_memory_mb": peak_memory_mb(),
        }

    def rows(self) -> Iterable[tuple[str, str, str, float]]:
        """Yield need, organization, capability and score of every ranked row, each list best first.

        A capability's score is what it earns speaking alone. Organizations that have no capability are named without
        one, so that whoever ranks capabilities, or organizations by their best, reads one score for each.
        """
        owner = {item.id: item.organization for item in self.judged.capabilities}
        offering = set(owner.values())
        for ranked in self.lists.capabilities:
            for name, score in _rows(ranked, self.top):
                yield ranked.need, owner[name], name, score
        for ranked in self.lists.organizations:
            for name, score in _rows(ranked, self.top):
                if name not in offering:
                    yield ranked.need, name, "", score

    def _section(self, measure: Callable[[JudgedSet, Lists], Scores]) -> dict[str, Any] | None:
        """Return one block of metrics, None where no need has anything relevant."""
        scores = measure(self.judged, self.lists)
        counted = len(next(iter(scores.values())))
        if not counted:
            return None
        section = {"needs": counted, **means(scores), "intervals": intervals(scores)}
        if self.against is not None:
            others = measure(self.judged, self.against)
            section["against"] = {**means(others), "differences": differences(scores, others)}
        return section


def evaluate_judged(
    folder: Path,
    *,
    settings: Settings,
    against: Settings | None = None,
    top: int = DEFAULT_TOP,
    cache: Path | None = None,
    progress: Progress = silent,
) -> JudgedReport:
    """Rank a judged set and measure the lists against its grades.

    Args:
        folder: holds the set's JSON lists.
        settings: the engine's settings; lists reach down to rank 1000 or `top` whatever `top_k` says.
        against: other settings to compare with, need by need.
        top: how many rows per need are written, 1 or more; all organizations where there are fewer.
        cache: a folder for sentence vectors.
        progress: told how far it is.

    Raises:
        InvalidInput: the set cannot be used, or `top` is not above 0.
    """
    if top < 1:
        message = f"--top is {top}; give a whole number of 1 or more."
        raise InvalidInput(message, fields={"top": [message]})
    watch = Stopwatch()
    judged = read_judged_set(folder)
    watch.lap("read")
    depth = max(top, DEFAULT_TOP)
    lists = rank_judged(judged, settings, depth=depth, cache=cache, progress=progress)
    watch.lap("rank")
    others = None if against is None else rank_judged(judged, against, depth=depth, cache=cache, progress=progress)
    return JudgedReport(judged, lists, top, others, watch.seconds)


def rank_judged(
    judged: JudgedSet,
    settings: Settings,
    *,
    depth: int = DEFAULT_TOP,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Lists:
    """Return the engine's lists over capabilities and over organizations."""

    def rank(documents: Sequence[Document], organizations: Sequence[Organization]) -> tuple[Ranked, ...]:
        if not documents:
            return ()
        chosen = _reaching(settings, depth, documents, organizations)
        index = build_index(documents, organizations, judged.taxonomy, chosen, cache=cache, progress=progress)
        lists = rank_needs(index, judged.needs, progress)
        return tuple(_completed(ranked, organizations, depth) for ranked in lists)

    return Lists(
        capabilities=rank(*_speaking_alone(judged)),
        organizations=rank((*judged.capabilities, *judged.experience), judged.organizations),
    )


def measure_capabilities(judged: JudgedSet, lists: Lists) -> Scores:
    """Return every metric per need over capabilities; needs without a relevant one are left out."""
    names = {item.id for item in judged.capabilities}
    grades = {need: _only(items, names) for need, items in judged.grades.items()}
    return _measured(lists.capabilities, grades)


def measure_organizations(judged: JudgedSet, lists: Lists) -> Scores:
    """Return every metric per need over organizations, each graded like the best of its capabilities."""
    owner = {item.id: item.organization for item in judged.capabilities}
    names = {item.id for item in judged.organizations}
    grades: dict[str, dict[str, float]] = {}
    for need, items in judged.grades.items():
        best = grades.setdefault(need, {})
        for item, grade in items.items():
            # An organization may have the id of a capability: then the judgement counts for what it names.
            name = item if item in names else owner[item]
            best[name] = max(grade, best.get(name, grade))
    return _measured(lists.organizations, grades)


def _split(asked: str, offered: str) -> Callable[[JudgedSet, Lists], Scores]:
    """Measure the needs in one language over the capabilities in one language, as if there were no others."""

    def measure(judged: JudgedSet, lists: Lists) -> Scores:
        kept = {item.id for item in judged.capabilities if judged.capability_languages.get(item.id) == offered}
        grades = {
            need: _only(items, kept)
            for need, items in judged.grades.items()
            if judged.need_languages.get(need) == asked
        }
        return _measured([_filtered(ranked, kept) for ranked in lists.capabilities], grades)

    return measure


def _measured(lists: Iterable[Ranked], grades: Grades) -> dict[str, list[float]]:
    scores: dict[str, list[float]] = {name: [] for name in METRICS}
    for ranked in lists:
        items = grades.get(ranked.need, {})
        if any(grade > 0 for grade in items.values()):
            for name, value in measure_all(ranked.organizations, items, METRICS).items():
                scores[name].append(value)
    return scores


def _speaking_alone(judged: JudgedSet) -> tuple[list[Document], list[Organization]]:
    owners = {item.id: item for item in judged.organizations}
    documents = [replace(item, organization=item.id) for item in judged.capabilities]
    return documents, [replace(owners[item.organization], id=item.id) for item in judged.capabilities]


def _reaching(
    settings: Settings, depth: int, documents: Sequence[Document], organizations: Sequence[Organization]
) -> Settings:
    """Return settings whose lists reach down to `depth`, or to the end where there are fewer organizations."""
    passages = max(settings.passages, min(len(documents), _MOST_PASSAGES))
    return replace(
        deep_enough(settings, min(depth, len(organizations))),
        passages=passages,
        candidates=max(settings.candidates, passages),
        scanned_postings=max(settings.scanned_postings, _EVERY_POSTING),
    )


def _completed(ranked: Ranked, organizations: Sequence[Organization], depth: int) -> Ranked:
    """Fill a list up to `depth` with those that have nothing in common with the need, at 0, by their ids."""
    others = sorted({item.id for item in organizations}.difference(ranked.organizations))
    others = others[: max(depth - len(ranked.organizations), 0)]
    return Ranked(ranked.need, (*ranked.organizations, *others), ranked.scores + (0.0,) * len(others))


def _rows(ranked: Ranked, top: int) -> Iterable[tuple[str, float]]:
    return zip(ranked.organizations[:top], ranked.scores[:top], strict=True)


def _filtered(ranked: Ranked, kept: set[str]) -> Ranked:
    rows = [row for row in zip(ranked.organizations, ranked.scores, strict=True) if row[0] in kept]
    return Ranked(ranked.need, tuple(name for name, _ in rows), tuple(score for _, score in rows))


def _only(items: Mapping[str, float], kept: set[str]) -> dict[str, float]:
    return {item: grade for item, grade in items.items() if item in kept}
