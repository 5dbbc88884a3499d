"""Changes to the taxonomy: proposed by anybody, reviewed by a curator, released with a version."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortia.disclosure.policies import require_curator, require_person
from consortia.disclosure.viewer import Viewer
from consortia.technologies.models import TaxonomyProposal, TaxonomyRelease, Technology, TechnologyLabel
from consortia.technologies.selectors import technology_for
from consortia.technologies.services.concepts import (
    LONGEST_DEFINITION,
    TechnologyDraft,
    activate_technology,
    add_label,
    deprecate_technology,
    merge_technologies,
    propose_technology,
)
from ronghe.common.errors import Conflict, InvalidInput
from ronghe.common.text import validate_clean_text
from ronghe.common.validation import Faults, check_record, checked_texts, unique_or_conflict
from ronghe.events.services import emit

Kind = TaxonomyProposal.Kind

# What the content of a proposal may hold, by its kind.
CONTENT_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    Kind.ADD: frozenset({"key", "labels", "aliases", "definitions", "broader_keys", "is_key_common"}),
    Kind.CHANGE: frozenset({"labels", "definitions"}),
    Kind.MERGE: frozenset({"into"}),
    Kind.DEPRECATE: frozenset({"replaced_by"}),
}
NEEDED_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    Kind.ADD: frozenset({"key", "labels"}),
    Kind.CHANGE: frozenset(),
    Kind.MERGE: frozenset({"into"}),
    Kind.DEPRECATE: frozenset(),
}

_VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+){1,2}")


@transaction.atomic
def propose_change(
    *, actor: Viewer, kind: str, technology: Technology | None, content: Mapping[str, Any], reason: str
) -> TaxonomyProposal:
    """Propose a change to the taxonomy.

    Args:
        actor: any person.
        kind: one of `TaxonomyProposal.Kind`.
        technology: what is to change; None for an addition.
        content: an addition takes key, labels, aliases, definitions, broader_keys and is_key_common; a change takes
            labels and definitions; a merge takes the key `into`; a deprecation may take the key `replaced_by`.
        reason: why; at most 2000 characters.

    Raises:
        NotAllowed: nobody signed in.
        InvalidInput: the kind, the content or the reason cannot be accepted.
        NotFound: a technology that the content names is unknown.
    """
    proposer = require_person(actor)
    _check_content(kind, technology, content)
    proposal = TaxonomyProposal(
        kind=kind, technology=technology, content=dict(content), reason=reason.strip(), proposed_by_id=proposer
    )
    check_record(proposal, exclude=["content"])
    proposal.save()
    emit(kind="taxonomy.change_proposed", subject=proposal)
    return proposal


@transaction.atomic
def review_proposal(*, actor: Viewer, proposal: TaxonomyProposal, accept: bool, note: str = "") -> TaxonomyProposal:
    """Accept a proposal, which applies it at once, or refuse it with a reason.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: a refusal gives no reason, or the content does not hold any longer.
        Conflict: the proposal was reviewed, or the taxonomy excludes the change by now.
    """
    require_curator(actor)
    if not accept and not note.strip():
        message = _("Say why, so that the proposer knows what is missing.")
        raise InvalidInput(message, fields={"note": [message]})
    status = TaxonomyProposal.Status.ACCEPTED if accept else TaxonomyProposal.Status.REFUSED
    still_open = TaxonomyProposal.objects.filter(pk=proposal.pk, status=TaxonomyProposal.Status.OPEN)
    if not still_open.update(status=status, reviewed_by_id=actor.user_id, review_note=note.strip()):
        raise Conflict(_("This proposal was reviewed meanwhile."), code="proposal_reviewed")
    proposal.refresh_from_db()
    if accept:
        _APPLY[proposal.kind](actor, proposal)
    emit(kind="taxonomy.proposal_reviewed", subject=proposal, payload={"accepted": accept})
    return proposal


@transaction.atomic
def release_taxonomy(*, actor: Viewer, version: str, notes: str = "") -> TaxonomyRelease:
    """Give the present state of the taxonomy a version; accepted proposals become part of it.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: the version is not written like 2027.1.
        Conflict: the version was released.
    """
    require_curator(actor)
    release = TaxonomyRelease(version=version.strip(), notes=notes.strip(), released_by_id=actor.user_id)
    if not _VERSION.fullmatch(release.version):
        message = _("Write the version like 2027.1.")
        raise InvalidInput(message, fields={"version": [message]})
    check_record(release)
    with unique_or_conflict(_("This version was released. Choose the next one."), field="version"):
        release.save()
    accepted = TaxonomyProposal.objects.filter(status=TaxonomyProposal.Status.ACCEPTED, release__isnull=True)
    accepted.update(release=release)
    emit(kind="taxonomy.released", subject=release, payload={"version": release.version})
    return release


def _check_content(kind: str, technology: Technology | None, content: Mapping[str, Any]) -> None:
    if kind not in Kind.values:
        message = _("Choose one of: %(kinds)s.") % {"kinds": ", ".join(Kind.values)}
        raise InvalidInput(message, fields={"kind": [message]})
    if kind != Kind.ADD and technology is None:
        message = _("Name the technology that is to change.")
        raise InvalidInput(message, fields={"technology": [message]})
    unknown = sorted(set(content) - CONTENT_FIELDS[kind])
    missing = sorted(NEEDED_FIELDS[kind] - set(content))
    if unknown or missing or not (content or kind == Kind.DEPRECATE):
        message = _("Give %(known)s.") % {"known": ", ".join(sorted(CONTENT_FIELDS[kind]))}
        raise InvalidInput(message, fields={"content": [message]})
    _check_shapes(content)
    for name in ("into", "replaced_by"):
        if content.get(name):
            technology_for(content[name])


def _check_shapes(content: Mapping[str, Any]) -> None:
    """Refuse content that is stored now and could not be applied when a curator accepts it."""
    faults = Faults()
    for name, value in content.items():
        shape, fits = _SHAPES[name]
        if not fits(value):
            faults.add("content", _("%(name)s: give %(shape)s.") % {"name": name, "shape": shape})
    faults.raise_if_any()


def _is_text(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        validate_clean_text(value)
    except ValidationError:
        return False
    return True


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_text, value))


def _is_by_language(value: Any, *, fits: Callable[[Any], bool] = _is_text) -> bool:
    return isinstance(value, Mapping) and all(_is_text(tag) and fits(one) for tag, one in value.items())


# What each field of a proposal's content holds, in words and as a check.
_SHAPES: Final[Mapping[str, tuple[str | Promise, Callable[[Any], bool]]]] = {
    "key": (gettext_lazy("a clean text"), _is_text),
    "into": (gettext_lazy("a clean text"), _is_text),
    "replaced_by": (gettext_lazy("a clean text"), _is_text),
    "labels": (gettext_lazy("clean texts by language tag"), _is_by_language),
    "definitions": (gettext_lazy("clean texts by language tag"), _is_by_language),
    "aliases": (gettext_lazy("lists of clean texts by language tag"), partial(_is_by_language, fits=_is_list)),
    "broader_keys": (gettext_lazy("a list of clean texts"), _is_list),
    "is_key_common": (gettext_lazy("true or false"), lambda value: isinstance(value, bool)),
}


def _apply_addition(actor: Viewer, proposal: TaxonomyProposal) -> None:
    draft = TechnologyDraft(**proposal.content)
    proposal.technology = activate_technology(actor=actor, technology=propose_technology(actor=actor, draft=draft))
    proposal.save(update_fields=["technology", "updated_at"])


def _apply_change(actor: Viewer, proposal: TaxonomyProposal) -> None:
    technology = _named(proposal)
    for language, text in proposal.content.get("labels", {}).items():
        add_label(actor=actor, technology=technology, language=language, text=text, kind=TechnologyLabel.Kind.PREFERRED)
    definitions = proposal.content.get("definitions", {})
    if definitions:
        checked = checked_texts(definitions, field="definitions", longest=LONGEST_DEFINITION)
        technology.claim_edit(expected_version=None)
        technology.definitions = {**technology.definitions, **checked}
        technology.save(update_fields=["definitions", "updated_at"])


def _apply_merge(actor: Viewer, proposal: TaxonomyProposal) -> None:
    merge_technologies(actor=actor, merged=_named(proposal), into=technology_for(proposal.content["into"]))


def _apply_deprecation(actor: Viewer, proposal: TaxonomyProposal) -> None:
    heir = proposal.content.get("replaced_by")
    deprecate_technology(actor=actor, technology=_named(proposal), replaced_by=technology_for(heir) if heir else None)


def _named(proposal: TaxonomyProposal) -> Technology:
    if proposal.technology is None:
        raise Conflict(_("The technology of this proposal is gone. Refuse the proposal."))
    return proposal.technology


_APPLY: Final[Mapping[str, Callable[[Viewer, TaxonomyProposal], None]]] = {
    Kind.ADD: _apply_addition,
    Kind.CHANGE: _apply_change,
    Kind.MERGE: _apply_merge,
    Kind.DEPRECATE: _apply_deprecation,
}
