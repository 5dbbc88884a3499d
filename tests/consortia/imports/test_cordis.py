"""What an import of CORDIS's archive writes, merges and reports."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import models

from consortia.evidence.models import Experience, Participation
from consortia.imports.models import ImportProblem, ImportRun
from consortia.imports.problems import MAX_KEPT_PER_KIND
from consortia.imports.services import ImportOutcome, import_cordis, inspect_cordis
from consortia.organizations.models import Identifier, Membership, Organization, OrganizationName
from consortia.technologies.models import Technology, TechnologyRelation
from ronghe.events.models import Event
from tests.consortia.imports.cordis_authoring import members, numbered, organization, project, topic, write_zip

Rows = list[dict[str, str]]
Imported = Callable[..., ImportOutcome]

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(tmp_path: Path) -> Imported:
    def write_and_import(
        projects: Rows | None = None, organizations: Rows | None = None, topics: Rows | None = None
    ) -> ImportOutcome:
        files = members(projects, organizations, topics)
        outcome = import_cordis(path=write_zip(tmp_path / "archive.zip", files))
        for name, tally in outcome.files.items():
            assert tally.unaccounted == 0, name
        return outcome

    return write_and_import


def snapshot() -> list[list[tuple[object, ...]]]:
    """Every row an import can write, with its version."""
    tables: list[type[models.Model]] = [
        Organization,
        OrganizationName,
        Identifier,
        Technology,
        TechnologyRelation,
        Experience,
        Participation,
        Experience.technologies.through,
        Event,
    ]
    return [list(table._default_manager.order_by("pk").values_list()) for table in tables]


def test_an_organization_with_all_it_says(imported: Imported) -> None:
    imported()
    body = Organization.objects.get()
    assert body.names == {"en": "LOMARTOV SL"}
    assert (body.type, body.is_sme, body.country, body.nuts_code, body.city) == (
        "firm",
        True,
        "ES",
        "ES523",
        "BURJASSOT",
    )
    assert (body.latitude, body.longitude) == (39.4699014, -0.3759513)
    assert (body.website, body.source, body.status) == ("http://www.lomartov.example", "cordis", "pending")
    assert set(body.identifiers.values_list("scheme", "value")) == {("pic", "912743326"), ("vat", "ESB98896137")}
    assert set(body.known_names.values_list("kind", "text")) == {("official", "LOMARTOV SL"), ("alias", "LOMARTOV")}


def test_a_project_as_experience(imported: Imported) -> None:
    imported()
    done = Experience.objects.get()
    assert done.title == "Full spectrum solar direct air capture (SolDAC)"
    assert done.abstract == 'Ethylene from sunlight.\n\n• "Quoted"; with a semicolon'
    assert (done.started_on, done.ended_on, done.signed_on) == (date(2022, 9, 1), date(2025, 8, 31), date(2022, 5, 12))
    assert (done.source, done.source_id, done.language) == ("cordis", "101000001", "en")
    assert (done.call, done.funding_scheme) == ("HORIZON-CL5-2021-D2-01-11", "HORIZON-RIA")
    assert (done.cost, done.currency, done.keywords) == (Decimal("2073781.25"), "EUR", "ethylene, sunlight")
    part = done.participations.get()
    assert (part.organization.display_name, part.role, part.contribution) == (
        "LOMARTOV SL",
        "participant",
        Decimal(299250),
    )


def test_technologies_by_path(imported: Imported) -> None:
    imported()
    assert dict(Technology.objects.values_list("key", "labels__en")) == {
        "euroscivoc-23": "natural sciences",
        "euroscivoc-53": "chemical sciences",
        "euroscivoc-373": "electrochemistry",
    }
    assert set(Technology.objects.values_list("scheme", "status")) == {("euroscivoc", "active")}
    assert set(TechnologyRelation.objects.values_list("source__key", "kind", "target__key")) == {
        ("euroscivoc-53", "broader", "euroscivoc-23"),
        ("euroscivoc-373", "broader", "euroscivoc-53"),
    }
    assert [row.key for row in Experience.objects.get().technologies.all()] == ["euroscivoc-373"]


def test_a_concept_under_two_parents(imported: Imported) -> None:
    imported(
        topics=[
            topic(euroSciVocCode="/1/9", euroSciVocPath="/a/shared"),
            topic(euroSciVocCode="/2/9", euroSciVocPath="/b/shared"),
        ]
    )
    shared = Technology.objects.get(key="euroscivoc-9")
    assert {relation.target.key for relation in shared.relations.all()} == {"euroscivoc-1", "euroscivoc-2"}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("HES", "university"),
        ("REC", "research_institute"),
        ("PRC", "firm"),
        ("PUB", "public_body"),
        ("OTH", "industry_association"),
    ],
)
def test_types(imported: Imported, code: str, kind: str) -> None:
    imported(organizations=[organization(activityType=code)])
    assert Organization.objects.get().type == kind


@pytest.mark.parametrize(("given", "expected"), [("EL", "GR"), ("UK", "GB"), ("ES", "ES"), ("", "")])
def test_countries(imported: Imported, given: str, expected: str) -> None:
    imported(organizations=[organization(country=given)])
    assert Organization.objects.get().country == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("coordinator", "coordinator"),
        ("associatedPartner", "associated"),
        ("thirdParty", "third_party"),
        ("internationalPartner", "associated"),
    ],
)
def test_roles(imported: Imported, given: str, expected: str) -> None:
    imported(organizations=[organization(role=given)])
    assert Participation.objects.get().role == expected


def test_the_contribution_stands_in_for_a_cost_of_nothing(imported: Imported) -> None:
    imported(projects=[project(totalCost="0", ecMaxContribution="181152,96")])
    assert Experience.objects.get().cost == Decimal("181152.96")


def test_one_organization_twice_in_a_project_is_merged(imported: Imported) -> None:
    outcome = imported(
        organizations=[
            organization(role="thirdParty", ecContribution="0", netEcContribution="47252.5"),
            organization(role="participant", ecContribution="1000", netEcContribution="1000"),
        ]
    )
    assert outcome.files["organization.csv"].as_counts() == {"read": 2, "imported": 1, "merged": 1, "refused": 0}
    part = Participation.objects.get()
    assert (part.role, part.contribution) == ("participant", Decimal("47252.5"))


def test_an_organization_of_many_rows_is_completed_from_all(imported: Imported) -> None:
    imported(
        projects=[project(id="101000001"), project(id="101000002")],
        organizations=[
            organization(vatNumber="", shortName="", geolocation=""),
            organization(projectID="101000002", name="LOMARTOV S.L.", city="Burjassot", SME="false"),
        ],
    )
    body = Organization.objects.get()
    assert (body.display_name, body.city, body.is_sme, body.latitude) == ("LOMARTOV SL", "BURJASSOT", True, 39.4699014)
    assert set(body.known_names.values_list("text", flat=True)) == {"LOMARTOV SL", "LOMARTOV", "LOMARTOV S.L."}
    assert body.identifiers.count() == 2
    # Another way to write the city is the same city; another answer on its size is a contradiction.
    problem = ImportProblem.objects.get()
    assert (problem.kind, problem.row, problem.field, problem.value) == ("contradiction", 3, "SME", "false")
    assert "says “True”" in problem.reason


def test_vat_numbers_that_are_none_or_another_ones(imported: Imported) -> None:
    outcome = imported(
        organizations=[
            organization(vatNumber="MISSING"),
            organization(organisationID="900000001", name="First", vatNumber="DE136695976"),
            organization(organisationID="900000002", name="Second", vatNumber="DE136695976"),
        ]
    )
    assert Organization.objects.count() == 3
    assert list(Identifier.objects.filter(scheme="vat").values_list("organization__display_name", "value")) == [
        ("First", "DE136695976")
    ]
    assert outcome.problems == {"invalid_vat": 2}
    rows = ImportProblem.objects.order_by("row").values_list("file", "row", "field", "value", "is_refused")
    assert list(rows) == [
        ("organization.csv", 2, "vatNumber", "MISSING", False),
        ("organization.csv", 4, "vatNumber", "DE136695976", False),
    ]


def test_rows_that_cannot_be_taken_are_named(imported: Imported) -> None:
    outcome = imported(
        projects=[
            project(),
            project(id="101000002", title=" "),
            project(id="", title="No id"),
            project(title="Same id again"),
            project(id="101000003", endDate="2020-01-01", startDate="not yet", totalCost="-5"),
        ],
        organizations=[
            organization(),
            organization(organisationID="12345"),
            organization(name=""),
            organization(projectID="101000002"),
            organization(projectID="404"),
        ],
        topics=[topic(), topic(projectID="404"), topic(euroSciVocCode="/1/2"), topic(euroSciVocCode="/a/b/c")],
    )
    assert outcome.files["project.csv"].as_counts() == {"read": 5, "imported": 2, "merged": 0, "refused": 3}
    assert outcome.files["organization.csv"].as_counts() == {"read": 5, "imported": 1, "merged": 0, "refused": 4}
    assert outcome.files["euroSciVoc.csv"].as_counts() == {"read": 4, "imported": 1, "merged": 0, "refused": 3}
    refused = ImportProblem.objects.filter(is_refused=True).values_list("file", "row", "field", "kind")
    assert set(refused) == {
        ("project.csv", 3, "title", "missing_value"),
        ("project.csv", 4, "id", "missing_value"),
        ("project.csv", 5, "id", "duplicate_row"),
        ("organization.csv", 3, "organisationID", "invalid_pic"),
        ("organization.csv", 4, "name", "missing_value"),
        ("organization.csv", 5, "projectID", "unknown_project"),
        ("organization.csv", 6, "projectID", "unknown_project"),
        ("euroSciVoc.csv", 3, "projectID", "unknown_project"),
        ("euroSciVoc.csv", 4, "euroSciVocCode", "invalid_path"),
        ("euroSciVoc.csv", 5, "euroSciVocCode", "invalid_path"),
    }
    kept = ImportProblem.objects.filter(is_refused=False).values_list("field", "kind")
    assert set(kept) == {("startDate", "invalid_date"), ("totalCost", "invalid_amount")}


def test_reversed_dates(imported: Imported) -> None:
    imported(projects=[project(startDate="01/09/2022", endDate="31/08/2021")])
    assert (Experience.objects.get().started_on, Experience.objects.get().ended_on) == (date(2022, 9, 1), None)
    assert ImportProblem.objects.get().kind == "reversed_dates"


def test_rows_of_another_width(tmp_path: Path) -> None:
    files = members()
    files["project.csv"] += b'"101000002";"too few"\r\n' + b'"x";' * 30 + b'"y"\r\n\r\n"101000003";"a"b";"c"\r\n'
    outcome = import_cordis(path=write_zip(tmp_path / "archive.zip", files))
    assert outcome.files["project.csv"].as_counts() == {"read": 4, "imported": 1, "merged": 0, "refused": 3}
    assert outcome.problems == {"wrong_width": 2, "malformed_row": 1}
    assert list(ImportProblem.objects.order_by("row").values_list("row", flat=True)) == [3, 4, 6]


def test_a_second_time_changes_nothing(imported: Imported) -> None:
    rows = numbered(5)
    imported(*rows)
    before = snapshot()
    outcome = imported(*rows)
    assert snapshot() == before
    assert outcome.records == {
        "organizations": {"created": 0, "updated": 0, "unchanged": 5},
        "experience": {"created": 0, "updated": 0, "unchanged": 5},
    }
    assert list(ImportRun.objects.values_list("status", flat=True)) == ["done", "done"]


def test_a_newer_archive_updates(imported: Imported) -> None:
    projects, organizations, topics = numbered(3)
    imported(projects, organizations, topics)
    projects[0]["title"] = "Another title"
    organizations[1]["city"] = "VALENCIA"
    organizations[2]["role"] = "coordinator"
    outcome = imported(projects, organizations, topics)
    assert outcome.records == {
        "organizations": {"created": 0, "updated": 1, "unchanged": 2},
        "experience": {"created": 0, "updated": 2, "unchanged": 1},
    }
    assert Experience.objects.get(source_id="101000001").title == "Another title"
    assert Organization.objects.get(display_name="Body 1").city == "VALENCIA"


def test_what_people_took_over_is_not_overwritten(imported: Imported, alice: models.Model) -> None:
    imported()
    body = Organization.objects.get(source="cordis")
    Membership.objects.create(organization=body, user=alice, role=Membership.Role.OWNER)
    imported(organizations=[organization(city="ELSEWHERE")])
    body.refresh_from_db()
    assert body.city == "BURJASSOT"


def test_problems_are_all_counted_and_some_kept(imported: Imported) -> None:
    projects, organizations, topics = numbered(MAX_KEPT_PER_KIND + 50)
    for row in organizations:
        row["SME"] = "perhaps"
    outcome = imported(projects, organizations, topics)
    assert outcome.problems == {"invalid_flag": MAX_KEPT_PER_KIND + 50}
    assert ImportProblem.objects.count() == MAX_KEPT_PER_KIND
    assert ImportRun.objects.get().counts["reading"] == {"problem:invalid_flag": MAX_KEPT_PER_KIND + 50}


def test_inspecting_writes_nothing(tmp_path: Path) -> None:
    outcome = inspect_cordis(path=write_zip(tmp_path / "archive.zip", members(*numbered(4))))
    assert outcome.run_id is None
    assert outcome.files["organization.csv"].as_counts() == {"read": 4, "imported": 4, "merged": 0, "refused": 0}
    assert not Organization.objects.exists()
    assert not ImportRun.objects.exists()


def test_tables_without_rows(imported: Imported) -> None:
    outcome = imported([], [], [])
    assert outcome.notes[-3:] == [
        "project.csv holds no row.",
        "organization.csv holds no row.",
        "euroSciVoc.csv holds no row.",
    ]
