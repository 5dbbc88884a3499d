"""A small archive in the bulk layout: battery and photonics consortia before July 2024, and after it."""

from collections.abc import Mapping
from pathlib import Path

from tests.consortia.imports.cordis_authoring import members, organization, project, write_zip

NAMES = {
    "900000001": ("VOLTA CELLS GMBH", "VOLTA"),
    "900000002": ("UNIVERSIDAD DE ÁVILA", "UDA"),
    "900000003": ("LASER INSTITUTE", "LI"),
    "900000004": ("OPTIC WORKS SA", "OW"),
    "900000005": ("NEWCOMER BV", "NEW"),
}
TYPES = {"900000001": "PRC", "900000002": "HES", "900000003": "REC", "900000004": "PRC", "900000005": "PRC"}

PROJECTS = {
    "1": ("2022-05-01", "HORIZON-RIA", "Solid-state battery cells", "Sulfide electrolyte for pouch cells."),
    "2": ("2023-02-01", "HORIZON-IA", "Battery recycling", "Recovery of lithium from spent battery cells."),
    "3": ("2023-06-01", "HORIZON-RIA", "Photonic chips", "Laser sources on silicon for sensing."),
    "4": (
        "2024-08-01",
        "HORIZON-RIA",
        "Battery cells with lasers by Volta Cells, GmbH",
        "The UDA welds battery cells.",
    ),
    "5": ("2024-09-01", "HORIZON-TMA-MSCA-DN", "Photonic doctoral network", "Laser training."),
    "6": ("2024-09-02", "HORIZON-CSA", "Two against the rest", "Battery policy."),
    "7": ("2024-10-01", "HORIZON-CSA", "Strangers", "Battery newcomers."),
    "8": ("2025-01-01", "HORIZON-RIA", "After the period", "Battery lasers."),
}
PARTS = {
    "1": ("900000001", "900000002"),
    "2": ("900000001", "900000002", "900000003"),
    "3": ("900000003", "900000004"),
    "4": ("900000002", "900000001", "900000003", "900000005"),
    "5": ("900000003", "900000004", "900000002"),
    "6": ("900000001", "900000002"),
    "7": ("900000005", "900000006", "900000007"),
    "8": ("900000004", "900000002", "900000003"),
}
"""Participants by project; the first one coordinates."""

Rows = list[dict[str, str]]


def project_rows() -> Rows:
    return [
        project(
            id=name, acronym="", title=title, objective=objective, keywords="", ecSignatureDate=signed,
            fundingScheme=scheme, topics="", masterCall="",
        )
        for name, (signed, scheme, title, objective) in PROJECTS.items()
    ]  # fmt: skip


def organization_rows() -> Rows:
    return [_part(name, pic, place) for name, pics in PARTS.items() for place, pic in enumerate(pics)]


def _part(name: str, pic: str, place: int) -> dict[str, str]:
    legal, short = NAMES.get(pic, (f"BODY {pic}", ""))
    return organization(
        projectID=name, organisationID=pic, name=legal, shortName=short, vatNumber="",
        activityType=TYPES.get(pic, "OTH"), country="DE", role="participant" if place else "coordinator",
    )  # fmt: skip


def write_archive(
    path: Path, projects: Rows | None = None, organizations: Rows | None = None, topics: Rows | None = None
) -> Path:
    files: Mapping[str, bytes] = members(
        project_rows() if projects is None else projects,
        organization_rows() if organizations is None else organizations,
        [] if topics is None else topics,
    )
    return write_zip(path, files)
