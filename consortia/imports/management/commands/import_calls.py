"""`manage.py import_calls`: funding topics of the EU Funding & Tenders portal."""

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from consortia.imports.management.console import add_shared_arguments, run_import
from consortia.imports.services import import_calls


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no day; write it as 2026-05-31.") from None


class Command(BaseCommand):
    """Imports open funding topics as needs of a public body."""

    help = (
        "Import funding topics as needs of the European Commission. Topics whose deadline is over are stored as "
        "expired. Example: manage.py import_calls open_calls.jsonl.gz --as-of 2026-05-31"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The archive, and the day on which it is looked at."""
        parser.add_argument("archive", type=Path, help="the .jsonl.gz archive, one topic a line")
        parser.add_argument(
            "--as-of", type=_day, metavar="DATE", help="the day on which deadlines are looked at (default: today)"
        )
        add_shared_arguments(parser)

    def handle(self, *, archive: Path, as_of: date | None, as_json: bool, report: Path | None, **_options: Any) -> None:
        """Hand over to the service."""
        run_import(
            self,
            work=lambda progress, log: import_calls(path=archive, as_of=as_of, progress=progress, log=log),
            as_json=as_json,
            report=report,
        )
