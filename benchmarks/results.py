"""Storing result rows through the platform's own writer, against plain COPY of the same rows."""

import time
from collections.abc import Iterator
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO

import numpy as np
from django.db import connection, transaction

from benchmarks.population import fill_platform
from matching import engine
from matching.models import MatchRun
from matching.results import Answered, draft_lists, publish_lists

LIST_LENGTH = 20
NEEDS_AT_ONCE = 100
"""As many lists as a worker publishes in one transaction."""
LIMIT = 3.0
CRITERIA = tuple(engine.DEFAULT_WEIGHTS)[:9]


def measure_results(rows: int) -> None:
    """Print what storing, storing the same again, and plain COPY of the same rows take, on the running platform."""
    needs = rows // LIST_LENGTH
    fill_platform(needs, with_texts=False)
    runs = [MatchRun.objects.create(scope="full", status="done") for _ in range(3)]
    first, encoding = _publish(runs[0], needs, score=30)
    with TemporaryFile() as stored:
        size = _copy_out(stored)
        plain = _copy_in(stored, indexed=True)
        bare = _copy_in(stored, indexed=False)
    touched_before = _rows_touched()
    again, _ = _publish(runs[1], needs, score=30)
    touched = _rows_touched() - touched_before
    changed, _ = _publish(runs[2], needs, score=31)
    stored_rows = needs * LIST_LENGTH
    print(f"{stored_rows:,} rows of {size / stored_rows:,.0f} bytes each, lists of {LIST_LENGTH}, one process.\n")
    print("| step | seconds | × plain COPY |\n|---|---|---|")
    for name, seconds in (
        ("plain COPY into a table with the same indexes and references", plain),
        ("plain COPY into a table without any index", bare),
        ("the platform's writer, everything new", first),
        ("— of which making JSON of the engine's answers", encoding),
        ("the platform's writer, nothing changed", again),
        ("the platform's writer, every row changed", changed),
    ):
        print(f"| {name} | {seconds:.1f} | {seconds / plain:.2f} |")
    print(f"\nRows touched by the unchanged run: {touched}")
    if touched:
        raise SystemExit("An unchanged run must not write.")
    print(f"Verdict: {first / plain:.2f} × plain COPY, at most {LIMIT:.0f} wanted: {_verdict(first / plain <= LIMIT)}")


def _verdict(reached: bool) -> str:  # noqa: FBT001  # a verdict is a yes or a no
    return "reached" if reached else "missed"


def _publish(run: MatchRun, needs: int, *, score: int) -> tuple[float, float]:
    """Seconds of drafting and publishing, and of drafting alone; making the engine's answers is not counted."""
    drafting = publishing = 0.0
    for answered in _answers(needs, score):
        started = time.perf_counter()
        drafts = draft_lists(answered)
        drafted = time.perf_counter()
        publish_lists(run=run, drafts=drafts)
        drafting += drafted - started
        publishing += time.perf_counter() - drafted
    return drafting + publishing, drafting


def _answers(needs: int, score: int) -> Iterator[list[Answered]]:
    draw = np.random.default_rng(5)
    for start in range(0, needs, NEEDS_AT_ONCE):
        yield [
            Answered(_answer(need, draw.integers(1, needs, endpoint=True, size=3 * LIST_LENGTH).tolist(), score))
            for need in range(start + 1, min(start + NEEDS_AT_ONCE, needs) + 1)
        ]


def _answer(need: int, drawn: list[int], score: int) -> engine.MatchList:
    organizations = list(dict.fromkeys(drawn))[:LIST_LENGTH]
    matches = tuple(
        _match(organization, rank, Decimal(score) - Decimal(rank) / 100)
        for rank, organization in enumerate(organizations, start=1)
    )
    return engine.MatchList(str(need), matches, (), considered=200)


def _match(organization: int, rank: int, score: Decimal) -> engine.Match:
    points = score / len(CRITERIA)
    contributions = tuple(
        engine.Contribution(
            criterion,
            points,
            Decimal(10),
            (f"capability:{organization}",),
            engine.Detail(f"{criterion}.some", {"documents": rank, "share": 0.25}),
        )
        for criterion in CRITERIA
    )
    supporting = tuple(
        engine.Supporting(f"capability:{organization + step}", 0.5 / (step + 1), ("electrolyte", "sulfide", "powder"))
        for step in range(3)
    )
    return engine.Match(str(organization), rank, score, contributions, ("price", "capacity"), supporting)


def _copy_out(stored: IO[bytes]) -> int:
    with connection.cursor() as cursor, cursor.copy("COPY matching_match TO STDOUT") as copy:
        for piece in copy:
            stored.write(piece)
    return stored.tell()


def _copy_in(stored: IO[bytes], *, indexed: bool) -> float:
    """Seconds of one COPY of what was stored into an empty table like that of the matches."""
    stored.seek(0)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE peer (LIKE matching_match {'INCLUDING ALL' if indexed else ''})")
        if indexed:
            for column, table, key in (
                ("need_id", "listings_need", "listing_ptr_id"),
                ("organization_id", "organizations_organization", "id"),
                ("run_id", "matching_matchrun", "id"),
            ):
                reference = f"FOREIGN KEY ({column}) REFERENCES {table} ({key}) DEFERRABLE INITIALLY DEFERRED"
                cursor.execute(f"ALTER TABLE peer ADD {reference}")
        started = time.perf_counter()
        with transaction.atomic(), cursor.copy("COPY peer FROM STDIN") as copy:
            while piece := stored.read(1 << 20):
                copy.write(piece)
        seconds = time.perf_counter() - started
        cursor.execute("DROP TABLE peer")
    return seconds


def _rows_touched() -> int:
    """How many rows of lists were ever inserted, updated or deleted, as PostgreSQL counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables WHERE relname IN "
            "('matching_match', 'matching_matchexclusion', 'matching_publishedlist')"
        )
        return int(cursor.fetchone()[0])
