"""Real consortia, split in time: what was signed before a day is experience, what was signed after it are needs.

The protocol keeps three things apart that would otherwise leak into one another: what was signed later, what became
known only after the award, and the names of the participants in the text of the very project that is to find them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from consortia.imports.cordis.layout import LANGUAGE
from matching.engine import Document, Index, Need, Organization, Settings, Taxonomy, Text, build_index
from matching.evaluation.archive import Part, Project
from matching.evaluation.masking import NameMask
from matching.evaluation.metrics import Metric, hit, ndcg, recall, reciprocal_rank
from matching.evaluation.ranking import Progress, silent
from ronghe.common.errors import InvalidInput

METRICS: Final[Mapping[str, Metric]] = {
    "R@20": recall(20),
    "R@100": recall(100),
    "nDCG@20": ndcg(20),
    "MRR@100": reciprocal_rank(100),
    "Hit@20": hit(20),
}
DEPTH: Final = 100
"""How far down the lists are read."""
LEAST_ORGANIZATIONS: Final = 3
"""Organizations that make a consortium."""
UNKNOWN_TYPE: Final = "unknown"
_FELLOWSHIPS: Final = frozenset({"MSCA", "ERC"})


class Task(StrEnum):
    """What is asked: all partners of a consortium, or those that complete its coordinator's."""

    PARTNERS = "partners"
    COMPLETION = "completion"


class Actions(StrEnum):
    """Which projects are needs: real consortia, or fellowships and grants to single researchers as well."""

    CONSORTIUM = "consortium"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` to the day before `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise InvalidInput(
                f"The period from {self.start} to {self.end} holds no day; give --from a day before --to.",
                fields={"from": ["Give a day before --to."], "to": ["Give a day after --from."]},
            )

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


@dataclass(frozen=True, slots=True)
class Trial:
    """A period cut out of the archive, ready for the engine."""

    documents: tuple[Document, ...]
    organizations: tuple[Organization, ...]
    """The candidates, in the order of their ids."""
    needs: tuple[Need, ...]
    relevant: Mapping[str, frozenset[str]]
    """By need, the candidates that took part in it; never empty."""
    left_out: int
    """Projects of the period without any relevant candidate."""

    @property
    def types(self) -> dict[str, str]:
        """The type of every candidate."""
        return {organization.id: organization.type or UNKNOWN_TYPE for organization in self.organizations}

    def index(self, settings: Settings, *, cache: Path | None = None, progress: Progress = silent) -> Index:
        """Build the engine's index of the history. `cache` is a folder for sentence vectors."""
        return build_index(self.documents, self.organizations, Taxonomy(), settings, cache=cache, progress=progress)


def make_trial(
    projects: Iterable[Project], period: Period, *, task: Task = Task.PARTNERS, actions: Actions = Actions.CONSORTIUM
) -> Trial:
    """Cut a period out of the archive.

    Args:
        projects: all projects that were read; those signed at or after the end of the period play no part.
        period: the days on which the needs were signed. What was signed before them is the history.
        task: `COMPLETION` names the coordinator as the owner of the need, who is then neither candidate nor relevant.
        actions: which projects are needs; all actions are history.

    Raises:
        InvalidInput: there is no history before the period, or no need in it.
    """
    ordered = sorted(projects, key=lambda project: project.id)
    history = [project for project in ordered if project.signed_on < period.start]
    organizations = tuple(_organizations(history))
    candidates = frozenset(organization.id for organization in organizations)
    needs: list[Need] = []
    relevant: dict[str, frozenset[str]] = {}
    left_out = 0
    for project in ordered:
        if not is_need(project, period, actions):
            continue
        owner = project.coordinator if task is Task.COMPLETION else None
        found = candidates & {part.organization for part in project.parts if part is not owner}
        if found and (owner is not None or task is Task.PARTNERS):
            needs.append(_need(project, owner, as_of=period.start))
            relevant[project.id] = found
        else:
            left_out += 1
    _refuse_empty(history, needs, period)
    return Trial(tuple(_documents(history)), organizations, tuple(needs), relevant, left_out)


def is_need(project: Project, period: Period, actions: Actions) -> bool:
    """Say whether a project of the archive is one that a period's lists are measured on."""
    return (
        project.signed_on in period
        and len(project.parts) >= LEAST_ORGANIZATIONS
        and (actions is Actions.ALL or _FELLOWSHIPS.isdisjoint(project.scheme.split("-")))
    )


def _refuse_empty(history: Collection[Project], needs: Collection[Need], period: Period) -> None:
    if not history:
        message = f"The archive holds no project signed before {period.start}; give a later --from."
        raise InvalidInput(message, fields={"from": [message]})
    if not needs:
        message = (
            f"No project signed from {period.start} to {period.end} can be scored; "
            "give another period, or --actions all."
        )
        raise InvalidInput(message, fields={"from": [message], "to": [message]})


def _need(project: Project, owner: Part | None, *, as_of: date) -> Need:
    """Write a project as its coordinator would have published it; a known owner would rather stay in the country."""
    mask = NameMask(name for part in project.parts for name in part.names)
    return Need(
        id=project.id,
        organization=None if owner is None else owner.organization,
        texts=(_text(project, mask.apply),),
        regions=frozenset() if owner is None or owner.country is None else frozenset({owner.country}),
        as_of=as_of.toordinal(),
    )


def _text(project: Project, masked: Callable[[str], str] = str) -> Text:
    """Return what a project says, with programme and call as words: who answers the same calls works in one field."""
    told = (masked(project.objective), masked(project.keywords), project.legal_basis, project.call)
    return Text(LANGUAGE, masked(project.title), "\n".join(filter(None, told)))


def _documents(history: Sequence[Project]) -> Iterator[Document]:
    for project in history:
        texts = (_text(project),)
        for part in project.parts:
            yield Document(
                id=f"{project.id}/{part.organization}",
                organization=part.organization,
                kind="experience",
                texts=texts,
                day=project.signed_on.toordinal(),
                role="coordinator" if part.coordinates else "participant",
            )


def _organizations(history: Sequence[Project]) -> Iterator[Organization]:
    """Describe every participant as its latest project of the history does."""
    latest = {
        part.organization: part
        for project in sorted(history, key=lambda project: (project.signed_on, project.id))
        for part in project.parts
    }
    for name in sorted(latest):
        part = latest[name]
        yield Organization(id=name, type=part.type, country=part.country, sme=part.is_sme)
