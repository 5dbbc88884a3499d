"""Importing the archive of CORDIS."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from consortia.imports.archives.limits import Limits
from consortia.imports.archives.zipped import TextArchive, open_archive
from consortia.imports.cordis.layout import MEMBERS, SOURCE
from consortia.imports.cordis.reading import Reading, read_archive
from consortia.imports.cordis.spool import Spool, open_spool
from consortia.imports.models import READING
from consortia.imports.problems import ProblemLog
from consortia.imports.services.outcome import ImportOutcome, Progress, Silent
from consortia.imports.services.recording import EXPERIENCE_STAGE, ORGANIZATIONS_STAGE, Recorder
from consortia.imports.services.runs import claimed_run

_STATES: Final = ("created", "updated", "unchanged")


def import_cordis(
    *, path: Path, limits: Limits | None = None, progress: Progress | None = None, log: ProblemLog | None = None
) -> ImportOutcome:
    """Import CORDIS's archive of projects: organizations, technologies, projects as experience of their participants.

    Doing it twice is doing it once. An import that was killed, cancelled or failed goes on where it stopped; a chunk is
    written whole or not at all, and nothing is written before the archive was read to its end.

    Args:
        path: the zip archive as published.
        limits: how much it may hold; None takes the settings.
        progress: told how far it is.
        log: takes what cannot be taken.

    Raises:
        UnreadableArchive: the archive as a whole cannot be read; nothing was written.
        Conflict: the import was cancelled or taken over.
    """
    watcher, problems = progress or Silent(), log or ProblemLog()
    with (
        open_archive(path, members=MEMBERS, limits=limits or Limits.from_settings()) as archive,
        open_spool() as spool,
        claimed_run(source=SOURCE, path=path, options={}) as run,
    ):
        run.begin_reading(problems)
        reading = _read(archive, spool, problems, watcher)
        run.store(READING, problems)
        recorder = Recorder(spool=spool, run=run, log=problems, progress=watcher)
        recorder.record()
        recorder.add_to_tallies(reading.tallies)
        return _outcome(run_id=run.pk, reading=reading, counts=run.counts, problems=run.problem_counts())


def inspect_cordis(
    *, path: Path, limits: Limits | None = None, progress: Progress | None = None, log: ProblemLog | None = None
) -> ImportOutcome:
    """Read CORDIS's archive as an import does and tell what it would take, without writing anything.

    Faults that only the rooms can tell, such as a VAT number whose checksum is wrong, are not among the problems.

    Args, Raises: see `import_cordis`.
    """
    watcher, problems = progress or Silent(), log or ProblemLog()
    with (
        open_archive(path, members=MEMBERS, limits=limits or Limits.from_settings()) as archive,
        open_spool() as spool,
    ):
        reading = _read(archive, spool, problems, watcher)
        for tally in reading.tallies.values():
            tally.imported = tally.unaccounted
        return _outcome(run_id=None, reading=reading, counts={}, problems=problems.counts)


def _read(archive: TextArchive, spool: Spool, log: ProblemLog, progress: Progress) -> Reading:
    progress.begin(READING, total=archive.total_bytes)
    return read_archive(archive, spool=spool, log=log, on_bytes=progress.advance)


def _outcome(
    *, run_id: int | None, reading: Reading, counts: Mapping[str, Mapping[str, int]], problems: Mapping[str, int]
) -> ImportOutcome:
    records = {
        stage: {state: counts[stage].get(state, 0) for state in _STATES}
        for stage in (ORGANIZATIONS_STAGE, EXPERIENCE_STAGE)
        if stage in counts
    }
    return ImportOutcome(
        run_id=run_id, files=reading.tallies, records=records, problems=dict(problems), notes=list(_notes(reading))
    )


def _notes(reading: Reading) -> list[str]:
    notes = [
        f"{name} has no column {', '.join(columns)}: read as empty."
        for name, columns in reading.missing_columns.items()
        if columns
    ]
    notes += [
        f"{name}: these columns are not read: {', '.join(columns)}."
        for name, columns in reading.unknown_columns.items()
        if columns
    ]
    return notes + [f"{name} holds no row." for name, tally in reading.tallies.items() if not tally.read]
