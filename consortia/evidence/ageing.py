"""How evidence loses strength with the years."""

from datetime import date
from typing import Final

from consortia.evidence.models import Evidence

DAYS_PER_YEAR: Final = 365.25

# Years after which a piece of evidence counts half. Hand-set: a test report speaks for a process that changes with
# every generation of equipment, a customer for a present relation; a patent's protection lasts twenty years at most,
# and the citations of a publication peak within its first decade.
HALF_LIFE_YEARS: Final[dict[str, float]] = {
    Evidence.Kind.PATENT: 8.0,
    Evidence.Kind.PUBLICATION: 6.0,
    Evidence.Kind.TEST_REPORT: 3.0,
    Evidence.Kind.CERTIFICATE: 5.0,
    Evidence.Kind.PROJECT: 5.0,
    Evidence.Kind.CUSTOMER_REFERENCE: 3.0,
    Evidence.Kind.ASSESSMENT: 3.0,
}


def evidence_strength(evidence: Evidence, *, on: date) -> float:
    """How strongly a piece of verified evidence speaks on a day: 0.5 ** (age / half-life of its kind).

    1 on the day of issue, 0.5 after one half-life. 0 for what is not verified, what has expired, and what was issued
    later than the day asked for.
    """
    if evidence.status != Evidence.Status.VERIFIED or evidence.issued_on > on:
        return 0.0
    if evidence.valid_until is not None and evidence.valid_until < on:
        return 0.0
    years = (on - evidence.issued_on).days / DAYS_PER_YEAR
    return float(0.5 ** (years / HALF_LIFE_YEARS[evidence.kind]))
