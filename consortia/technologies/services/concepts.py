"""The life of a technology in the taxonomy: proposed, active, deprecated, merged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_curator
from consortia.disclosure.viewer import Viewer
from consortia.technologies.hierarchy import lock_hierarchy, refuse_broader_cycles
from consortia.technologies.labelling import LONGEST_LABEL, checked_aliases, label_row, label_rows
from consortia.technologies.models import Technology, TechnologyLabel, TechnologyRedirect, TechnologyRelation
from consortia.technologies.selectors import technology_for
from consortia.technologies.services.relations import relate_technologies
from ronghe.common.errors import Conflict, InvalidInput
from ronghe.common.validation import Faults, check_record, checked_texts, unique_or_conflict
from ronghe.events.services import emit

LONGEST_DEFINITION: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnologyDraft:
    """A technology to be.

    Attributes:
        key: stable public id: 3 to 80 lower-case letters, digits and hyphens.
        labels: preferred label by language tag, at least one.
        aliases: lists of further labels by language tag.
        definitions: text by language tag.
        broader_keys: the technologies it lies under.
    """

    key: str
    labels: Mapping[str, str]
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    broader_keys: Sequence[str] = ()
    is_field: bool = False
    is_key_common: bool = False


@transaction.atomic
def propose_technology(*, actor: Viewer, draft: TechnologyDraft) -> Technology:
    """Add a technology that only curators see until it is activated.

    Raises:
        NotAllowed: the actor is no curator; others propose through `propose_change`.
        InvalidInput: fields are at fault; all are named.
        NotFound: a broader technology is unknown.
        Conflict: the key is, or once was, another technology's.
    """
    require_curator(actor)
    technology, aliases = _checked(draft)
    message = _("This key is taken, or was once. Choose another one.")
    if TechnologyRedirect.objects.filter(key=technology.key).exists():
        raise Conflict(message, code="key_taken", fields={"key": [message]})
    with unique_or_conflict(message, field="key", code="key_taken"):
        technology.save()
    TechnologyLabel.objects.bulk_create(label_rows(technology, aliases))
    for key in draft.broader_keys:
        relate_technologies(
            actor=actor, source=technology, target=technology_for(key), kind=TechnologyRelation.Kind.BROADER
        )
    emit(kind="technology.proposed", subject=technology)
    return technology


@transaction.atomic
def activate_technology(*, actor: Viewer, technology: Technology) -> Technology:
    """Open a proposed technology to everybody.

    Raises:
        NotAllowed: the actor is no curator.
        Conflict: it is deprecated.
    """
    require_curator(actor)
    if technology.status == Technology.Status.DEPRECATED:
        raise Conflict(_("A deprecated technology stays so. Propose a new one."), code="deprecated")
    if technology.status != Technology.Status.ACTIVE:
        technology.claim_edit(expected_version=None)
        technology.status = Technology.Status.ACTIVE
        technology.save(update_fields=["status", "updated_at"])
        emit(kind="technology.activated", subject=technology)
    return technology


@transaction.atomic
def deprecate_technology(*, actor: Viewer, technology: Technology, replaced_by: Technology | None = None) -> Technology:
    """Take a technology out of use; its key leads to what replaces it.

    Raises:
        NotAllowed: the actor is no curator.
        Conflict: the replacement is itself replaced, in the end, by this technology, or is no longer in use.
    """
    require_curator(actor)
    if replaced_by is not None:
        _check_heir(technology, replaced_by)
        TechnologyRedirect.objects.get_or_create(key=technology.key, target=replaced_by)
    technology.claim_edit(expected_version=None)
    technology.status = Technology.Status.DEPRECATED
    technology.replaced_by = replaced_by
    technology.save(update_fields=["status", "replaced_by", "updated_at"])
    replacement = replaced_by.pk if replaced_by else None
    emit(kind="technology.deprecated", subject=technology, payload={"replaced_by": replacement})
    return technology


@transaction.atomic
def merge_technologies(*, actor: Viewer, merged: Technology, into: Technology) -> Technology:
    """Merge one technology into another: labels become aliases, routes and relations move, the key redirects.

    Listings keep what they said; readers follow `replaced_by`.

    Raises:
        NotAllowed: the actor is no curator.
        Conflict: the two would replace each other, or the moved relations would close a circle of broader ones.
    """
    require_curator(actor)
    _check_heir(merged, into)
    lock_hierarchy()
    _move_labels(merged, into)
    merged.routes.update(technology=into)
    into.interfaces.add(*merged.interfaces.all())
    _move_relations(merged, into)
    refuse_broader_cycles([into.pk])
    deprecate_technology(actor=actor, technology=merged, replaced_by=into)
    emit(kind="technology.merged", subject=into, payload={"merged": merged.pk})
    return into


@transaction.atomic
def add_label(
    *,
    actor: Viewer,
    technology: Technology,
    language: str,
    text: str,
    kind: TechnologyLabel.Kind = TechnologyLabel.Kind.ALIAS,
) -> TechnologyLabel:
    """Add a label; a new preferred one takes the place of the old, which becomes an alias.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: the language tag or the text cannot be accepted.
    """
    require_curator(actor)
    clean = checked_texts({language: text}, field="text", longest=LONGEST_LABEL, required=True)[language]
    TechnologyLabel.objects.filter(technology=technology, language=language, text=clean).delete()
    if kind == TechnologyLabel.Kind.PREFERRED:
        former = TechnologyLabel.objects.filter(technology=technology, language=language, kind=kind)
        former.update(kind=TechnologyLabel.Kind.ALIAS)
        technology.claim_edit(expected_version=None)
        technology.labels = {**technology.labels, language: clean}
        technology.save(update_fields=["labels", "updated_at"])
    label = label_row(technology, kind, language, clean)
    label.save()
    emit(kind="technology.relabelled", subject=technology)
    return label


def _checked(draft: TechnologyDraft) -> tuple[Technology, dict[str, list[str]]]:
    faults = Faults()
    technology = Technology(
        key=draft.key.strip(), labels=dict(draft.labels), is_field=draft.is_field, is_key_common=draft.is_key_common
    )
    aliases: dict[str, list[str]] = {}
    with faults.collecting():
        technology.labels = checked_texts(draft.labels, field="labels", longest=LONGEST_LABEL, required=True)
    with faults.collecting():
        technology.definitions = checked_texts(draft.definitions, field="definitions", longest=LONGEST_DEFINITION)
    with faults.collecting():
        aliases = checked_aliases(draft.aliases)
    with faults.collecting():
        check_record(technology, exclude=["labels", "definitions"])
    faults.raise_if_any()
    return technology, aliases


def _check_heir(technology: Technology, heir: Technology) -> None:
    """Refuse an heir that is out of use, and one whose own heirs lead back to the technology."""
    if heir.pk == technology.pk:
        message = _("A technology does not replace itself. Choose another one.")
        raise InvalidInput(message, fields={"replaced_by": [message]})
    path = [technology.key]
    following: Technology | None = heir
    while following is not None:
        path.append(following.key)
        if following.pk == technology.pk:
            message = _("The replacements would form a circle: %(path)s.") % {"path": " → ".join(path)}
            raise Conflict(message, code="replacement_cycle", fields={"replaced_by": [message]})
        following = following.replaced_by
    if heir.status == Technology.Status.DEPRECATED:
        message = _("“%(key)s” is deprecated itself. Choose a technology in use.") % {"key": heir.key}
        raise Conflict(message, code="deprecated", fields={"replaced_by": [message]})


def _move_labels(merged: Technology, into: Technology) -> None:
    known = set(into.known_labels.values_list("language", "text"))
    TechnologyLabel.objects.bulk_create(
        label_row(into, TechnologyLabel.Kind.ALIAS, label.language, label.text)
        for label in merged.known_labels.order_by("id")
        if (label.language, label.text) not in known
    )


def _move_relations(merged: Technology, into: Technology) -> None:
    outward = merged.relations.values_list("target_id", "kind")
    inward = merged.related_from.values_list("source_id", "kind")
    moved = [TechnologyRelation(source=into, target_id=target, kind=kind) for target, kind in outward]
    moved += [TechnologyRelation(source_id=source, target=into, kind=kind) for source, kind in inward]
    kept = [relation for relation in moved if relation.source_id != relation.target_id]
    TechnologyRelation.objects.bulk_create(kept, ignore_conflicts=True)
    merged.relations.all().delete()
    merged.related_from.all().delete()
