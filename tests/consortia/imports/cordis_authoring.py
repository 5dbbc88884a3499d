"""Small archives in CORDIS's layout, written by the tests that read them."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

PROJECT = {
    "id": "101000001",
    "acronym": "SolDAC",
    "title": "Full spectrum solar direct air capture",
    "objective": 'Ethylene from sunlight.\n\n• "Quoted"; with a semicolon',
    "keywords": "ethylene, sunlight",
    "startDate": "2022-09-01",
    "endDate": "2025-08-31",
    "ecSignatureDate": "2022-05-12",
    "totalCost": "2073781.25",
    "ecMaxContribution": "2000000",
    "topics": "HORIZON-CL5-2021-D2-01-11",
    "masterCall": "HORIZON-CL5-2021-D2-01",
    "fundingScheme": "HORIZON-RIA",
    "rcn": "237915",
}
ORGANIZATION = {
    "projectID": "101000001",
    "organisationID": "912743326",
    "vatNumber": "ESB98896137",
    "name": "LOMARTOV SL",
    "shortName": "LOMARTOV",
    "SME": "true",
    "activityType": "PRC",
    "street": "",
    "city": "BURJASSOT",
    "country": "ES",
    "nutsCode": "ES523",
    "geolocation": "39.4699014,-0.3759513",
    "organizationURL": "http://www.lomartov.example",
    "role": "participant",
    "ecContribution": "299250",
    "netEcContribution": "299250",
}
TOPIC = {
    "projectID": "101000001",
    "euroSciVocCode": "/23/53/373",
    "euroSciVocPath": "/natural sciences/chemical sciences/electrochemistry",
    "euroSciVocTitle": "electrochemistry",
}
Cells = Mapping[str, str]


def project(**cells: str) -> dict[str, str]:
    return {**PROJECT, **cells}


def organization(**cells: str) -> dict[str, str]:
    return {**ORGANIZATION, **cells}


def topic(**cells: str) -> dict[str, str]:
    return {**TOPIC, **cells}


def numbered(count: int) -> tuple[list[dict[str, str]], list[dict[str, str]], list[dict[str, str]]]:
    """As many projects, each with one organization of its own and one technology."""
    ids = [str(101_000_001 + number) for number in range(count)]
    return (
        [project(id=pid, title=f"Project {pid}", acronym="") for pid in ids],
        [
            organization(projectID=pid, organisationID=str(900_000_000 + number), name=f"Body {number}", vatNumber="")
            for number, pid in enumerate(ids)
        ],
        [topic(projectID=pid) for pid in ids],
    )


def table(rows: Iterable[Cells], columns: Iterable[str]) -> bytes:
    """A table as CORDIS writes it: every cell quoted, separated by semicolons."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def members(
    projects: list[dict[str, str]] | None = None,
    organizations: list[dict[str, str]] | None = None,
    topics: list[dict[str, str]] | None = None,
) -> dict[str, bytes]:
    return {
        "project.csv": table([PROJECT] if projects is None else projects, PROJECT),
        "organization.csv": table([ORGANIZATION] if organizations is None else organizations, ORGANIZATION),
        "euroSciVoc.csv": table([TOPIC] if topics is None else topics, TOPIC),
    }


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
