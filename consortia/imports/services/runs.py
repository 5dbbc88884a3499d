"""Imports as rows: claimed by one process at a time, moved on with every chunk, taken up again where they stopped."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.imports.archives.faults import UnreadableArchive
from consortia.imports.models import READING, ImportProblem, ImportRun
from consortia.imports.problems import MAX_KEPT_PER_KIND, Problem, ProblemLog
from ronghe.common.errors import Conflict, DomainError
from ronghe.common.validation import unique_or_conflict

Status = ImportRun.Status
_PROBLEM: Final = "problem:"
_HASH_BYTES: Final = 1 << 20
_LONGEST_ERROR: Final = 2000
_UNFINISHED: Final = frozenset({Status.RUNNING, Status.FAILED, Status.CANCELLED})


class Run:
    """A claimed import. Whoever else claims it, or cancels it, stops this one at its next chunk.

    Attributes:
        counts: by stage, what was counted; stored with every chunk.
    """

    def __init__(self, row: ImportRun) -> None:
        self._row = row
        self.counts: dict[str, dict[str, int]] = {stage: dict(counted) for stage, counted in row.counts.items()}

    @property
    def pk(self) -> int:
        """Primary key of the row."""
        return self._row.pk

    @property
    def stage(self) -> str:
        """The stage that was reached."""
        return self._row.stage

    def position_in(self, stage: str) -> int:
        """How many rows of the stage were done before."""
        return self._row.position if self._row.stage == stage else 0

    def log_for(self, stage: str, log: ProblemLog) -> ProblemLog:
        """A log of the stage that goes on counting where the stage was left, and writes to the same report."""
        return ProblemLog(counts=Counter(_problems_in(self.counts.get(stage, {}))), write=log.write)

    def begin_reading(self, log: ProblemLog) -> None:
        """Forget what an earlier reading of the archive met, and write what later stages met to the log's report."""
        self.counts[READING] = {}
        known = ImportProblem.objects.filter(run=self._row)
        known.filter(stage=READING).delete()
        if log.write is not None:
            for row in known.order_by("id").iterator():
                log.write(_problem(row))

    def add(self, stage: str, counted: Mapping[str, int]) -> None:
        """Add to what the stage counted."""
        totals = self.counts.setdefault(stage, {})
        for name, number in counted.items():
            totals[name] = totals.get(name, 0) + number

    def problem_counts(self) -> dict[str, int]:
        """How many problems of each kind, of all stages together."""
        totals: Counter[str] = Counter()
        for counted in self.counts.values():
            totals.update(_problems_in(counted))
        return dict(totals)

    def advance(self, *, stage: str, position: int, log: ProblemLog) -> None:
        """Store how far a stage is, inside the transaction of the chunk it tells of.

        Raises:
            Conflict: the import was cancelled, or another process has taken it over.
        """
        self._row.stage, self._row.position = stage, position
        self.store(stage, log)

    @transaction.atomic
    def store(self, stage: str, log: ProblemLog) -> None:
        """Store what a stage counted and which problems it met.

        Raises:
            Conflict: the import was cancelled, or another process has taken it over.
        """
        counted = self.counts.setdefault(stage, {})
        counted.update({f"{_PROBLEM}{kind}": number for kind, number in log.counts.items()})
        mine = ImportRun.objects.filter(pk=self.pk, claim=self._row.claim, status=Status.RUNNING)
        if not mine.update(
            stage=self._row.stage, position=self._row.position, counts=self.counts, updated_at=timezone.now()
        ):
            raise Conflict(
                _("This import was cancelled, or another process took it over. Import the archive again to go on."),
                code="import_stopped",
            )
        ImportProblem.objects.bulk_create(_rows(self.pk, stage, log.take_kept()), batch_size=MAX_KEPT_PER_KIND)

    def end(self, status: str, error: str = "") -> None:
        """Write how the import ended, unless somebody else has it by now."""
        ImportRun.objects.filter(pk=self.pk, claim=self._row.claim, status=Status.RUNNING).update(
            status=status, error=error[:_LONGEST_ERROR], finished_at=timezone.now(), updated_at=timezone.now()
        )


def _problems_in(counted: Mapping[str, int]) -> dict[str, int]:
    return {name.removeprefix(_PROBLEM): number for name, number in counted.items() if name.startswith(_PROBLEM)}


def checksum_of(path: Path) -> str:
    """SHA-256 of a file.

    Raises:
        UnreadableArchive: it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_HASH_BYTES):
                digest.update(block)
    except OSError as error:
        raise UnreadableArchive(f"{path} cannot be read: {error.strerror}. Give the path of an archive.") from error
    return digest.hexdigest()


@contextmanager
def claimed_run(*, source: str, path: Path, options: Mapping[str, Any]) -> Iterator[Run]:
    """Claim the unfinished import of this archive, or begin one; however the block ends, the row says so.

    Args:
        source: what imported rows carry as their source.
        path: the archive; it is recognized by its checksum, whatever its name.
        options: what the import depends on; where they differ from last time, it begins from the start.

    Raises:
        Conflict: another process began the same import in this moment.
    """
    run = Run(_claim(source, path, dict(options)))
    try:
        yield run
    except KeyboardInterrupt:
        run.end(Status.CANCELLED)
        raise
    except DomainError as error:
        run.end(Status.FAILED, error.message)
        raise
    except Exception as error:
        run.end(Status.FAILED, f"{type(error).__name__}: {error}")
        raise
    run.end(Status.DONE)


@transaction.atomic
def _claim(source: str, path: Path, options: dict[str, Any]) -> ImportRun:
    checksum = checksum_of(path)
    unfinished = ImportRun.objects.select_for_update().filter(source=source, checksum=checksum, status__in=_UNFINISHED)
    run = unfinished.first() or ImportRun(source=source, checksum=checksum)
    if run.options != options:
        run.stage, run.position, run.counts = READING, 0, {}
        if run.pk:
            run.problems.all().delete()
    run.archive, run.options, run.claim = path.name[:255], options, uuid.uuid4()
    run.status, run.error, run.finished_at = Status.RUNNING, "", None
    with unique_or_conflict(
        _("Another process began to import this archive. Wait for it, or try again."), field="archive"
    ):
        run.save()
    return run


def cancel_run(*, run: ImportRun) -> None:
    """Stop a running import at its next chunk; what is done stays, and the next import of the archive goes on.

    Raises:
        Conflict: it is not running.
    """
    stopped = ImportRun.objects.filter(pk=run.pk, status=Status.RUNNING).update(
        status=Status.CANCELLED, finished_at=timezone.now(), updated_at=timezone.now()
    )
    if not stopped:
        raise Conflict(_("This import is not running, so there is nothing to cancel."), code="import_not_running")


def _problem(row: ImportProblem) -> Problem:
    return Problem(
        kind=row.kind,
        file=row.file,
        row=row.row,
        field=row.field,
        value=row.value,
        reason=row.reason,
        is_refused=row.is_refused,
    )


def _rows(run_id: int, stage: str, problems: list[Problem]) -> Iterator[ImportProblem]:
    for problem in problems:
        yield ImportProblem(
            run_id=run_id,
            stage=stage,
            kind=problem.kind,
            file=problem.file,
            row=problem.row,
            field=problem.field,
            value=problem.excerpt,
            reason=problem.reason,
            is_refused=problem.is_refused,
        )
