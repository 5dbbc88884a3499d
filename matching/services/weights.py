"""The life of a weight set: drafted, evaluated, signed off, active, retired.

Only one set is active. It gets there over two hurdles: a person signs for it, and it does not rank worse than the
weights in force, neither on the reference set that every installation carries nor in its own evaluation.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from matching import engine
from matching.evaluation.comparison import Comparison
from matching.evaluation.reference import compare_on_reference
from matching.models import WeightSet
from matching.policies import require_curator
from matching.services.configuration import current_settings, fits_engine, installation_settings, weight_set_in_force
from matching.services.runs import request_full_run
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed
from ronghe.common.text import validate_clean_text
from ronghe.common.validation import Faults, is_unique_violation

HELD_OUT: Final = "held_out"
REFERENCE: Final = "reference"
REASON_LENGTH: Final = 500

Status = WeightSet.Status


def draft_weight_set(
    *, weights: Mapping[str, float], provenance: Mapping[str, Any], held_out: Sequence[Comparison]
) -> WeightSet:
    """Store learned weights.

    Args:
        weights: points per criterion, summing to 100.
        provenance: the data, periods and settings that they were learned from, as plain values.
        held_out: how they compare with the weights in force on data that they were not learned from.

    Raises:
        InvalidInput: the weights do not fit this engine.
    """
    try:
        engine.Settings(weights=weights)
    except engine.SettingsError as error:
        raise InvalidInput(str(error), fields={"weights": [str(error)]}) from error
    return WeightSet.objects.create(
        weights=dict(weights),
        provenance=dict(provenance),
        evaluation={HELD_OUT: [comparison.to_json() for comparison in held_out]},
        engine_version=engine.ENGINE_VERSION,
    )


def evaluate_weight_set(*, weight_set: WeightSet) -> WeightSet:
    """Compare a set with the weights in force on the reference set; takes seconds.

    Raises:
        Conflict: it is signed off already or retired, or was made for other criteria.
    """
    comparison = _compared_on_reference(weight_set)
    open_sets = WeightSet.objects.filter(pk=weight_set.pk, status__in=[Status.DRAFT, Status.EVALUATED])
    evaluation = {**weight_set.evaluation, REFERENCE: comparison.to_json()}
    if not open_sets.update(status=Status.EVALUATED, evaluation=evaluation, updated_at=timezone.now()):
        raise Conflict(_("Only a draft is evaluated; this weight set has gone further."), code="not_a_draft")
    weight_set.refresh_from_db()
    return weight_set


def sign_off_weight_set(*, actor: Viewer, weight_set: WeightSet, reason: str) -> WeightSet:
    """A curator answers for an evaluated set by name.

    Raises:
        NotAllowed: the actor is no curator, or no person.
        InvalidInput: no reason was given, or it is no clean text of at most 500 characters.
        Conflict: the set has not been evaluated, or has gone further already.
    """
    require_curator(actor)
    if actor.user_id is None:
        raise NotAllowed(_("A person signs off a weight set: do it in the administration."), code="person_needed")
    reason = reason.strip()
    _check_reason(reason)
    evaluated = WeightSet.objects.filter(pk=weight_set.pk, status=Status.EVALUATED)
    now = timezone.now()
    if not evaluated.update(
        status=Status.SIGNED_OFF,
        signed_off_by_id=actor.user_id,
        signed_off_at=now,
        sign_off_reason=reason,
        updated_at=now,
    ):
        raise Conflict(_("Only a weight set that was evaluated and not yet signed off can be."), code="not_evaluated")
    weight_set.refresh_from_db()
    return weight_set


def activate_weight_set(*, actor: Viewer, weight_set: WeightSet) -> WeightSet:
    """Put a signed-off set in force and have everything recomputed; the set that it replaces stays signed off.

    The set is compared with the weights in force once more, by the engine of today.

    Raises:
        NotAllowed: the actor is no curator.
        Conflict: the set is not signed off, was made for other criteria, ranks worse than the weights in force
            (code ``ranks_worse``, with the figures), or another set was activated meanwhile.
    """
    require_curator(actor)
    weight_set.refresh_from_db()
    if weight_set.status != Status.SIGNED_OFF:
        raise _not_signed_off()
    replaced = weight_set_in_force()
    comparison = _compared_on_reference(weight_set)
    _refuse_worse(weight_set, [*held_out_comparisons(weight_set), comparison])
    _put_in_force(weight_set, replaced, comparison, actor)
    weight_set.refresh_from_db()
    return weight_set


@transaction.atomic
def retire_weight_set(*, actor: Viewer, weight_set: WeightSet) -> WeightSet:
    """Take a set out of use for good; after the active one, the engine's default weights are in force.

    Raises:
        NotAllowed: the actor is no curator.
        Conflict: it is retired already.
    """
    require_curator(actor)
    locked = WeightSet.objects.select_for_update().get(pk=weight_set.pk)
    if locked.status == Status.RETIRED:
        raise Conflict(_("This weight set is retired already."), code="retired")
    was_active = locked.status == Status.ACTIVE
    locked.status, locked.retired_at = Status.RETIRED, timezone.now()
    locked.save(update_fields=["status", "retired_at", "updated_at"])
    if was_active:
        request_full_run(reason=f"weight set {locked.pk} retired", requested_by_id=actor.user_id)
    weight_set.refresh_from_db()
    return weight_set


def held_out_comparisons(weight_set: WeightSet) -> list[Comparison]:
    """How a set compared, when it was trained, on data that it was not learned from."""
    return [Comparison.from_json(values) for values in weight_set.evaluation.get(HELD_OUT, [])]


def reference_comparison(weight_set: WeightSet) -> Comparison | None:
    """How a set compared on the reference set when it was last evaluated; None before that."""
    values = weight_set.evaluation.get(REFERENCE)
    return None if values is None else Comparison.from_json(values)


def _compared_on_reference(weight_set: WeightSet) -> Comparison:
    if not fits_engine(weight_set):
        message = _("This weight set was made for other criteria than this version has. Train a new one.")
        raise Conflict(message, code="other_criteria")
    return compare_on_reference(
        before=current_settings(),
        after=installation_settings(weight_set),
        cache=Path(settings.VECTOR_CACHE_DIR),
    )


def _refuse_worse(weight_set: WeightSet, comparisons: Sequence[Comparison]) -> None:
    worse = [_told(comparison) for comparison in comparisons if comparison.is_worse]
    if worse:
        message = _("Weight set %(number)s ranks worse than the weights in force. %(figures)s Train another one.") % {
            "number": weight_set.pk,
            "figures": " ".join(worse),
        }
        raise Conflict(message, code="ranks_worse", fields={"weights": worse})


def _told(comparison: Comparison) -> str:
    change = comparison.verdict
    return _(
        "%(set)s: %(measure)s %(after).3f instead of %(before).3f, "
        "a difference of %(difference)+.3f (95 %% interval %(low)+.3f to %(high)+.3f)."
    ) % {
        "set": comparison.name,
        "measure": comparison.deciding,
        "after": change.after,
        "before": change.before,
        "difference": change.difference,
        "low": change.low,
        "high": change.high,
    }


@transaction.atomic
def _put_in_force(weight_set: WeightSet, replaced: WeightSet | None, comparison: Comparison, actor: Viewer) -> None:
    """Exchange the active set, provided that it still is the one the comparison was made with."""
    active = WeightSet.objects.select_for_update().filter(status=Status.ACTIVE).first()
    if active != replaced:
        raise _meanwhile()
    now = timezone.now()
    if active is not None:
        WeightSet.objects.filter(pk=active.pk).update(status=Status.SIGNED_OFF, updated_at=now)
    evaluation = {**weight_set.evaluation, REFERENCE: comparison.to_json()}
    signed = WeightSet.objects.filter(pk=weight_set.pk, status=Status.SIGNED_OFF)
    try:
        with transaction.atomic():
            activated = signed.update(status=Status.ACTIVE, activated_at=now, evaluation=evaluation, updated_at=now)
    except IntegrityError as error:
        # Where none was active there was no row to lock: the constraint decides who was first.
        if not is_unique_violation(error):
            raise
        raise _meanwhile() from error
    if not activated:
        raise _not_signed_off()
    request_full_run(reason=f"weight set {weight_set.pk}", requested_by_id=actor.user_id)


def _not_signed_off() -> Conflict:
    return Conflict(_("Only a signed-off weight set is put in force. Have it signed off first."), code="not_signed_off")


def _meanwhile() -> Conflict:
    message = _("Somebody else has just changed the weights in force. Look at them and activate again.")
    return Conflict(message, code="weights_changed")


def _check_reason(reason: str) -> None:
    faults = Faults()
    if not reason:
        faults.add("sign_off_reason", _("Say why these weights may go live: whoever asks later reads it here."))
    if len(reason) > REASON_LENGTH:
        faults.add("sign_off_reason", _("Use at most %(most)d characters.") % {"most": REASON_LENGTH})
    try:
        validate_clean_text(reason)
    except ValidationError as error:
        faults.add("sign_off_reason", error.messages[0])
    faults.raise_if_any()
