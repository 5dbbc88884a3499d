"""Organizations of the demo network, how they belong together, and what speaks for them.

None of them has a register number: a number with a valid checksum that somebody makes up may be a real body's.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from consortia.evidence.models import Evidence
from consortia.evidence.services import (
    EvidenceDraft,
    ImportedExperience,
    ImportedParticipation,
    add_evidence,
    record_imported_experience,
    verify_evidence,
)
from consortia.imports.demo.records import EvidenceEntry, OrganizationEntry
from consortia.imports.demo.work import SOURCE, Work
from consortia.organizations.models import Affiliation, Organization
from consortia.organizations.services import (
    ImportedOrganization,
    affiliate,
    record_imported_organizations,
    verify_organization,
)
from ronghe.common.text import CHINESE, ENGLISH


def load_organizations(work: Work) -> dict[str, Organization]:
    """Bring the organizations to the state of the files, and return them by id.

    Those that somebody owns by now keep what their people wrote.
    """
    entries = work.network.organizations
    outcome = record_imported_organizations(records=map(_imported, entries), source=SOURCE)
    for problem in outcome.problems:
        work.log.note(problem.key, problem.field, problem.message)
    tally = work.tally("organizations")
    tally.created, tally.updated = outcome.created, outcome.updated
    tally.unchanged = len(outcome.ids) - outcome.created - outcome.updated
    rows = Organization.objects.in_bulk(outcome.ids.values())
    organizations = {key: rows[pk] for key, pk in outcome.ids.items()}
    work.progress.begin("organizations", total=len(entries))
    for entry in entries:
        if entry.id in organizations:
            _verify(work, entry, organizations[entry.id])
        work.progress.advance(1)
    _affiliate(work, organizations)
    return organizations


def load_evidence(work: Work, organizations: Mapping[str, Organization]) -> None:
    """Add the documents that are not there yet, verify those that count, and record past projects."""
    stored = Evidence.objects.filter(organization__in=organizations.values())
    known = {(row.organization_id, row.kind, row.title): row for row in stored}
    for entry in work.network.organizations:
        if entry.id not in organizations:
            continue
        organization = organizations[entry.id]
        for number, given in enumerate(entry.evidence):
            assessor = organizations.get(given.assessor or "")
            evidence = known.get((organization.pk, given.kind, given.title))
            with work.log.collecting(entry.id, prefix=f"evidence.{number}."):
                if evidence is None:
                    evidence = _claim(work, organization, given, assessor)
                    work.tally("evidence").count(created=True)
                else:
                    work.tally("evidence").count(updated=_waits(given, evidence))
                if _waits(given, evidence):
                    verify_evidence(actor=work.actor, evidence=evidence)
    _load_experience(work, organizations)


def _imported(entry: OrganizationEntry) -> ImportedOrganization:
    return ImportedOrganization(
        key=entry.id,
        source_id=entry.id,
        names=entry.names,
        aliases=entry.aliases,
        descriptions=entry.description,
        type=entry.type,
        country=entry.country,
        region=entry.region,
        city=entry.city.get(CHINESE if entry.country == "CN" else ENGLISH, ""),
        is_sme=entry.sme,
        size=entry.size,
        ownership=entry.ownership,
        latitude=entry.place[0],
        longitude=entry.place[1],
        website=entry.website,
        contact_email=f"contact@{urlsplit(entry.website).hostname}",
        is_fictitious=True,
    )


def _verify(work: Work, entry: OrganizationEntry, organization: Organization) -> None:
    # Only what waits: an organization that a curator has suspended since is not reinstated.
    if entry.verified and organization.status == Organization.Status.PENDING:
        with work.log.collecting(entry.id):
            level = Organization.VerificationLevel.CURATOR
            verify_organization(actor=work.actor, organization=organization, level=level)


def _affiliate(work: Work, organizations: Mapping[str, Organization]) -> None:
    stored = Affiliation.objects.filter(organization__in=organizations.values())
    known = set(stored.values_list("organization_id", "other_id", "kind"))
    for entry in work.network.organizations:
        for number, given in enumerate(entry.affiliations):
            one, other = organizations.get(entry.id), organizations.get(given.to)
            if one is None or other is None:
                continue
            is_new = (one.pk, other.pk, given.kind) not in known
            if is_new:
                with work.log.collecting(entry.id, prefix=f"affiliations.{number}."):
                    affiliate(actor=work.actor, organization=one, other=other, kind=given.kind)
            work.tally("affiliations").count(created=is_new)


def _claim(work: Work, organization: Organization, given: EvidenceEntry, assessor: Organization | None) -> Evidence:
    draft = EvidenceDraft(
        kind=given.kind, title=given.title, issuer=given.issuer, issued_on=given.date, assessor=assessor
    )
    return add_evidence(actor=work.actor, organization=organization, draft=draft)


def _waits(given: EvidenceEntry, evidence: Evidence) -> bool:
    """Whether it is to be verified and nobody has decided on it."""
    return given.verified and evidence.status == Evidence.Status.CLAIMED


def _load_experience(work: Work, organizations: Mapping[str, Organization]) -> None:
    outcome = record_imported_experience(records=_experience(work, organizations), source=SOURCE)
    for problem in outcome.problems:
        work.log.note(problem.key, problem.field, problem.message)
    tally = work.tally("experience")
    tally.created, tally.updated, tally.unchanged = outcome.created, outcome.updated, outcome.unchanged


def _experience(work: Work, organizations: Mapping[str, Organization]) -> Iterator[ImportedExperience]:
    for entry in work.network.experiences:
        yield ImportedExperience(
            source_id=entry.id,
            title=entry.title,
            abstract=entry.abstract,
            language=entry.lang,
            started_on=entry.start,
            ended_on=entry.end,
            participations=[
                ImportedParticipation(organization_id=organizations[part.organization].pk, role=part.role)
                for part in entry.participants
                if part.organization in organizations
            ],
        )
