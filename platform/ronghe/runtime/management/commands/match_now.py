"""`manage.py match_now`: recompute all matches, watch it happen, and show the best."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consortia.disclosure.viewer import Viewer
from matching.selectors import best_matches, latest_run
from matching.services.runs import request_full_run
from ronghe.runtime.following import RunFailed, follow, tell_match, tell_run

# Whoever may run commands on the database may read it.
OPERATOR = Viewer(is_curator=True)


class Command(BaseCommand):
    """Asks the workers for a full recompute and follows it."""

    help = "Recompute all matches and follow it; needs a worker. Example: manage.py match_now --best 10"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Whether it is needed, and what to show."""
        parser.add_argument("--unless-done", action="store_true", help="do nothing where matches were computed before")
        parser.add_argument("--best", type=int, default=0, metavar="N", help="print the N best matches with reasons")

    def handle(self, *, unless_done: bool, best: int, **_options: Any) -> None:
        """Ask, follow, show."""
        former = latest_run()
        if unless_done and former is not None:
            self._say(f"The matches are those of {former.finished_at:%Y-%m-%d %H:%M} UTC.")
        else:
            try:
                tell_run(follow(request_full_run(reason="asked for on the command line")), self._say)
            except RunFailed as failure:
                raise CommandError(str(failure)) from failure
        if best > 0:
            self._show_best(best)

    def _show_best(self, limit: int) -> None:
        matches = best_matches(OPERATOR, limit=limit)
        if not matches:
            raise CommandError("There are no matches: no published need has an answer in this database.")
        self._say(f"\nThe {len(matches)} best matches, each the first of its need, in points out of 100:")
        for place, match in enumerate(matches, start=1):
            tell_match(place, match, self._say)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
