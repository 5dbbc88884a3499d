"""`manage.py evaluate` as people and machines use it."""

import csv
import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.matching.evaluation.consortia_authoring import organization_rows, write_archive

pytestmark = pytest.mark.database_free


@pytest.fixture(autouse=True)
def words_only(settings: Any) -> None:
    settings.MATCHING_ENCODER = ""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_archive(tmp_path / "archive.zip")


def evaluate(archive: Path, *arguments: str, start: str = "2024-07-01") -> str:
    out = StringIO()
    call_command("evaluate", "cordis", str(archive), "--from", start, "--to", "2025-01-01", *arguments, stdout=out)
    return out.getvalue()


def test_json_is_one_line(archive: Path) -> None:
    out = evaluate(archive, "--json", "--task", "completion")
    assert out.count("\n") == 1
    report = json.loads(out)
    assert report["task"] == "completion"
    assert report["needs"] == 1
    assert {"R@20", "R@100", "nDCG@20", "MRR@100", "Hit@20"} <= set(report)


def test_people_get_a_table(archive: Path) -> None:
    out = evaluate(archive)
    assert "1 needs, 4 candidates; 1 projects without a relevant candidate left out." in out
    assert "nDCG@20" in out


def test_people_are_told_what_the_archive_lacks(tmp_path: Path) -> None:
    unnamed = [{**organization_rows()[0], "organisationID": "nan"}]
    out = evaluate(write_archive(tmp_path / "archive.zip", organizations=[*organization_rows(), *unnamed]))
    assert "left out 1 × organization.csv: no organization" in out


def test_scores_are_what_the_metrics_rest_on(archive: Path, tmp_path: Path) -> None:
    evaluate(archive, "--scores", str(tmp_path / "scores.csv"))
    with (tmp_path / "scores.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["need"] for row in rows} == {"4"}
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores, reverse=True)


def test_settings_are_compared(archive: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"text_half": 0.9, "encoder": null}')
    assert "differences" in json.loads(evaluate(archive, "--json", "--against", str(other)))["against"]
    assert "against" in evaluate(archive, "--against", str(other))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        ("{", "is no JSON"),
        ("[1]", "no JSON object"),
        ('{"text_haf": 1}', "text_haf is not a setting"),
        ('{"text_half": -1}', "text_half is -1"),
    ],
)
@pytest.mark.parametrize("option", ["--against", "--engine-settings"])
def test_unusable_settings_are_refused_by_name(
    archive: Path, tmp_path: Path, content: str | None, told: str, option: str
) -> None:
    path = tmp_path / "settings.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CommandError, match=told):
        evaluate(archive, option, str(path))


def test_bad_arguments_are_refused(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        evaluate(tmp_path / "nothing.zip")
    with pytest.raises(CommandError, match="is no day"):
        evaluate(archive, start="last summer")
    with pytest.raises(CommandError, match="holds no day"):
        evaluate(archive, start="2025-01-01")
    with pytest.raises(CommandError, match="cannot be written"):
        evaluate(archive, "--scores", str(tmp_path / "no" / "folder.csv"))


def test_a_fresh_checkout_needs_neither_key_nor_database(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in {"SECRET_KEY", "DATABASE_URL"}}
    told = subprocess.run(
        [sys.executable, "manage.py", "evaluate", "cordis", "no.zip", "--from", "2024-07-01", "--to", "2025-01-01"],
        env={**kept, "RONGHE_VAR_DIR": str(tmp_path)},
        cwd=settings.PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (
        1, "CommandError: no.zip cannot be read: No such file or directory. Give the path of a zip file.\n",
    )  # fmt: skip
