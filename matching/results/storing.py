"""Rows of matches in bulk: COPY and one UPDATE on PostgreSQL, Django's bulk statements elsewhere.

On PostgreSQL rows go past the ORM, which would send every value of every row as a parameter of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from matching.models import Match, MatchRun
from matching.results.encoding import JSON_COLUMNS, RowDraft

NewRow = tuple[int, RowDraft]
"""(need, row) of a match that is not there yet."""
ChangedRow = tuple[int, int, RowDraft]
"""(primary key, need, row) of a match that is there already."""

_CHANGED: Final = ("rank", "score", *JSON_COLUMNS, "fingerprint")
_OF_EACH: Final = ("public_id", "need_id", "organization_id", *_CHANGED)
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_rows(run: MatchRun, rows: Sequence[NewRow]) -> None:
    """Store matches that are not there yet."""
    if not rows:
        return
    if connection.vendor == "postgresql":
        _copy(run, rows, timezone.now())
    else:
        Match.objects.bulk_create(_instance(run, need_id, row) for need_id, row in rows)


def update_rows(run: MatchRun, rows: Sequence[ChangedRow]) -> None:
    """Store what changed in matches that are there; answers and the day of creation stay."""
    if not rows:
        return
    if connection.vendor == "postgresql":
        _update(run, rows, timezone.now())
    else:
        Match.objects.bulk_create(
            [_instance(run, need_id, row) for _pk, need_id, row in rows],
            update_conflicts=True,
            unique_fields=["need", "organization"],
            update_fields=[*_CHANGED, "run", "updated_at"],
        )


def clear_ranks(pks: Sequence[int]) -> None:
    """Take matches out of their lists and keep them."""
    Match.objects.filter(pk__in=pks).update(rank=None, updated_at=timezone.now())


def _instance(run: MatchRun, need_id: int, row: RowDraft) -> Match:
    return Match(
        need_id=need_id,
        organization_id=row.organization_id,
        run=run,
        rank=row.rank,
        score=row.score,
        fingerprint=row.fingerprint,
        **row.values,
    )


def _copy(run: MatchRun, rows: Iterable[NewRow], now: datetime) -> None:
    of_all = {**_defaults(), "run_id": run.pk, "created_at": now, "updated_at": now}
    head = "\t".join(_copied(value) for value in of_all.values())
    lines = "".join(_line(head, need_id, row) for need_id, row in rows)
    columns = ", ".join(map(connection.ops.quote_name, (*of_all, *_OF_EACH)))
    with connection.cursor() as cursor, cursor.copy(f"COPY {Match._meta.db_table} ({columns}) FROM STDIN") as copy:
        copy.write(lines)


def _line(head: str, need_id: int, row: RowDraft) -> str:
    texts = [text.replace("\\", "\\\\") for text in row.texts]  # JSON holds no raw tab or line end
    fields = (
        head,
        str(_new_public_id()),
        str(need_id),
        str(row.organization_id),
        str(row.rank),
        repr(row.score),
        *texts,
        str(row.fingerprint),
    )
    return "\t".join(fields) + "\n"


def _update(run: MatchRun, rows: Sequence[ChangedRow], now: datetime) -> None:
    table = connection.ops.quote_name(Match._meta.db_table)
    given = ["id", *_CHANGED]
    types = {"id": "bigint", "rank": "integer", "score": "float8", "fingerprint": "bigint"}
    arrays = ", ".join(f"%s::{types.get(name, 'text')}[]" for name in given)
    assigned = ", ".join(
        f"{connection.ops.quote_name(name)} = new.{name}{'::jsonb' if name in JSON_COLUMNS else ''}"
        for name in _CHANGED
    )
    columns = zip(*((pk, row.rank, row.score, *row.texts, row.fingerprint) for pk, _need, row in rows), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {assigned}, run_id = %s, updated_at = %s "  # noqa: S608  # names of columns only
            f"FROM unnest({arrays}) AS new({', '.join(given)}) WHERE {table}.id = new.id",
            [run.pk, now, *map(list, columns)],
        )


def _defaults() -> Mapping[str, Any]:
    """What a new match holds in the columns that the engine says nothing about."""
    written = {*_OF_EACH, "id", "run_id", "created_at", "updated_at"}
    fields = (field for field in Match._meta.concrete_fields if field.attname not in written)
    return {field.attname: field.get_default() for field in fields}


def _copied(value: object) -> str:
    """A value in the text format of COPY."""
    if value is None:
        return "\\N"
    return (value.isoformat() if isinstance(value, datetime) else str(value)).translate(_ESCAPES)


_new_public_id: Final = Match._meta.get_field("public_id").get_default
