"""`manage.py import_cordis`: the European Commission's archive of research projects."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from consortia.imports.management.console import add_shared_arguments, run_import
from consortia.imports.services import import_cordis, inspect_cordis


class Command(BaseCommand):
    """Imports organizations, their projects and EuroSciVoc from CORDIS."""

    help = (
        "Import CORDIS's archive of projects: organizations, technologies, experience. It may be stopped and run "
        "again at any time. Example: manage.py import_cordis cordis-HORIZONprojects-csv.zip --report problems.csv"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The archive, and whether to write."""
        parser.add_argument("archive", type=Path, help="the zip archive of CSV files as published")
        parser.add_argument("--dry-run", action="store_true", help="read and check the archive, and write nothing")
        add_shared_arguments(parser)

    def handle(self, *, archive: Path, dry_run: bool, as_json: bool, report: Path | None, **_options: Any) -> None:
        """Hand over to the service."""
        service = inspect_cordis if dry_run else import_cordis
        run_import(
            self,
            work=lambda progress, log: service(path=archive, progress=progress, log=log),
            as_json=as_json,
            report=report,
        )
