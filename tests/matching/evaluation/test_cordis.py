"""The protocol on real consortia: who is a candidate, what is a need, what is relevant, and that nothing leaks."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from consortia.imports.archives.faults import UnreadableArchive
from matching.engine import Settings
from matching.evaluation.archive import read_projects
from matching.evaluation.cordis import METRICS, Actions, Period, Task, Trial, make_trial
from matching.evaluation.cordis_report import CordisReport, evaluate_cordis
from ronghe.common.errors import InvalidInput
from tests.consortia.imports.cordis_authoring import members, table, write_zip
from tests.matching.evaluation.consortia_authoring import Rows, organization_rows, project_rows, write_archive

pytestmark = pytest.mark.database_free

PERIOD = Period(date(2024, 7, 1), date(2025, 1, 1))


def trial_of(path: Path, task: Task = Task.PARTNERS, actions: Actions = Actions.CONSORTIUM) -> Trial:
    return make_trial(read_projects(path, on_bytes=lambda _size: None), PERIOD, task=task, actions=actions)


def report_of(path: Path, task: Task = Task.PARTNERS, **options: object) -> CordisReport:
    values = {"settings": Settings(encoder=None), "actions": Actions.CONSORTIUM, **options}
    return evaluate_cordis(path, period=PERIOD, task=task, **values)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_archive(tmp_path / "archive.zip")


def test_candidates_took_part_in_something_signed_before(archive: Path) -> None:
    assert [organization.id for organization in trial_of(archive).organizations] == [
        "900000001", "900000002", "900000003", "900000004",
    ]  # fmt: skip


def test_needs_are_consortia_of_three_with_somebody_to_find(archive: Path) -> None:
    found = trial_of(archive)
    assert [need.id for need in found.needs] == ["4"]
    assert found.relevant == {"4": {"900000001", "900000002", "900000003"}}
    assert found.left_out == 1


def test_all_actions_take_fellowships_in(archive: Path) -> None:
    assert [need.id for need in trial_of(archive, actions=Actions.ALL).needs] == ["4", "5"]


def test_the_coordinator_owns_the_need_it_completes(archive: Path) -> None:
    [need] = trial_of(archive, Task.COMPLETION).needs
    assert need.organization == "900000002"
    assert trial_of(archive, Task.COMPLETION).relevant == {"4": {"900000001", "900000003"}}
    [ranked] = report_of(archive, Task.COMPLETION).lists
    assert "900000002" not in ranked.organizations


def test_the_coordinator_looks_in_its_own_country_first(archive: Path) -> None:
    assert [need.regions for need in trial_of(archive, Task.COMPLETION).needs] == [{"DE"}]
    assert [need.regions for need in trial_of(archive, Task.PARTNERS).needs] == [frozenset()]


def test_programme_and_call_are_read_as_words_on_both_sides(tmp_path: Path) -> None:
    rows = [{**row, "topics": f"CALL-{row['id']}", "legalBasis": "HORIZON.2.5"} for row in project_rows()]
    files = {**members([], organization_rows(), []), "project.csv": table(rows, rows[0])}
    found = trial_of(write_zip(tmp_path / "archive.zip", files))
    [asked] = found.needs[0].texts
    assert asked.body.splitlines()[-2:] == ["HORIZON.2.5", "CALL-4"]
    past = next(document for document in found.documents if document.id.startswith("1/"))
    assert past.texts[0].body.splitlines()[-2:] == ["HORIZON.2.5", "CALL-1"]


def test_partners_have_no_owner(archive: Path) -> None:
    [need] = trial_of(archive).needs
    assert need.organization is None


def test_names_of_participants_are_masked(archive: Path) -> None:
    [text] = trial_of(archive).needs[0].texts
    assert text.title.split() == ["Battery", "cells", "with", "lasers", "by"]
    assert text.body.split() == ["The", "welds", "battery", "cells."]


def test_two_rows_of_one_organization_are_one_part(tmp_path: Path) -> None:
    rows = organization_rows()
    twice = [{**row, "role": "participant", "shortName": "SOLO"} for row in rows if row["projectID"] == "6"]
    path = write_archive(tmp_path / "twice.zip", organizations=[*rows, *twice])
    assert [need.id for need in trial_of(path).needs] == ["4"]
    merged = next(item for item in read_projects(path, on_bytes=lambda _size: None) if item.id == "6")
    assert merged.coordinator is not None
    assert merged.coordinator.names == {"VOLTA CELLS GMBH", "VOLTA", "SOLO"}


def changed_later_projects(projects: Rows, organizations: Rows) -> None:
    """What is signed after the period becomes something else altogether, with everybody in it."""
    for row in projects:
        if row["id"] == "8":
            row.update(title="Laser battery welding", objective="The same as the need. " * 5)
    organizations += [{**row, "projectID": "8"} for row in organizations]


def changed_outcomes(projects: Rows, organizations: Rows) -> None:
    """What becomes known after the award: money, dates, results."""
    for row in projects:
        row.update(endDate="2031-01-01", totalCost="7", ecMaxContribution="9", rcn="1")
    for row in organizations:
        row.update(ecContribution="123456", netEcContribution="1")


def changed_descriptions(_projects: Rows, organizations: Rows) -> None:
    """How the rows of needs and of later projects describe organizations; a coordinator's country may be known."""
    for row in organizations:
        if row["projectID"] in {"4", "5", "6", "7", "8"}:
            country = row["country"] if row["role"] == "coordinator" else "FR"
            row.update(activityType="PUB", country=country, SME="false")


