"""Recording past projects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.evidence.models import Experience, Participation
from consortia.organizations.models import Organization
from consortia.organizations.policies import require_editor, require_in_good_standing
from consortia.technologies.models import Technology
from ronghe.common.text import guess_language
from ronghe.common.validation import Faults, check_record
from ronghe.events.services import emit

MAX_PARTICIPANTS: Final = 200
MAX_TECHNOLOGIES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantDraft:
    """An organization's part in a past project; one of `Participation.Role`."""

    organization: Organization
    role: str = Participation.Role.PARTICIPANT


@transaction.atomic
def record_experience(
    *,
    actor: Viewer,
    title: str,
    participants: Sequence[ParticipantDraft],
    abstract: str = "",
    keywords: str = "",
    language: str = "",
    started_on: date | None = None,
    ended_on: date | None = None,
    technologies: Sequence[Technology] = (),
) -> Experience:
    """Record a past project or contract.

    Args:
        actor: writes for every participant, or is a curator: nobody gives another a past that it did not state.
        title: at most 500 characters.
        participants: who took part; the first one is whose experience it is.
        abstract: at most 20,000 characters.
        keywords: at most 2,000 characters.
        language: of the texts; guessed when empty.
        started_on: first day, if known.
        ended_on: last day, not before the first.
        technologies: what it was about.

    Raises:
        NotFound, NotAllowed: the actor does not write for a participant, or may not know of it.
        InvalidInput: fields are at fault; all are named.
        Conflict: the first participant is suspended or merged.
    """
    experience = Experience(
        title=title.strip(),
        abstract=abstract.strip(),
        keywords=keywords.strip(),
        language=language or guess_language(f"{title} {abstract}"),
        started_on=started_on,
        ended_on=ended_on,
    )
    _check(experience, participants, technologies)
    for participant in participants:
        require_editor(actor, participant.organization)
    require_in_good_standing(participants[0].organization)
    experience.save()
    experience.technologies.set(technologies)
    Participation.objects.bulk_create(
        Participation(experience=experience, organization=participant.organization, role=participant.role)
        for participant in participants
    )
    emit(
        kind="experience.recorded",
        subject=experience,
        payload={"organizations": [participant.organization.pk for participant in participants]},
    )
    return experience


def _check(
    experience: Experience, participants: Sequence[ParticipantDraft], technologies: Sequence[Technology]
) -> None:
    faults = Faults()
    with faults.collecting():
        check_record(experience)
    if experience.started_on and experience.ended_on and experience.ended_on < experience.started_on:
        faults.add("ended_on", _("It ends before it starts. Give a later day, or none."))
    if not 1 <= len(participants) <= MAX_PARTICIPANTS:
        faults.add("participants", _("Name 1 to %(most)d participants.") % {"most": MAX_PARTICIPANTS})
    if len({participant.organization.pk for participant in participants}) < len(participants):
        faults.add("participants", _("An organization stands twice. Name each once."))
    if {participant.role for participant in participants} - set(Participation.Role.values):
        roles = ", ".join(Participation.Role.values)
        faults.add("participants", _("Choose roles out of: %(roles)s.") % {"roles": roles})
    if len(technologies) > MAX_TECHNOLOGIES:
        faults.add("technologies", _("Name at most %(most)d technologies.") % {"most": MAX_TECHNOLOGIES})
    faults.raise_if_any()
