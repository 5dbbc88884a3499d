"""Imports that break off: every chunk is whole or not there, and the next import goes on."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from consortia.evidence.models import Experience
from consortia.imports.models import ImportRun
from consortia.imports.services import cancel_run, import_cordis, recording
from consortia.organizations.models import Identifier, Organization
from ronghe.common.errors import Conflict
from tests.consortia.imports.cordis_authoring import members, numbered, write_zip
from tests.consortia.imports.import_process import start_import

COUNT = 12
DEADLINE_SECONDS = 60.0


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_zip(tmp_path / "archive.zip", members(*numbered(COUNT)))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "ORGANIZATIONS_PER_CHUNK", 5)
    monkeypatch.setattr(recording, "PROJECTS_PER_CHUNK", 5)


def failing_at(monkeypatch: pytest.MonkeyPatch, name: str, call: int, error: BaseException) -> None:
    """Let a service of a room break at its n-th call, after it has written."""
    service: Callable[..., Any] = getattr(recording, name)
    calls = 0

    def breaking(**arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        outcome = service(**arguments)
        if calls == call:
            raise error
        return outcome

    monkeypatch.setattr(recording, name, breaking)


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize(
    ("name", "stage", "organizations", "projects"),
    [
        ("record_imported_organizations", "organizations", 5, 0),
        ("record_imported_experience", "experience", COUNT, 5),
    ],
)
def test_a_chunk_that_breaks_is_not_there_and_the_next_import_goes_on(
    archive: Path, monkeypatch: pytest.MonkeyPatch, name: str, stage: str, organizations: int, projects: int
) -> None:
    with monkeypatch.context() as patch:
        failing_at(patch, name, 2, RuntimeError("the disk is full"))
        with pytest.raises(RuntimeError):
            import_cordis(path=archive)
    assert (Organization.objects.count(), Experience.objects.count()) == (organizations, projects)
    run = ImportRun.objects.get()
    assert (run.status, run.stage, run.position, run.error) == ("failed", stage, 5, "RuntimeError: the disk is full")

    outcome = import_cordis(path=archive)
    assert outcome.run_id == run.pk
    assert (Organization.objects.count(), Experience.objects.count()) == (COUNT, COUNT)
    assert outcome.records == {
        "organizations": {"created": COUNT, "updated": 0, "unchanged": 0},
        "experience": {"created": COUNT, "updated": 0, "unchanged": 0},
    }
    assert all(tally.unaccounted == 0 for tally in outcome.files.values())
    run.refresh_from_db()
    assert (run.status, run.error) == ("done", "")


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_an_interrupted_import_keeps_what_is_done(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_at(monkeypatch, "record_imported_experience", 3, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        import_cordis(path=archive)
    assert Experience.objects.count() == 10
    assert ImportRun.objects.get().status == "cancelled"


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_cancelling_stops_an_import_at_its_next_chunk(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = recording.record_imported_organizations

    def cancelling(**arguments: Any) -> Any:
        if Organization.objects.exists():
            cancel_run(run=ImportRun.objects.get())
        return service(**arguments)

    monkeypatch.setattr(recording, "record_imported_organizations", cancelling)
    with pytest.raises(Conflict, match="was cancelled") as caught:
        import_cordis(path=archive)
    assert caught.value.code == "import_stopped"
    assert Organization.objects.count() == 5


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_a_second_import_takes_over_from_the_first(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = recording.record_imported_experience
    took_over = []

    def overtaken(**arguments: Any) -> Any:
        if not took_over:
            took_over.append(True)
            monkeypatch.setattr(recording, "record_imported_experience", service)
            import_cordis(path=archive)
        return service(**arguments)

    monkeypatch.setattr(recording, "record_imported_experience", overtaken)
    with pytest.raises(Conflict, match="took it over"):
        import_cordis(path=archive)
    assert Experience.objects.count() in {0, COUNT}
    assert ImportRun.objects.count() == 1


@pytest.mark.django_db
def test_a_run_that_is_over_cannot_be_cancelled(archive: Path) -> None:
    import_cordis(path=archive)
    with pytest.raises(Conflict, match="not running"):
        cancel_run(run=ImportRun.objects.get())


def wait_until(happened: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGKILL, "running"), (signal.SIGINT, "cancelled")])
def test_a_killed_process_leaves_whole_chunks_and_the_next_one_goes_on(
    tmp_path: Path, sent: signal.Signals, status: str
) -> None:
    count = 2500
    archive = write_zip(tmp_path / "archive.zip", members(*numbered(count)))
    process = start_import(archive)
    try:
        wait_until(lambda: Organization.objects.exists(), process)
        os.kill(process.pid, sent)
        _out, errors = process.communicate(timeout=DEADLINE_SECONDS)
    finally:
        process.kill()
    run = ImportRun.objects.get()
    assert (run.status, run.stage) == (status, "organizations")
    assert 0 < run.position < count
    assert Organization.objects.count() == Identifier.objects.count() == run.position
    if sent == signal.SIGINT:
        assert process.returncode == 130
        assert errors.strip().endswith("Stopped. What is done stays; run the same command again to go on.")

    again = start_import(archive, "--json")
    out, errors = again.communicate(timeout=DEADLINE_SECONDS)
    assert again.returncode == 0, errors
    told = json.loads(out)
    assert told["run"] == run.pk
    assert told["records"]["organizations"]["created"] == count
    assert told["files"]["project.csv"] == {"read": count, "imported": count, "merged": 0, "refused": 0}
    assert f"of which {run.position} were done before" in errors
    assert Organization.objects.count() == Experience.objects.count() == count
