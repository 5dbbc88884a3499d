"""What can be done with evidence and experience: claiming, verifying, recording, importing."""

from consortia.evidence.services.experience import ParticipantDraft, record_experience
from consortia.evidence.services.imported import (
    ImportedExperience,
    ImportedExperiences,
    ImportedParticipation,
    record_imported_experience,
)
from consortia.evidence.services.verification import EvidenceDraft, add_evidence, refuse_evidence, verify_evidence

__all__ = [
    "EvidenceDraft",
    "ImportedExperience",
    "ImportedExperiences",
    "ImportedParticipation",
    "ParticipantDraft",
    "add_evidence",
    "record_experience",
    "record_imported_experience",
    "refuse_evidence",
    "verify_evidence",
]
