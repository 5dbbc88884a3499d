"""Blocking: the hard rules. Each rule is one class; each drop has a reason that can be asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from matching.engine.columns import Array, Bools, Ints, Ragged, Vocabulary, held_in
from matching.engine.cooperation import CooperationGraph
from matching.engine.passages import PassageTable
from matching.engine.queries import Query
from matching.engine.tables import REACHES, DocumentTable, OrganizationTable
from matching.engine.types import Need, Problem, Reason
from matching.engine.validation import need_faults


@dataclass(frozen=True, slots=True)
class Records:
    """What rules and criteria may look at."""

    organizations: OrganizationTable
    documents: DocumentTable
    passages: PassageTable
    words: Vocabulary
    rows: dict[str, int]
    """Row of every organization by its id."""
    cooperation: CooperationGraph

    def codes(self, words: Iterable[str]) -> Ints:
        """Return the codes of the words that occur anywhere in the index."""
        found = sorted(code for code in map(self.words.code, words) if code >= 0)
        return np.array(found, dtype=np.int64)

    def owner(self, query: Query) -> int:
        """Return the row of the organization that asks, -1 when the index does not hold it."""
        return -1 if query.need.organization is None else self.rows.get(query.need.organization, -1)


class OrganizationRule(Protocol):
    """Says which organizations a need can never be matched with."""

    code: ClassVar[str]

    def concerns(self, need: Need) -> bool:
        """Say whether the rule could bar anybody from this need at all."""
        ...

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return, for each organization row, whether it is out."""
        ...


class OwnOrganization:
    """Nobody is proposed to themselves."""

    code: ClassVar[str] = "own_organization"

    def concerns(self, need: Need) -> bool:
        """Ask where somebody is named as asking."""
        return need.organization is not None

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return where the candidate is the asker."""
        return np.asarray(rows == records.owner(query))


class _Linked:
    """Two organizations that either of them names as linked."""

    code: ClassVar[str]
    column: ClassVar[str]

    def concerns(self, need: Need) -> bool:
        """Ask where somebody is named as asking."""
        return need.organization is not None

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return where the asker names the candidate or the candidate names the asker."""
        links: Ragged = getattr(records.organizations, self.column)
        asker = records.codes([query.need.organization] if query.need.organization else [])
        naming = holds_any(links, rows, asker)
        owner = records.owner(query)
        if owner < 0:
            return naming
        return naming | held_in(records.organizations.code[rows], links.row(owner))


class Affiliate(_Linked):
    """Parents, subsidiaries and group members are no partners to be found."""

    code: ClassVar[str] = "affiliate"
    column: ClassVar[str] = "affiliates"


class ConflictOfInterest(_Linked):
    """Declared conflicts hold both ways."""

    code: ClassVar[str] = "conflict_of_interest"
    column: ClassVar[str] = "conflicts"


class Suspended:
    """Suspended organizations are not proposed."""

    code: ClassVar[str] = "suspended"

    def concerns(self, need: Need) -> bool:
        """Ask always."""
        return True

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return where the candidate is suspended."""
        return np.asarray(records.organizations.suspended[rows], dtype=np.bool_)


class Declined:
    """What was declined for this need does not come back."""

    code: ClassVar[str] = "declined"

    def concerns(self, need: Need) -> bool:
        """Ask where somebody was declined."""
        return bool(need.declined_organizations)

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return where the candidate was declined."""
        return held_in(records.organizations.code[rows], records.codes(query.need.declined_organizations))


class Eligibility:
    """Where a need names eligible countries, an organization elsewhere or nowhere is out."""

    code: ClassVar[str] = "country_not_eligible"

    def concerns(self, need: Need) -> bool:
        """Ask where eligible countries are named."""
        return bool(need.eligible_countries)

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return where the candidate's country is not among those named."""
        if not query.need.eligible_countries:
            return np.zeros(len(rows), dtype=np.bool_)
        return ~held_in(records.organizations.country[rows], records.codes(query.need.eligible_countries))


class ExportGate:
    """Nothing crosses into a country behind the export gate; an unknown country is not let through either."""

    code: ClassVar[str] = "export_gate"

    def concerns(self, need: Need) -> bool:
        """Ask where countries are blocked."""
        return bool(need.blocked_countries)

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return where the candidate's country is blocked or unknown."""
        if not query.need.blocked_countries:
            return np.zeros(len(rows), dtype=np.bool_)
        countries = records.organizations.country[rows]
        return held_in(countries, records.codes(query.need.blocked_countries)) | (countries < 0)


class Certificates:
    """All required certificates must be held."""

    code: ClassVar[str] = "certificate_missing"

    def concerns(self, need: Need) -> bool:
        """Ask where certificates are required."""
        return bool(need.required_certificates)

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return where the candidate lacks one of the certificates."""
        required = query.need.required_certificates
        codes = records.codes(required)
        if len(codes) < len(required):
            return np.ones(len(rows), dtype=np.bool_)
        return count_of(records.organizations.certificates, rows, codes) < len(codes)


ORGANIZATION_RULES: tuple[OrganizationRule, ...] = (
    OwnOrganization(),
    Affiliate(),
    ConflictOfInterest(),
    Suspended(),
    Declined(),
    Eligibility(),
    ExportGate(),
    Certificates(),
)


class DocumentRule(Protocol):
    """Says which documents may not speak for their organization."""

    code: ClassVar[str]

    def matters(self, records: Records) -> bool:
        """Say whether the rule could drop any of the documents at all."""
        ...

    def concerns(self, need: Need) -> bool:
        """Say whether the rule could drop anything for this need at all."""
        ...

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return, for each document row, whether it is out."""
        ...


