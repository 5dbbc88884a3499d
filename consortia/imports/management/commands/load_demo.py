"""`manage.py load_demo`: the demo network of fictitious organizations."""

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consortia.imports.demo.accounts import accounts_file, demo_accounts
from consortia.imports.demo.faults import DemoFaults
from consortia.imports.demo.loading import Loaded, load_demo_network
from consortia.imports.demo.reading import FOLDER
from consortia.imports.management.console import interruptible, shown_progress
from ronghe.common.errors import DomainError
from ronghe.common.exit_codes import INTERRUPTED


class Command(BaseCommand):
    """Loads the demo network, or brings it to the state of its files."""

    help = (
        "Load the demo network: fictitious organizations with needs, capabilities and facilities, and people to sign "
        "in as. Doing it twice is doing it once. Example: manage.py load_demo --json"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where the files are, and how to tell the outcome."""
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the counts as one JSON object")
        parser.add_argument("--folder", type=Path, default=FOLDER, help="take other YAML files of the same shape")

    def handle(self, *, as_json: bool, folder: Path, **_options: Any) -> None:
        """Load, and tell what was done."""
        started = time.monotonic()
        try:
            with interruptible(), shown_progress() as progress:
                loaded = load_demo_network(folder=folder, progress=progress)
        except DemoFaults as faults:
            raise CommandError(f"{len(faults.faults)} faults, so nothing was loaded:\n{faults}") from faults
        except DomainError as error:
            raise CommandError(f"Nothing was loaded. {error.message}") from error
        except (LookupError, OSError, ValueError) as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        except KeyboardInterrupt:
            self.stderr.write("Stopped; nothing was loaded.")
            raise SystemExit(INTERRUPTED) from None
        seconds = round(time.monotonic() - started, 1)
        if as_json:
            self.stdout.write(json.dumps(_as_json(loaded, seconds)))
        else:
            self._tell(loaded, seconds)

    def _tell(self, loaded: Loaded, seconds: float) -> None:
        if loaded.years_moved:
            self.stdout.write(f"The dates of the files have passed: all were moved on by {loaded.years_moved} years.")
        for kind, tally in loaded.tallies.items():
            counts = ", ".join(f"{number} {state}" for state, number in asdict(tally).items() if number)
            self.stdout.write(f"{kind}: {counts}")
        self.stdout.write(f"Done in {seconds} s. Sign in as (kept in {accounts_file()}):")
        for account in demo_accounts():
            place = f" of {account.organization}" if account.organization else ""
            self.stdout.write(f"  {account.email}  {account.password}  {account.role}{place}")
            if account.client_id:
                self.stdout.write(f"    API client: id {account.client_id}, secret {account.client_secret}")


def _as_json(loaded: Loaded, seconds: float) -> dict[str, Any]:
    """For machines to read; without secrets, for logs keep it."""
    return {
        "counts": {kind: asdict(tally) for kind, tally in loaded.tallies.items()},
        "years_moved": loaded.years_moved,
        "accounts": str(accounts_file()),
        "seconds": seconds,
    }
