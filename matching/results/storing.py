"""Rows of matches in bulk: COPY and one UPDATE on PostgreSQL, Django's bulk statements elsewhere.

On PostgreSQL rows go past the ORM, which would send every value of every row as a parameter of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from matching.models import Match, MatchRun
from matching.results.encoding import JSON_COLUMNS, RowDraft, decode_columns

NewRow = tuple[int, RowDraft]
"""(need, row) of a match that is not there yet."""
ChangedRow = tuple[int, int, RowDraft]
"""(primary key, need, row) of a match that is there already."""

_CHANGED: Final = ("rank", "score", *JSON_COLUMNS, "fingerprint")
_OF_EACH: Final = ("organization_id", *_CHANGED)
_TABLE: Final = Match._meta.db_table
_BESIDE: Final = "changed_matches"
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
        **decode_columns(row.texts),
    )


def _copy(run: MatchRun, rows: Iterable[NewRow], now: datetime) -> None:
    of_all = {**_defaults(), "run_id": run.pk, "created_at": now, "updated_at": now}
    head = "\t".join(_copied(value) for value in of_all.values())
    lines = (f"{head}\t{_new_public_id()}\t{need_id}\t{_columns(row)}\n" for need_id, row in rows)
    with connection.cursor() as cursor:
        _copy_lines(cursor, Match._meta.db_table, (*of_all, "public_id", "need_id", *_OF_EACH), lines)


def _update(run: MatchRun, rows: Iterable[ChangedRow], now: datetime) -> None:
    """Copy the rows beside the table and take them over from there in one statement."""
    assigned = ", ".join(f"{name} = {_BESIDE}.{name}" for name in _CHANGED)
    lines = (f"{pk}\t{_columns(row)}\n" for pk, _need_id, row in rows)
    with connection.cursor() as cursor:
        shape = f"SELECT id, {', '.join(_OF_EACH)} FROM {_TABLE} WITH NO DATA"  # noqa: S608  # names of ours only
        cursor.execute(f"CREATE TEMPORARY TABLE {_BESIDE} ON COMMIT DROP AS {shape}")
        _copy_lines(cursor, _BESIDE, ("id", *_OF_EACH), lines)
        cursor.execute(
            f"UPDATE {_TABLE} SET {assigned}, run_id = %s, updated_at = %s FROM {_BESIDE} "  # noqa: S608  # likewise
            f"WHERE {_TABLE}.id = {_BESIDE}.id",
            [run.pk, now],
        )
        cursor.execute(f"DROP TABLE {_BESIDE}")


def _copy_lines(cursor: Any, table: str, columns: Iterable[str], lines: Iterable[str]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        copy.write("".join(lines))


def _columns(row: RowDraft) -> str:
    """`_OF_EACH` in the text format of COPY; JSON holds no raw tab or line end."""
    texts = "\t".join(row.texts).replace("\\", "\\\\")
    return f"{row.organization_id}\t{row.rank}\t{row.score!r}\t{texts}\t{row.fingerprint}"


def _defaults() -> Mapping[str, Any]:
    """What a new match holds in the columns that the engine says nothing about."""
    written = {*_OF_EACH, "id", "public_id", "need_id", "run_id", "created_at", "updated_at"}
    fields = (field for field in Match._meta.concrete_fields if field.attname not in written)
    return {field.attname: field.get_default() for field in fields}


def _copied(value: object) -> str:
    """A value in the text format of COPY."""
    if value is None:
        return "\\N"
    return (value.isoformat() if isinstance(value, datetime) else str(value)).translate(_ESCAPES)


_new_public_id: Final = Match._meta.get_field("public_id").get_default
