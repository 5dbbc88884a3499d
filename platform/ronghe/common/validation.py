"""Where the errors of Django's validation and of the database become the one error of the domain."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from ronghe.common.errors import Conflict, InvalidInput
from ronghe.common.text import validate_clean_text, validate_language_tag

POSTGRESQL_UNIQUE_VIOLATION = "23505"
SQLITE_UNIQUE_VIOLATIONS = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})


class Faults:
    """Collects what is wrong with an input, so that everything is reported at once."""

    def __init__(self) -> None:
        self.fields: dict[str, list[str]] = {}

    def add(self, field: str, message: str) -> None:
        """One more fault of a field; a message already known is not repeated."""
        messages = self.fields.setdefault(field, [])
        if message not in messages:
            messages.append(message)

    @contextmanager
    def collecting(self, *, prefix: str = "") -> Iterator[None]:
        """Go on after an InvalidInput raised in the block, and remember its faults.

        Args:
            prefix: where the fields lie in the whole input, such as `parameters.0.`.
        """
        try:
            yield
        except InvalidInput as error:
            for field, messages in (error.fields or {"__all__": [error.message]}).items():
                for message in messages:
                    self.add(f"{prefix}{field}", message)

    def raise_if_any(self) -> None:
        """Raise what was collected.

        Raises:
            InvalidInput: something was.
        """
        if self.fields:
            raise InvalidInput(_("Some of the input cannot be accepted. Mend the fields named."), fields=self.fields)


def invalid_input_from(error: ValidationError) -> InvalidInput:
    """The domain's error for a ValidationError, field by field."""
    fields = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    return InvalidInput(_("Some of the input cannot be accepted. Mend the fields named."), fields=fields)


def check_record(record: models.Model, *, exclude: Iterable[str] = ()) -> None:
    """Run the validation of a record's fields and its `clean`; uniqueness is left to the database.

    Beyond what Django checks, every text must be clean and no longer than its field says.

    Raises:
        InvalidInput: naming every field at fault.
    """
    faults = Faults()
    skipped = set(exclude)
    with faults.collecting():
        try:
            record.full_clean(exclude=skipped, validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            raise invalid_input_from(error) from error
    for model_field in record._meta.concrete_fields:
        if isinstance(model_field, models.CharField | models.TextField) and model_field.name not in skipped:
            _check_text(getattr(record, model_field.name) or "", model_field, faults)
    faults.raise_if_any()


def _check_text(text: str, model_field: "models.Field[Any, Any]", faults: Faults) -> None:
    try:
        validate_clean_text(text)
    except ValidationError as error:
        faults.add(model_field.name, error.messages[0])
    # Django checks the length of a CharField only.
    if isinstance(model_field, models.TextField) and model_field.max_length and len(text) > model_field.max_length:
        message = _("%(length)d characters are too many. Shorten it to %(longest)d.")
        faults.add(model_field.name, message % {"length": len(text), "longest": model_field.max_length})


def checked_texts(texts: Mapping[str, str], *, field: str, longest: int, required: bool = False) -> dict[str, str]:
    """Texts by language tag, stripped, without empty ones.

    Args:
        texts: language tag → text.
        field: the input field that errors name.
        longest: the most characters of one text.
        required: whether there must be a text in at least one language.

    Raises:
        InvalidInput: a tag is none, a text is too long or holds control characters, or there is none.
    """
    faults = Faults()
    kept = {tag: text.strip() for tag, text in texts.items() if text and text.strip()}
    for tag, text in kept.items():
        try:
            validate_language_tag(tag)
            validate_clean_text(text)
        except ValidationError as error:
            faults.add(field, f"{tag[:16]}: {error.messages[0]}")
        if len(text) > longest:
            message = _("%(tag)s: %(length)d characters are too many. Shorten it to %(longest)d.")
            faults.add(field, message % {"tag": tag[:16], "length": len(text), "longest": longest})
    if required and not kept:
        faults.add(field, _("Give a text in at least one language."))
    faults.raise_if_any()
    return kept


@contextmanager
def unique_or_conflict(message: str, *, field: str, code: str = "conflict") -> Iterator[None]:
    """Run the block in a savepoint; a duplicate that a race let through is a conflict, not a fault of the server.

    Raises:
        Conflict: a unique constraint was violated in the block.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise Conflict(message, code=code, fields={field: [message]}) from error


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether the database refused a duplicate, and not a check or a foreign key."""
    cause = error.__cause__
    return (
        getattr(cause, "sqlstate", "") == POSTGRESQL_UNIQUE_VIOLATION
        or getattr(cause, "sqlite_errorname", "") in SQLITE_UNIQUE_VIOLATIONS
    )


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one row of a bulk input.

    Attributes:
        key: how the source calls the row.
        field: the field at fault, or "" for the row as a whole.
        message: what is wrong and what became of it, for people.
        is_refused: whether the row was left out; otherwise only the field was.
    """

    key: str
    field: str
    message: str
    is_refused: bool = False