class Expired:
    """A listing past its validity offers nothing any more."""

    code: ClassVar[str] = "listing_expired"

    def matters(self, records: Records) -> bool:
        """Ask where any document says until when it is valid."""
        return not np.isnan(records.documents.valid_until).all()

    def concerns(self, need: Need) -> bool:
        """Ask where the need says as of which day."""
        return need.as_of is not None

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return where validity ended before the day the need is asked on."""
        if query.need.as_of is None:
            return np.zeros(len(rows), dtype=np.bool_)
        return np.asarray(records.documents.valid_until[rows] < query.need.as_of, dtype=np.bool_)


class NotDisclosed:
    """A document with an audience speaks to that audience only."""

    code: ClassVar[str] = "not_disclosed"

    def matters(self, records: Records) -> bool:
        """Ask where any document has an audience."""
        return bool(records.documents.has_audience.any())

    def concerns(self, need: Need) -> bool:
        """Ask always."""
        return True

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return where the asker is not in the audience."""
        asker = records.codes([query.need.organization] if query.need.organization else [])
        closed = np.asarray(records.documents.has_audience[rows], dtype=np.bool_)
        return closed & ~holds_any(records.documents.audience, rows, asker)


class OutOfReach:
    """Restricted texts answer no searches, and what stands in for them there answers no needs."""

    code: ClassVar[str] = "out_of_reach"

    def matters(self, records: Records) -> bool:
        """Ask where any document is not for everybody."""
        return bool(np.any(records.documents.reach != REACHES.index("everybody")))

    def concerns(self, need: Need) -> bool:
        """Ask always."""
        return True

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return where the document is for the other kind of question."""
        other = REACHES.index("needs" if query.need.is_search else "searches")
        return np.asarray(records.documents.reach[rows] == other, dtype=np.bool_)


class RouteLock:
    """A need locked to routes cannot use what declares another route of the same technology."""

    code: ClassVar[str] = "route_locked"

    def matters(self, records: Records) -> bool:
        """Ask where any document declares a route."""
        return bool(np.any(records.passages.routes.values >= 0))

    def concerns(self, need: Need) -> bool:
        """Ask where the need is locked to routes."""
        return need.route_locked

    def blocks(self, query: Query, records: Records, rows: Ints) -> Bools:
        """Return where the document declares only other routes of a locked technology."""
        out = np.zeros(len(rows), dtype=np.bool_)
        if not query.need.route_locked:
            return out
        for technology, routes in query.wanted_routes.items():
            met, other = route_fit(records, rows, technology, routes)
            out |= other & ~met
        return out


DOCUMENT_RULES: tuple[DocumentRule, ...] = (Expired(), NotDisclosed(), OutOfReach(), RouteLock())


def need_reason(need: Need) -> Reason | None:
    """Return why a need takes no matches at all, if so."""
    if need.closed:
        return Reason("need_closed")
    if need.deadline is not None and need.as_of is not None and need.deadline < need.as_of:
        return Reason("need_expired", {"deadline": need.deadline})
    return None


def unmatchable(need: Need) -> Problem | None:
    """Return why a need cannot be matched at all, if so."""
    faults = need_faults(need)
    if faults:
        return Problem("need", str(need.id), "invalid", "; ".join(faults))
    reason = need_reason(need)
    return None if reason is None else Problem("need", need.id, reason.code, "The need takes no matches any more")


def route_fit(records: Records, rows: Ints, technology: str, routes: Iterable[str]) -> tuple[Bools, Bools]:
    """Return which documents declare one of the routes, and which declare another route of the same technology."""
    passages = records.documents.passage[rows]
    owners, positions = records.passages.technologies.expand(passages)
    same = records.passages.technologies.values[positions] == records.words.code(technology)
    declared = records.passages.routes.values[positions]
    wanted = held_in(declared, records.codes(routes))
    return _marked(owners[same & wanted], len(rows)), _marked(owners[same & ~wanted & (declared >= 0)], len(rows))


def holds_any(column: Ragged, rows: Ints, codes: Array) -> Bools:
    """Return which rows hold at least one of the codes."""
    return count_of(column, rows, codes) > 0


def count_of(column: Ragged, rows: Ints, codes: Array) -> Ints:
    """Return how many of the codes each row holds."""
    if not len(codes) or not len(column.values):
        return np.zeros(len(rows), dtype=np.int64)
    owners, positions = column.expand(rows)
    return np.bincount(owners[held_in(column.values[positions], codes)], minlength=len(rows))


def _marked(owners: Ints, size: int) -> Bools:
    marks = np.zeros(size, dtype=np.bool_)
    marks[owners] = True
    return marks