def undated(projects: Rows, _organizations: Rows) -> None:
    """A project without a date of signature, about the very need: it may have been signed later."""
    projects.append({**projects[3], "id": "9", "ecSignatureDate": ""})


@pytest.mark.parametrize("change", [changed_later_projects, changed_outcomes, changed_descriptions, undated])
@pytest.mark.parametrize("task", list(Task))
def test_what_may_not_be_known_changes_nothing(
    archive: Path, tmp_path: Path, task: Task, change: Callable[[Rows, Rows], None]
) -> None:
    projects, organizations = project_rows(), organization_rows()
    change(projects, organizations)
    assert (projects, organizations) != (project_rows(), organization_rows())
    topics = [{"projectID": "4", "euroSciVocCode": "/1/2", "euroSciVocPath": "/a/b", "euroSciVocTitle": "b"}]
    path = write_archive(tmp_path / "changed.zip", projects, organizations, topics)
    assert trial_of(path, task) == trial_of(archive, task)
    assert report_of(path, task).lists == report_of(archive, task).lists


def test_the_report_has_every_metric_with_its_interval(archive: Path) -> None:
    report = report_of(archive).as_json()
    assert (report["needs"], report["candidates"], report["left_out"]) == (1, 4, 1)
    assert report["R@20"] == 1.0
    assert set(METRICS) == set(report["intervals"])
    assert all(low <= report[name] <= high for name, (low, high) in report["intervals"].items())
    assert set(report["by_organization_type"]) == {"firm", "university", "research_institute"}
    assert {"index", "rank"} <= set(report["seconds"])
    assert report["peak_memory_mb"] > 0


def test_the_lists_are_the_same_every_time(archive: Path) -> None:
    assert report_of(archive).lists == report_of(archive).lists


def test_two_settings_are_compared_need_by_need(archive: Path) -> None:
    same = report_of(archive, against=Settings(encoder=None)).as_json()
    assert same["against"]["differences"]["R@20"] == {"difference": 0.0, "interval": [0.0, 0.0]}
    blind = {name: 100.0 if name == "freshness" else 0.0 for name in Settings().weights}
    other = report_of(archive, against=Settings(encoder=None, weights=blind)).as_json()
    assert other["against"]["nDCG@20"] + other["against"]["differences"]["nDCG@20"]["difference"] == pytest.approx(
        other["nDCG@20"], abs=2e-4
    )


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    rows = [{name: value for name, value in row.items() if name != "ecSignatureDate"} for row in project_rows()]
    files = {**members(project_rows(), organization_rows(), []), "project.csv": table(rows, rows[0])}
    path = write_zip(tmp_path / "archive.zip", files)
    with pytest.raises(UnreadableArchive, match=r"project\.csv lacks the column ecSignatureDate"):
        trial_of(path)


def test_what_an_archive_lacks_is_said_and_counted(tmp_path: Path) -> None:
    projects = [{name: value for name, value in row.items() if name != "fundingScheme"} for row in project_rows()]
    projects.append({**projects[0], "id": "10", "ecSignatureDate": ""})
    parts = organization_rows()
    parts += [{**parts[0], "organisationID": unnamed} for unnamed in ("", "nan", "NaN")]
    parts.append({**parts[0], "projectID": "404"})
    files = {**members([], parts, []), "project.csv": table(projects, projects[0])}
    report = report_of(write_zip(tmp_path / "archive.zip", files)).as_json()
    assert (report["needs"], report["candidates"]) == (2, 4), "without schemes the doctoral network is a need"
    [warning] = [each for each in report["warnings"] if "fundingScheme" in each]
    assert warning.startswith("project.csv has no column fundingScheme: every project counts as a consortium")
    assert report["rows_left_out"] == {
        "organization.csv: no organization": 3,
        "organization.csv: of a project that is not read": 1,
        "project.csv: no id, title or date of signature": 1,
    }


def test_a_period_without_days_or_history_or_needs_is_refused(archive: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no day") as caught:
        Period(date(2025, 1, 1), date(2024, 7, 1))
    assert set(caught.value.fields) == {"from", "to"}
    projects = read_projects(archive, on_bytes=lambda _size: None)
    with pytest.raises(InvalidInput, match="no project signed before"):
        make_trial(projects, Period(date(2020, 1, 1), date(2021, 1, 1)))
    with pytest.raises(InvalidInput, match="can be scored"):
        make_trial(projects, Period(date(2026, 1, 1), date(2027, 1, 1)))
