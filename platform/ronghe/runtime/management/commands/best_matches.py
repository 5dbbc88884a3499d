"""`manage.py best_matches`: the best matches with their reasons, on a terminal."""

import argparse
import json
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from consortia.disclosure.viewer import OPERATOR
from matching.explanations import MatchView, Row, explain_matches
from matching.selectors import best_matches

REASONS_TOLD: Final = 4


class Command(BaseCommand):
    """Shows of every need its first match, the best of all first."""

    help = "Print the best current matches with their reasons. Example: manage.py best_matches --limit 5"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """How many, and for whom."""
        parser.add_argument("--limit", type=int, default=10, help="how many, at most (default: %(default)s)")
        parser.add_argument("--json", action="store_true", help="print them as one JSON list")

    def handle(self, *, limit: int, json: bool, **_options: Any) -> None:
        """Read and print."""
        if limit < 1:
            raise CommandError("--limit must be 1 or more.")
        told = explain_matches(OPERATOR, best_matches(OPERATOR, limit=limit))
        if json:
            self.stdout.write(_as_json(told))
            return
        if not told:
            raise CommandError("There are no matches yet. Publish a need and run: manage.py recompute")
        self.stdout.write(f"The {len(told)} best matches, each the first of its need, in points out of 100:")
        for place, view in enumerate(told, start=1):
            self._tell(place, view)

    def _tell(self, place: int, view: MatchView) -> None:
        self.stdout.write(f"\n{place:2}. {view.match.score:5.2f}  {view.need_title}")
        self.stdout.write(f"           {view.asker_name} → {view.match.organization}")
        for row in _strongest(view):
            self.stdout.write(f"    {row.points:+6.2f} of {row.available:.0f}  {row.label}: {row.sentence}")
        if view.told.unknowns:
            self.stdout.write(f"    unknown: {', '.join(unknown.label for unknown in view.told.unknowns)}")


def _strongest(view: MatchView) -> list[Row]:
    given = [row for row in view.told.rows if row.points > 0]
    return sorted(given, key=lambda row: (-row.points, row.criterion))[:REASONS_TOLD]


def _as_json(told: list[MatchView]) -> str:
    return json.dumps(
        [
            {
                "need": view.need_title,
                "asked_by": view.asker_name,
                "organization": str(view.match.organization),
                "score": view.match.score,
                "reasons": [
                    {"criterion": row.criterion, "points": row.points, "sentence": row.sentence}
                    for row in view.told.rows
                ],
                "unknown": [unknown.criterion for unknown in view.told.unknowns],
            }
            for view in told
        ],
        ensure_ascii=False,
    )
