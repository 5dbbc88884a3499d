"""The one error of the domain: services raise it, the API renders it as a problem document, pages as a message."""

from collections.abc import Mapping, Sequence

FieldErrors = Mapping[str, Sequence[str]]


class DomainError(Exception):
    """A rule of the domain was broken.

    Attributes:
        code: stable machine name in snake_case, part of the public API.
        message: one sentence for people that says what to do.
        fields: for each offending input field, what is wrong with it and how to mend it.
    """

    status = 400
    default_code = "invalid"

    def __init__(self, message: str, *, code: str | None = None, fields: FieldErrors | None = None) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in (fields or {}).items()}


class InvalidInput(DomainError):
    """What was sent cannot be accepted; `fields` names each culprit."""

    default_code = "invalid_input"


class NotFound(DomainError):
    """There is no such record, or the viewer may not know that there is."""

    status = 404
    default_code = "not_found"


class NotAllowed(DomainError):
    """The viewer may see the record but not do this to it."""

    status = 403
    default_code = "not_allowed"


class Conflict(DomainError):
    """The record is in a state, or holds a value, that excludes the change."""

    status = 409
    default_code = "conflict"


class StaleEdit(Conflict):
    """Somebody else saved the record since it was read; nothing was overwritten."""

    default_code = "stale_edit"


class TooMany(DomainError):
    """A budget of requests is used up; `retry_after` is in seconds."""

    status = 429
    default_code = "too_many"

    def __init__(self, message: str, *, retry_after: int, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after
