"""The records that speak for a match, resolved on behalf of the reader."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from consortia.disclosure.models import Disclosable, Tier
from consortia.disclosure.policies import highest_tiers, may_see_field, visible
from consortia.disclosure.viewer import Viewer
from consortia.evidence.selectors import visible_experience
from consortia.facilities.models import Facility
from consortia.listings.models import Capability
from ronghe.common.text import in_reader_language

_PAGES: Final[Mapping[str, str]] = {"capability": "listings:capability", "facility": "facilities:detail"}


@dataclass(frozen=True, slots=True)
class Record:
    """A capability, facility or past project as far as the reader may know of it.

    Attributes:
        kind: ``capability``, ``facility`` or ``experience``.
        title: in the reader's language; says so where the record is not disclosed.
        public_id: for addresses; empty where the record is not disclosed.
        address: its page; empty where it has none, or is not disclosed.
        is_disclosed: whether the reader may know of it.
    """

    kind: str
    title: str
    public_id: str = ""
    address: str = ""
    is_disclosed: bool = True


@dataclass(frozen=True, slots=True)
class Records:
    """Everything that a set of explanations refers to.

    Attributes:
        by_document: the engine's id of a document → the record.
        naming: records whose restricted owner is told by naming them, with the tier that allows it.
    """

    by_document: Mapping[str, Record]
    naming: tuple[tuple[Disclosable, Tier], ...] = ()

    def of(self, document: str) -> Record:
        """The record behind a document of the engine."""
        return self.by_document.get(document) or _undisclosed(document.split(":", 1)[0])


def load_records(viewer: Viewer, documents: Collection[str]) -> Records:
    """Resolve documents of the engine; at most five queries, however many there are."""
    ids: dict[str, set[int]] = defaultdict(set)
    for document in documents:
        kind, pk, _owner = _parts(document)
        ids[kind].add(pk)
    found: dict[tuple[str, int], Record] = {}
    naming: list[tuple[Disclosable, Tier]] = []
    if ids["capability"]:
        _add_capabilities(viewer, ids["capability"], found, naming)
    if ids["facility"]:
        for facility in visible(viewer, Facility.objects.filter(pk__in=ids["facility"])):
            found["facility", facility.pk] = _record("facility", str(facility), facility)
    if ids["experience"]:
        for project in visible_experience(viewer).filter(pk__in=ids["experience"]).prefetch_related(None):
            found["experience", project.pk] = _record("experience", project.title, project)
    resolved = {document: found.get(_parts(document)[:2]) for document in documents}
    by_document = {document: record for document, record in resolved.items() if record is not None}
    return Records(by_document, tuple(naming))


def _add_capabilities(
    viewer: Viewer,
    ids: Collection[int],
    found: dict[tuple[str, int], Record],
    naming: list[tuple[Disclosable, Tier]],
) -> None:
    rows = list(visible(viewer, Capability.objects.filter(pk__in=ids)).prefetch_related("translations"))
    tiers = highest_tiers(viewer, (row.organization_id for row in rows))
    for row in rows:
        reached = tiers[row.organization_id]
        # Naming the capability under its organization tells whose it is.
        if not may_see_field(row, "organization", reached=reached):
            continue
        if row.tier_of_field("organization") != Tier.PUBLIC:
            naming.append((row, reached))
        titles = {row.language: row.title, **{item.language: item.title for item in row.translations.all()}}
        found["capability", row.pk] = _record("capability", in_reader_language(titles), row)


def _record(kind: str, title: str, row: Any) -> Record:
    public_id = str(row.public_id)
    address = reverse(_PAGES[kind], args=[public_id]) if kind in _PAGES else ""
    return Record(kind=kind, title=title, public_id=public_id, address=address)


def _undisclosed(kind: str) -> Record:
    return Record(kind=kind, title=_("a record that is not disclosed to you"), is_disclosed=False)


def _parts(document: str) -> tuple[str, int, str]:
    """Kind, primary key and, for a project, the participant: ``experience:7/12``."""
    kind, _colon, rest = document.partition(":")
    pk, _slash, owner = rest.partition("/")
    return kind, int(pk), owner
