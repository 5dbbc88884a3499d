"""`manage.py up`: the whole platform in one command."""

import argparse
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from consortia.imports.demo.accounts import demo_accounts
from matching.selectors import latest_run
from ronghe.common.exit_codes import INTERRUPTED
from ronghe.runtime import preflight
from ronghe.runtime.supervisor import Stopped, Supervisor, reachable


class Command(BaseCommand):
    """Starts services, migrations, demo data, worker, beat, first recompute and web server, and stops them together."""

    help = (
        "Run the whole platform: services, migrations, demo data when the database is empty, worker with beat, first "
        "recompute, web server. Example: manage.py up --port 8080"
    )
    # The key that the checks ask for is made here; every step runs them again.
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where to listen, and whether to stay."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
        parser.add_argument("--concurrency", type=int, default=2, help="processes of the worker (default: %(default)s)")
        parser.add_argument(
            "--once", action="store_true", help="set up, recompute, print the ten best matches with reasons, and stop"
        )

    def handle(self, *, host: str, port: int, concurrency: int, once: bool, **_options: Any) -> None:
        """Check, start, report, watch, stop."""
        var_dir: Path = settings.VAR_DIR
        try:
            preflight.require_writable_folder(var_dir)
            with preflight.only_one_here(var_dir), self._supervisor(var_dir) as platform:
                if not once:
                    preflight.require_free_port(host, port)
                self._prepare(platform, var_dir)
                platform.start("worker", "worker", f"--concurrency={concurrency}")
                platform.start("beat", "beat")
                if once or latest_run() is None:
                    self._say("Matching every need with every organization.")
                    platform.step("recompute", "--join")
                if once:
                    platform.step("best_matches", "--limit=10")
                else:
                    self._serve(platform, host, port)
        except preflight.Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        except Stopped:
            self._say("Stopped before everything was up.")
            raise SystemExit(INTERRUPTED) from None
        self._say("Everything is stopped.")

    def _prepare(self, platform: Supervisor, var_dir: Path) -> None:
        if preflight.ensure_secret_key(var_dir):
            self._say(f"Made a secret key in {var_dir}.")
        preflight.require_database()
        # Not the setting: that also knows the embedded Redis of an earlier start.
        given = os.environ.get("REDIS_URL")
        if given:
            preflight.require_redis(given)
        else:
            platform.start_redis()
            self._say("Started Redis.")
        platform.step("prepare")

    def _serve(self, platform: Supervisor, host: str, port: int) -> None:
        platform.start("web", "serve", f"--host={host}", f"--port={port}")
        platform.wait_for_web(host, port)
        self._tell_accounts()
        self._say(f"The platform is up: http://{reachable(host)}:{port}/ (Ctrl-C stops it)")
        platform.watch()

    def _tell_accounts(self) -> None:
        """Whom the demo network lets one be; nothing where it was never loaded."""
        try:
            accounts = demo_accounts()
        except ValueError as error:
            self._say(str(error))
            return
        if accounts:
            self._say("Sign in as:")
        for account in accounts:
            place = f" of {account.organization}" if account.organization else ""
            self._say(f"  {account.email}  {account.password}  ({account.role}{place})")
            if account.client_id:
                self._say(f"    API client: CLIENT_ID={account.client_id} CLIENT_SECRET={account.client_secret}")

    def _supervisor(self, var_dir: Path) -> Supervisor:
        return Supervisor(manage=settings.PROJECT_ROOT / "manage.py", var_dir=var_dir, say=self._say)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
