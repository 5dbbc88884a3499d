"""Reading one record, or saying that there is none."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from ronghe.common.errors import NotFound

RecordT = TypeVar("RecordT", bound=Model)


def first_or_not_found(rows: "QuerySet[RecordT]", message: str, *, code: str | None = None) -> RecordT:
    """The first of the rows.

    Args:
        rows: the records that match what was asked for, and that exist for whoever asks.
        message: one sentence for people on what there is not.
        code: machine name of the error; None takes ``not_found``.

    Raises:
        NotFound: there are none.
    """
    found = rows.first()
    if found is None:
        raise NotFound(message, code=code)
    return found
