"""Recording the concepts of an outside scheme, such as EuroSciVoc: many at once, and as often as one likes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from consortia.technologies.hierarchy import lock_hierarchy, refuse_broader_cycles
from consortia.technologies.labelling import LONGEST_LABEL, label_rows
from consortia.technologies.models import OWN_SCHEME, Technology, TechnologyLabel, TechnologyRelation, validate_key
from ronghe.common.errors import Conflict, InvalidInput
from ronghe.common.validation import Faults, checked_texts
from ronghe.events.services import emit

BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedConcept:
    """A concept of an outside scheme.

    Attributes:
        key: its key on this platform: 3 to 80 lower-case letters, digits and hyphens.
        labels: preferred label by language tag.
        broader_keys: keys of concepts of the same import or of an earlier one.
    """

    key: str
    labels: Mapping[str, str]
    broader_keys: Sequence[str] = ()


@transaction.atomic
def import_concepts(*, scheme: str, concepts: Iterable[ImportedConcept]) -> dict[str, int]:
    """Create or update the concepts of an outside scheme as active technologies; doing it twice is doing it once.

    Returns:
        Primary key of the technology for each key.

    Raises:
        InvalidInput: keys, labels or broader keys are at fault; all are named by key, and nothing is written.
        Conflict: a key belongs to a technology of another scheme, or *broader* would go round in a circle.
    """
    by_key = {concept.key: concept for concept in concepts}
    stored = {row.key: row for row in Technology.objects.filter(key__in=by_key)}
    _refuse_foreign_keys(scheme, stored.values())
    labels = _checked_labels(by_key)
    changed = _save(scheme, labels, stored)
    ids = {key: row.pk for key, row in stored.items()}
    related = _relate(by_key, ids)
    if changed or related:
        first = stored[min(by_key)]
        emit(kind="technology.imported", subject=first, payload={"scheme": scheme, "changed": len(changed)})
    return ids


def _refuse_foreign_keys(scheme: str, stored: Iterable[Technology]) -> None:
    foreign = sorted(row.key for row in stored if row.scheme != scheme)
    if foreign or scheme == OWN_SCHEME:
        message = _("%(keys)s: this belongs to the platform's own or to another scheme. Choose other keys.") % {
            "keys": ", ".join(foreign[:5]) or scheme
        }
        raise Conflict(message, code="key_taken", fields={"key": [message]})


def _checked_labels(by_key: Mapping[str, ImportedConcept]) -> dict[str, dict[str, str]]:
    faults = Faults()
    labels: dict[str, dict[str, str]] = {}
    for key, concept in by_key.items():
        try:
            validate_key(key)
            labels[key] = checked_texts(concept.labels, field=key, longest=LONGEST_LABEL, required=True)
        except ValidationError as error:
            faults.add(key, error.messages[0])
        except InvalidInput as error:
            faults.add(key, error.fields[key][0])
    faults.raise_if_any()
    return labels


def _save(scheme: str, labels: Mapping[str, dict[str, str]], stored: dict[str, Technology]) -> list[Technology]:
    """Write new technologies and new labels; `stored` gets the new ones. Returns what changed."""
    active = Technology.Status.ACTIVE
    new = [
        Technology(key=key, labels=texts, scheme=scheme, status=active)
        for key, texts in labels.items()
        if key not in stored
    ]
    relabelled = [row for key, row in stored.items() if row.labels != labels[key]]
    for row in relabelled:
        row.labels = labels[row.key]
        row.version += 1
    Technology.objects.bulk_create(new, batch_size=BATCH)
    Technology.objects.bulk_update(relabelled, ["labels", "version"], batch_size=BATCH)
    TechnologyLabel.objects.filter(technology__in=relabelled, kind=TechnologyLabel.Kind.PREFERRED).delete()
    changed = [*new, *relabelled]
    TechnologyLabel.objects.bulk_create((label for row in changed for label in label_rows(row, {})), batch_size=BATCH)
    stored.update({row.key: row for row in new})
    return changed


def _relate(by_key: Mapping[str, ImportedConcept], ids: Mapping[str, int]) -> int:
    """Draw the missing arrows; returns how many."""
    lock_hierarchy()
    known = dict(ids)
    named = {key for concept in by_key.values() for key in concept.broader_keys} - set(known)
    known.update(Technology.objects.filter(key__in=named).values_list("key", "pk"))
    faults = Faults()
    for key in sorted(named - set(known)):
        faults.add(key, _("This broader concept is unknown. Import it first, or together."))
    faults.raise_if_any()
    wanted = {(ids[key], known[broader]) for key, concept in by_key.items() for broader in concept.broader_keys}
    kind = TechnologyRelation.Kind.BROADER
    there = set(
        TechnologyRelation.objects.filter(kind=kind, source__in=ids.values()).values_list("source_id", "target_id")
    )
    missing = sorted(wanted - there)
    TechnologyRelation.objects.bulk_create(
        [TechnologyRelation(source_id=source, target_id=target, kind=kind) for source, target in missing],
        batch_size=BATCH,
    )
    refuse_broader_cycles(sorted({source for source, _target in missing}))
    return len(missing)
