"""Proposals are open to everybody, reviewed by curators, and part of the next release."""

from typing import Any

import pytest

from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.technologies.models import TaxonomyProposal, Technology
from consortia.technologies.selectors import resolve_key, technology_for
from consortia.technologies.services import propose_change, release_taxonomy, review_proposal
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, NotFound

pytestmark = pytest.mark.django_db

ADDITION = {"key": "ene-new", "labels": {"en": "New"}, "broader_keys": ["energy"]}


def propose(actor: Viewer, kind: str, technology: Technology | None, **content: Any) -> TaxonomyProposal:
    return propose_change(actor=actor, kind=kind, technology=technology, content=content, reason="Needed")


def test_an_accepted_addition_is_in_use(field: Technology, alice_viewer: Viewer, curator_viewer: Viewer) -> None:
    proposal = propose(alice_viewer, "add", None, **ADDITION)
    assert proposal.status == TaxonomyProposal.Status.OPEN
    review_proposal(actor=curator_viewer, proposal=proposal, accept=True)
    assert technology_for("ene-new").status == Technology.Status.ACTIVE
    proposal.refresh_from_db()
    assert proposal.status == TaxonomyProposal.Status.ACCEPTED


def test_changes_merges_and_deprecations_are_applied(
    battery: Technology, hydrogen: Technology, alice_viewer: Viewer, curator_viewer: Viewer
) -> None:
    change = propose(alice_viewer, "change", battery, labels={"en": "Solid battery"}, definitions={"en": "Solid."})
    review_proposal(actor=curator_viewer, proposal=change, accept=True)
    battery.refresh_from_db()
    assert (battery.labels["en"], battery.definitions["en"]) == ("Solid battery", "Solid.")
    merge = propose(alice_viewer, "merge", battery, into="ene-hydrogen")
    review_proposal(actor=curator_viewer, proposal=merge, accept=True)
    assert resolve_key("ene-battery") == hydrogen
    end = propose(alice_viewer, "deprecate", hydrogen)
    review_proposal(actor=curator_viewer, proposal=end, accept=True)
    assert technology_for("ene-hydrogen").status == Technology.Status.DEPRECATED


@pytest.mark.parametrize(
    ("kind", "content", "error"),
    [
        ("add", {"key": "ene-new"}, InvalidInput),
        ("add", {**ADDITION, "colour": "red"}, InvalidInput),
        ("change", {}, InvalidInput),
        ("add", {**ADDITION, "labels": ["New"]}, InvalidInput),
        ("add", {**ADDITION, "labels": {"en": "New\0"}}, InvalidInput),
        ("add", {**ADDITION, "aliases": {"en": "New"}}, InvalidInput),
        ("add", {**ADDITION, "broader_keys": "energy"}, InvalidInput),
        ("add", {**ADDITION, "is_key_common": float("inf")}, InvalidInput),
        ("change", {"definitions": {"en": float("inf")}}, InvalidInput),
        ("merge", {"into": ["ene-hydrogen"]}, InvalidInput),
        ("merge", {"into": "never-was"}, NotFound),
        ("deprecate", {"replaced_by": "never-was"}, NotFound),
        ("burn", {}, InvalidInput),
    ],
)
def test_content_that_cannot_be_applied_is_refused_at_once(
    kind: str, content: dict[str, Any], error: type[Exception], battery: Technology, alice_viewer: Viewer
) -> None:
    with pytest.raises(error):
        propose(alice_viewer, kind, battery, **content)
    assert not TaxonomyProposal.objects.exists()


def test_only_an_addition_may_name_no_technology(alice_viewer: Viewer) -> None:
    with pytest.raises(InvalidInput) as refusal:
        propose(alice_viewer, "deprecate", None)
    assert list(refusal.value.fields) == ["technology"]


def test_a_proposal_that_no_longer_holds_stays_open(
    field: Technology, alice_viewer: Viewer, curator_viewer: Viewer
) -> None:
    proposals = [propose(alice_viewer, "add", None, **ADDITION) for _time in range(2)]
    review_proposal(actor=curator_viewer, proposal=proposals[0], accept=True)
    with pytest.raises(Conflict):
        review_proposal(actor=curator_viewer, proposal=proposals[1], accept=True)
    proposals[1].refresh_from_db()
    assert proposals[1].status == TaxonomyProposal.Status.OPEN


def test_a_refusal_gives_a_reason_and_is_final(field: Technology, alice_viewer: Viewer, curator_viewer: Viewer) -> None:
    proposal = propose(alice_viewer, "add", None, **ADDITION)
    with pytest.raises(InvalidInput):
        review_proposal(actor=curator_viewer, proposal=proposal, accept=False)
    review_proposal(actor=curator_viewer, proposal=proposal, accept=False, note="Too narrow")
    with pytest.raises(Conflict):
        review_proposal(actor=curator_viewer, proposal=proposal, accept=True)


def test_strangers_propose_nothing_and_charlie_reviews_nothing(field: Technology, charlie_viewer: Viewer) -> None:
    with pytest.raises(NotAllowed):
        propose(STRANGER, "add", None, **ADDITION)
    proposal = propose(charlie_viewer, "add", None, **ADDITION)
    with pytest.raises(NotAllowed):
        review_proposal(actor=charlie_viewer, proposal=proposal, accept=True)


def test_a_release_takes_what_was_accepted_since_the_last(
    field: Technology, alice_viewer: Viewer, curator_viewer: Viewer
) -> None:
    proposal = propose(alice_viewer, "add", None, **ADDITION)
    first = release_taxonomy(actor=curator_viewer, version="2027.1")
    review_proposal(actor=curator_viewer, proposal=proposal, accept=True)
    second = release_taxonomy(actor=curator_viewer, version="2027.2", notes="One more")
    assert (first.proposals.count(), second.proposals.get()) == (0, proposal)
    with pytest.raises(Conflict):
        release_taxonomy(actor=curator_viewer, version="2027.2")
    with pytest.raises(InvalidInput):
        release_taxonomy(actor=curator_viewer, version="next")
