"""Funding topics, read line by line; what is no topic is named and left out."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from consortia.imports.archives.cells import Cells
from consortia.imports.archives.tables import Row
from consortia.imports.problems import Problem, ProblemLog, Tally

_LONGEST_ID: Final = 120
_LONGEST_TITLE: Final = 1000
_LONGEST_NAME: Final = 200
_LONGEST_KEYWORDS: Final = 4000
_LONGEST_TEXT: Final = 200_000
_LONGEST_ADDRESS: Final = 500
_FIELDS: Final = (
    "topicId",
    "reference",
    "title",
    "programme",
    "actionType",
    "callIdentifier",
    "callTitle",
    "deadline",
    "budgetMin",
    "budgetMax",
    "keywords",
    "portalUrl",
    "description",
    "objectives",
    "topicConditions",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic as the portal publishes it; amounts are in euros for one project."""

    row: int
    topic_id: str
    title: str
    programme: str
    action_type: str
    call: str
    call_title: str
    deadline: date | None
    budget_min: Decimal | None
    budget_max: Decimal | None
    keywords: tuple[str, ...]
    address: str
    description: str
    conditions: str


def read_topics(lines: Iterable[str], *, file: str, tally: Tally, log: ProblemLog) -> Iterator[Topic]:
    """The topics that the lines hold; a line that holds none, or one that was there before, is reported."""
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        tally.read += 1
        row = _row(line, number)
        if row is None:
            tally.refused += 1
            reason = "The line is no JSON object. It was left out."
            log.add(Problem(kind="malformed_line", file=file, row=number, value=line, reason=reason, is_refused=True))
            continue
        cells = Cells(row, file=file, log=log)
        topic = _topic(row, cells)
        if topic.topic_id in seen:
            cells.refuse("duplicate_row", "topicId", "An earlier line has this id. This line was left out.")
        if cells.is_refused:
            tally.refused += 1
            continue
        seen.add(topic.topic_id)
        yield topic


def _row(line: str, number: int) -> Row | None:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    return Row(number, {name: _cell(content.get(name)) for name in _FIELDS})


def _cell(value: object) -> str:
    """A JSON value as a cell: texts and numbers as they are, anything else as nothing."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _topic(row: Row, cells: Cells) -> Topic:
    title = cells.needed_line("title", longest=_LONGEST_TITLE)
    topic_id = cells.line("topicId", longest=_LONGEST_ID) or cells.needed_line("reference", longest=_LONGEST_ID)
    low, high = cells.amount("budgetMin"), cells.amount("budgetMax")
    if low is not None and high is not None and low > high:
        cells.report("reversed_budget", "budgetMin", f"Above the highest, {high}. Both were exchanged.")
        low, high = high, low
    call = cells.line("callIdentifier", longest=_LONGEST_NAME)
    words = (word.strip() for word in cells.line("keywords", longest=_LONGEST_KEYWORDS).split(", "))
    return Topic(
        row=row.number,
        topic_id=topic_id,
        title=title,
        programme=cells.line("programme", longest=_LONGEST_NAME),
        action_type=cells.line("actionType", longest=_LONGEST_NAME),
        call=call,
        call_title=cells.line("callTitle", longest=_LONGEST_TITLE),
        deadline=cells.day("deadline"),
        budget_min=low,
        budget_max=high,
        # The portal repeats the ids of topic and call among the keywords.
        keywords=tuple(dict.fromkeys(word for word in words if word and word not in {topic_id, call})),
        address=cells.line("portalUrl", longest=_LONGEST_ADDRESS),
        description=cells.text("description", longest=_LONGEST_TEXT) or cells.text("objectives", longest=_LONGEST_TEXT),
        conditions=cells.text("topicConditions", longest=_LONGEST_TEXT),
    )
