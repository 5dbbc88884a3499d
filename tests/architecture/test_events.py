"""Every kind of event that the code emits is read by matching, or is known to be of no consequence for its lists."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from consortia.facilities.models import Booking
from consortia.listings.lifecycle import TRANSITIONS
from matching import readers
from matching.models import MatchDecision

pytestmark = pytest.mark.database_free

ROOT = Path(__file__).resolve().parents[2]
READ = readers.LISTINGS | readers.STEERING | readers.ONE_ORGANIZATION | readers.EVERYTHING
OF_NO_CONSEQUENCE = {
    # Answers that keep a list as it is.
    "match.contacted",
    "match.contracted",
    "introduction.opened",
    "introduction.lapsed",
    # Who may see a match is asked when it is read.
    "disclosure.granted",
    "disclosure.revoked",
    # People and claims: an organization is matched by its records, whoever keeps them.
    "organization.claim_decided",
    "organization.claimed",
    "organization.member_invited",
    "organization.member_joined",
    "organization.member_left",
    "organization.registered",
    "organization.role_changed",
    # Neither open for matching, nor a change of what is.
    "listing.drafted",
    "listing.expiring",
    "listing.published",
    "listing.submitted",
    # Counts once it is verified.
    "evidence.added",
    # A proposal has no effect before it is decided on, and then its changes speak for themselves.
    "taxonomy.change_proposed",
    "taxonomy.proposal_reviewed",
    "taxonomy.released",
    "technology.proposed",
    # A new interface is on no record yet, and metrics of routes are for people.
    "technology.interface_registered",
    "technology.route_measured",
}
TRANSITION_KINDS = {transition.event for transition in TRANSITIONS.values()}
# Where the kind is composed, what it is composed of.
COMPOSED = {
    "consortia/evidence/services/verification.py": {"evidence.verified", "evidence.refused"},
    "consortia/facilities/services/booking.py": {f"booking.{status}" for status in Booking.Status},
    "consortia/listings/services/importing.py": TRANSITION_KINDS,
    "consortia/listings/services/moving.py": TRANSITION_KINDS,
    "matching/services/answers.py": {"match.interested", "match.declined", "match.contacted"},
    "matching/services/decisions.py": {"match.decision_withdrawn", *(f"match.{kind}" for kind in MatchDecision.Kind)},
}


def kinds_in(source: str) -> Iterator[str | None]:
    """The kinds emitted in a module; None for each that is composed."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"emit", "emit_many"}:
            kind = next(keyword.value for keyword in node.keywords if keyword.arg == "kind")
            yield kind.value if isinstance(kind, ast.Constant) else None


@pytest.fixture(scope="module")
def emitted() -> dict[str, set[str | None]]:
    files = [path for room in ("consortia", "matching") for path in (ROOT / room).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix(): set(kinds_in(path.read_text(encoding="utf-8"))) for path in files}
    return {path: kinds for path, kinds in found.items() if kinds}


def test_composed_kinds_are_known(emitted):
    assert {path for path, kinds in emitted.items() if None in kinds} == set(COMPOSED)


def test_every_kind_is_read_or_of_no_consequence(emitted):
    every = {kind for kinds in emitted.values() for kind in kinds if kind}.union(*COMPOSED.values())
    assert every - READ - OF_NO_CONSEQUENCE == set()
    assert READ - every == set(), "read, but never emitted"
    assert OF_NO_CONSEQUENCE - every == set(), "of no consequence, because it is never emitted"
    assert READ.isdisjoint(OF_NO_CONSEQUENCE)
