"""The import commands: what they print, where, and how they end."""

import csv
import json
import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from consortia.imports.models import ImportProblem, ImportRun
from consortia.imports.services import import_cordis
from consortia.organizations.models import Organization
from tests.consortia.imports.calls_authoring import topic, write_topics
from tests.consortia.imports.cordis_authoring import members, numbered, organization, project, write_zip
from tests.consortia.imports.import_process import start_import

LARGE_BYTES = 60_000_000
# What a reading may hold at once: a chunk, buffers, hashes of what was seen; never the file.
GROWTH_MEBIBYTES = 30


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_outcome_adds_up_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = write_zip(tmp_path / "archive.zip", members(organizations=[organization(), organization(SME="perhaps")]))
    out = printed("import_cordis", str(archive))
    assert "organization.csv: 2 rows read = 1 imported + 1 merged + 0 left out\n" in out
    assert "organizations: 1 created, 0 updated, 0 unchanged\n" in out
    assert "problems: 1 invalid_flag\n" in out
    assert "--report FILE.csv" in out
    assert "Done in " in out
    assert "reading: " in capsys.readouterr().err


@pytest.mark.django_db
def test_json_is_all_that_is_printed(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "archive.zip", members(*numbered(2)))
    told = json.loads(printed("import_cordis", str(archive), "--json"))
    assert told["run"] == ImportRun.objects.get().pk
    assert told["files"]["project.csv"] == {"read": 2, "imported": 2, "merged": 0, "refused": 0}
    assert told["records"]["experience"] == {"created": 2, "updated": 0, "unchanged": 0}
    assert told["seconds"] >= 0
    assert told["peak_mebibytes"] > 0


@pytest.mark.django_db
def test_the_report_holds_every_problem_and_no_formula(tmp_path: Path) -> None:
    rows = [organization(), organization(projectID="404", name="=HYPERLINK(1)"), organization(SME="=1+1")]
    archive = write_zip(tmp_path / "archive.zip", members(organizations=rows))
    printed("import_cordis", str(archive), "--report", str(tmp_path / "report.csv"))
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as stream:
        reported = list(csv.DictReader(stream))
    assert [(row["file"], row["row"], row["field"], row["value"], row["left out"]) for row in reported] == [
        ("organization.csv", "4", "SME", "'=1+1", "no"),
        ("organization.csv", "3", "projectID", "404", "yes"),
    ]


@pytest.mark.django_db
def test_a_report_after_a_break_tells_what_was_met_before(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "archive.zip", members(organizations=[organization(vatNumber="MISSING")]))
    import_cordis(path=archive)
    ImportRun.objects.update(status="failed")
    printed("import_cordis", str(archive), "--report", str(tmp_path / "report.csv"))
    assert "MISSING" in (tmp_path / "report.csv").read_text(encoding="utf-8-sig")
    assert ImportProblem.objects.count() == 1


@pytest.mark.django_db
def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "archive.zip", members())
    assert "project.csv: 1 rows read = 1 imported" in printed("import_cordis", str(archive), "--dry-run")
    assert not Organization.objects.exists()


@pytest.mark.parametrize("command", ["import_cordis", "import_calls"])
@pytest.mark.django_db
def test_a_refusal_is_one_sentence(command: str, tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("no archive")
    with pytest.raises(CommandError) as caught:
        call_command(command, str(tmp_path / "archive"))
    assert str(caught.value).startswith("archive is no ")


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "archive.zip", members())
    with pytest.raises(CommandError, match=r"The report .* cannot be written"):
        call_command("import_cordis", str(archive), "--report", str(tmp_path / "none" / "report.csv"))


def test_help_gives_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("import_cordis", "import_calls"):
        with pytest.raises(SystemExit):
            call_command(command, "--help")
        assert f"Example: manage.py {command}" in " ".join(capsys.readouterr().out.split())


def test_a_day_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no day; write it as 2026-05-31"):
        call_command("import_calls", str(tmp_path / "calls"), "--as-of", "tomorrow")


@pytest.mark.django_db
def test_calls_as_of_a_day(tmp_path: Path) -> None:
    archive = write_topics(tmp_path / "calls.jsonl.gz", [topic(deadline="2026-09-01")])
    told = json.loads(printed("import_calls", str(archive), "--as-of", "2026-08-01", "--json"))
    assert told["records"]["needs"] == {"created": 1, "updated": 0, "unchanged": 0}


def peak_of_reading(archive: Path) -> int:
    process = start_import(archive, "--dry-run", "--json")
    out, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors
    peak: int = json.loads(out)["peak_mebibytes"]
    return peak


@pytest.mark.django_db(transaction=True)
def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    chance = random.Random(1)
    texts = 4000
    rows = [
        project(id=str(number), objective=chance.randbytes(LARGE_BYTES // texts // 2).hex())
        for number in range(101_000_001, 101_000_001 + texts)
    ]
    large = write_zip(tmp_path / "large.zip", members(projects=rows))
    small = write_zip(tmp_path / "small.zip", members())
    assert peak_of_reading(large) < peak_of_reading(small) + GROWTH_MEBIBYTES


@pytest.fixture
def some_problems(db: None, tmp_path: Path) -> ImportRun:
    import_cordis(path=write_zip(tmp_path / "archive.zip", members(organizations=[organization(SME="perhaps")])))
    return ImportRun.objects.get()


@pytest.mark.parametrize("model", ["importrun", "importproblem"])
def test_admin_pages(model: str, some_problems: ImportRun, curator_client: Client) -> None:
    record: Any = some_problems if model == "importrun" else some_problems.problems.get()
    assert curator_client.get(f"/admin/imports/{model}/", {"q": "archive"}).status_code == 200
    assert curator_client.get(f"/admin/imports/{model}/{record.pk}/change/").status_code == 200
    assert curator_client.get(f"/admin/imports/{model}/add/").status_code == 403


def test_admin_is_closed_to_others(some_problems: ImportRun, charlie_client: Client) -> None:
    assert charlie_client.get("/admin/imports/importrun/").status_code == 302


def test_curators_cancel_a_running_import(some_problems: ImportRun, curator_client: Client) -> None:
    ImportRun.objects.update(status="running")
    sent = {"action": "cancel", "_selected_action": [some_problems.pk]}
    curator_client.post("/admin/imports/importrun/", sent)
    some_problems.refresh_from_db()
    assert some_problems.status == "cancelled"
    told = curator_client.post("/admin/imports/importrun/", sent, follow=True)
    assert "nothing to cancel" in told.content.decode()
