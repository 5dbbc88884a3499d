"""Importing the funding topics of the EU Funding & Tenders portal."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from consortia.imports.archives.faults import UnreadableArchive
from consortia.imports.archives.gzipped import gzip_lines
from consortia.imports.archives.limits import MEBIBYTE, Limits
from consortia.imports.calls.needs import SOURCE, StatedNeed, need_of
from consortia.imports.calls.topics import Topic, read_topics
from consortia.imports.models import READING
from consortia.imports.problems import Problem, ProblemLog, Tally
from consortia.imports.services.outcome import ImportOutcome, Progress, Silent
from consortia.imports.services.runs import Run, claimed_run
from consortia.listings.services import ImportedListings, import_needs
from consortia.organizations.models import Organization
from consortia.organizations.services import ImportedOrganization, record_imported_organizations
from consortia.technologies.labelling import keys_by_label

NEEDS_STAGE: Final = "needs"
TOPICS_PER_CHUNK: Final = 100
# A topic is one line, and some have 40,000 characters.
_LINE_BYTES: Final = 4 * MEBIBYTE
_PUBLIC_BODY: Final = ImportedOrganization(
    key="european-commission",
    names={"en": "European Commission", "zh-Hans": "欧盟委员会"},
    type=Organization.Type.PUBLIC_BODY,
    source_id="european-commission",
    country="BE",
    city="Brussels",
    website="https://commission.europa.eu",
)


def import_calls(
    *,
    path: Path,
    as_of: date | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    log: ProblemLog | None = None,
) -> ImportOutcome:
    """Import funding topics as needs of the European Commission.

    Doing it twice is doing it once. Topics whose deadline was over on the day that the archive is looked at are stored
    as expired, the others open; another day updates them. Nothing is written before the archive was read to its end.

    Args:
        path: the .jsonl.gz archive, one topic a line.
        as_of: the day on which the archive is looked at; None takes today.
        limits: how much it may hold; None takes the settings.
        progress: told how far it is.
        log: takes what cannot be taken.

    Raises:
        UnreadableArchive: the archive as a whole cannot be read; nothing was written.
        Conflict: the import was cancelled or taken over.
    """
    importing = _CallsImport(
        path=path,
        as_of=as_of or timezone.localdate(),
        limits=limits or Limits.from_settings(line_bytes=_LINE_BYTES),
        progress=progress or Silent(),
        log=log or ProblemLog(),
    )
    with claimed_run(source=SOURCE, path=path, options={"as_of": importing.as_of.isoformat()}) as run:
        return importing.do(run)


class _CallsImport:
    """One reading of the archive to check it, and one to record what it holds."""

    def __init__(self, *, path: Path, as_of: date, limits: Limits, progress: Progress, log: ProblemLog) -> None:
        self.path = path
        self.as_of = as_of
        self.limits = limits
        self.progress = progress
        self.log = log
        self.tally = Tally()

    def do(self, run: Run) -> ImportOutcome:
        """Check the archive, record it, and tell what became of it."""
        run.begin_reading(self.log)
        # How much it unpacks to, and so how far the reading is, gzip does not tell.
        self.progress.begin(READING, total=None)
        count = sum(1 for _topic in self._topics(self.tally, self.log, self.progress.advance))
        if not count:
            raise UnreadableArchive(f"{self.path.name} holds no topic. Give the archive with one JSON object a line.")
        run.store(READING, self.log)
        self._record(run, count)
        counted = run.counts.get(NEEDS_STAGE, {})
        self.tally.imported += counted.get("imported", 0)
        self.tally.refused += counted.get("refused", 0)
        return ImportOutcome(
            run_id=run.pk,
            files={self.path.name: self.tally},
            records={
                "needs": {name: counted.get(name, 0) for name in ("created", "updated", "unchanged")},
                "texts": {name: counted.get(name, 0) for name in ("titles cut", "descriptions cut")},
            },
            problems=run.problem_counts(),
        )

    def _topics(self, tally: Tally, log: ProblemLog, on_bytes: Callable[[int], None]) -> Iterator[Topic]:
        lines = gzip_lines(self.path, limits=self.limits, on_bytes=on_bytes)
        return read_topics(lines, file=self.path.name, tally=tally, log=log)

    def _record(self, run: Run, count: int) -> None:
        """Write the topics chunk by chunk, beginning where the run was left."""
        position = run.position_in(NEEDS_STAGE)
        log = run.log_for(NEEDS_STAGE, self.log)
        self.progress.begin(NEEDS_STAGE, total=count, done=position)
        # What cannot be taken was told at the first reading.
        topics = islice(self._topics(Tally(), ProblemLog(), lambda _size: None), position, None)
        while chunk := list(islice(topics, TOPICS_PER_CHUNK)):
            with transaction.atomic():
                run.add(NEEDS_STAGE, self._record_chunk(chunk, log))
                position += len(chunk)
                run.advance(stage=NEEDS_STAGE, position=position, log=log)
            self.progress.advance(len(chunk))

    def _record_chunk(self, topics: Sequence[Topic], log: ProblemLog) -> Counter[str]:
        today = timezone.localdate()
        keys = keys_by_label({keyword for topic in topics for keyword in topic.keywords})
        needs = [need_of(topic, as_of=self.as_of, today=today, technology_keys=keys) for topic in topics]
        outcome = import_needs(organization=_public_body(), drafts=[need.draft for need in needs], source=SOURCE)
        rows = {topic.topic_id: topic.row for topic in topics}
        self._report(outcome, rows, log)
        return _counted(outcome, needs)

    def _report(self, outcome: ImportedListings, rows: dict[str, int], log: ProblemLog) -> None:
        for problem in outcome.problems:
            for field, messages in (problem.fields or {"": [problem.message]}).items():
                log.add(
                    Problem(
                        kind="invalid_need",
                        file=self.path.name,
                        row=rows[problem.source_id],
                        field=field,
                        value=problem.source_id,
                        reason=messages[0],
                        is_refused=True,
                    )
                )


def _public_body() -> Organization:
    """The European Commission; imported once, and recognized from then on."""
    outcome = record_imported_organizations(records=[_PUBLIC_BODY], source=SOURCE)
    return Organization.objects.get(pk=outcome.ids[_PUBLIC_BODY.key])


def _counted(outcome: ImportedListings, needs: Sequence[StatedNeed]) -> Counter[str]:
    return Counter(
        {
            "created": outcome.created,
            "updated": outcome.updated,
            "unchanged": outcome.unchanged,
            "imported": len(outcome.ids),
            "refused": len(outcome.problems),
            "titles cut": sum(need.title_is_cut for need in needs),
            "descriptions cut": sum(need.description_is_cut for need in needs),
        }
    )
