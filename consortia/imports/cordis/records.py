"""From the spool to what the rooms' services take."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from consortia.evidence.services import ImportedExperience, ImportedParticipation
from consortia.imports.cordis.layout import CURRENCY, LANGUAGE
from consortia.imports.cordis.spool import SpooledOrganization, SpooledParticipation, SpooledProject
from consortia.organizations.models import Identifier
from consortia.organizations.services import ImportedOrganization


def organization_record(spooled: SpooledOrganization, other_names: Sequence[str]) -> ImportedOrganization:
    """An organization, recognized by its PIC. CORDIS writes every name in Latin letters and tells no language."""
    identifiers = [(Identifier.Scheme.PIC.value, spooled.pic)]
    if spooled.vat:
        identifiers.append((Identifier.Scheme.VAT.value, spooled.vat))
    aliases = [name for name in (spooled.short_name, *other_names) if name and name != spooled.name]
    return ImportedOrganization(
        key=spooled.pic,
        names={LANGUAGE: spooled.name},
        type=spooled.type,
        identifiers=identifiers,
        aliases=aliases,
        country=spooled.country,
        nuts_code=spooled.nuts_code,
        city=spooled.city,
        is_sme=None if spooled.is_sme is None else bool(spooled.is_sme),
        latitude=spooled.latitude,
        longitude=spooled.longitude,
        website=spooled.website,
    )


def experience_record(
    spooled: SpooledProject,
    *,
    participations: Sequence[SpooledParticipation],
    organization_ids: Mapping[str, int],
    technology_ids: Sequence[int],
) -> ImportedExperience:
    """A project as the experience of those of its participants that are known.

    Args:
        spooled: the project.
        participations: its participants, known or not.
        organization_ids: primary key by PIC.
        technology_ids: primary keys of its technologies.
    """
    return ImportedExperience(
        source_id=spooled.id,
        title=spooled.title,
        language=LANGUAGE,
        abstract=spooled.abstract,
        keywords=spooled.keywords,
        started_on=_day(spooled.started_on),
        ended_on=_day(spooled.ended_on),
        signed_on=_day(spooled.signed_on),
        call=spooled.call,
        funding_scheme=spooled.funding_scheme,
        cost=_amount(spooled.cost),
        currency=CURRENCY,
        technology_ids=technology_ids,
        participations=[
            ImportedParticipation(
                organization_id=organization_ids[part.pic], role=part.role, contribution=_amount(part.contribution)
            )
            for part in participations
            if part.pic in organization_ids
        ],
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
