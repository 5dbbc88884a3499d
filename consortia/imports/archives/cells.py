"""Cells of a foreign table as values: what cannot be read is reported, and the rest of the row is kept."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from consortia.imports.archives.tables import Row
from consortia.imports.problems import Problem, ProblemLog

LARGEST_AMOUNT: Final = Decimal(10) ** 13
_SPACES: Final = str.maketrans("", "", "\n\t\r\u00a0")
_TEXT_CONTROLS: Final = frozenset("\n\t\r")
_NOT_TEXT: Final = frozenset({"Cc", "Cs", "Cn"})
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", re.ASCII)
_EUROPEAN_DATE: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_AMOUNT: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_PLACE: Final = re.compile(r"\(?\s*(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*\)?", re.ASCII)
_PLACE_WITH_DECIMAL_COMMAS: Final = re.compile(r"\(?\s*(-?\d+,\d+)\s*[,;\s]\s*(-?\d+,\d+)\s*\)?", re.ASCII)
_LONGEST_PLACE: Final = 80
_FLAGS: Final = {"true": True, "1": True, "yes": True, "y": True, "false": False, "0": False, "no": False, "n": False}


class Cells:
    """The cells of one row, read by column."""

    def __init__(self, row: Row, *, file: str, log: ProblemLog) -> None:
        self._row = row
        self._file = file
        self._log = log
        self.is_refused = False

    def report(self, kind: str, field: str, reason: str, *, value: str | None = None) -> None:
        """Note what is wrong with a cell; the row is kept."""
        self._add(kind, field, reason, value, is_refused=False)

    def refuse(self, kind: str, field: str, reason: str) -> None:
        """Note what is wrong with a cell without which the row means nothing; the row is left out, and noted once."""
        if not self.is_refused:
            self.is_refused = True
            self._add(kind, field, reason, None, is_refused=True)

    def text(self, field: str, *, longest: int) -> str:
        """A text of several lines, without control characters, cut at `longest` characters."""
        return self._cut(field, self._cleaned(field).strip(), longest)

    def line(self, field: str, *, longest: int) -> str:
        """A text on one line, its white space collapsed, cut at `longest` characters."""
        return self._cut(field, " ".join(self._cleaned(field).split()), longest)

    def needed_line(self, field: str, *, longest: int) -> str:
        """A text on one line without which the row is refused."""
        value = self.line(field, longest=longest)
        if not value:
            self.refuse("missing_value", field, f"There is no {field}. The row was left out.")
        return value

    def choice(self, field: str, choices: Mapping[str, str], *, otherwise: str) -> str:
        """What a code of the archive stands for; an unknown one is reported and taken as `otherwise`."""
        value = self.line(field, longest=60)
        known = choices.get(value)
        if known is None:
            self.report("unknown_code", field, f"Not one of {', '.join(choices)}. Taken as {otherwise}.")
        return known or otherwise

    def flag(self, field: str) -> bool | None:
        """Yes, no, or unknown."""
        value = self._row.cells[field].strip().casefold()
        if value and value not in _FLAGS:
            self.report("invalid_flag", field, "Neither true nor false. Taken as unknown.")
        return _FLAGS.get(value)

    def day(self, field: str) -> date | None:
        """A date as 2024-05-31 or 31/05/2024."""
        value = self._row.cells[field].strip()
        if not value:
            return None
        try:
            return parse_date(value)
        except ValueError:
            self.report("invalid_date", field, "No date like 2024-05-31 or 31/05/2024. Taken as unknown.")
            return None

    def amount(self, field: str) -> Decimal | None:
        """An amount of money, not negative, with a decimal point or a decimal comma."""
        value = self._row.cells[field].strip()
        if not value:
            return None
        try:
            return parse_amount(value)
        except ValueError:
            self.report("invalid_amount", field, "No amount like 299250.5 or 299250,5. Taken as unknown.")
            return None

    def place(self, field: str) -> tuple[float | None, float | None]:
        """Latitude and longitude in degrees."""
        value = self._row.cells[field].strip()
        if not value:
            return None, None
        try:
            return parse_place(value)
        except ValueError:
            self.report("invalid_place", field, "No latitude and longitude like 48.85,2.35. Taken as unknown.")
            return None, None

    def _add(self, kind: str, field: str, reason: str, value: str | None, *, is_refused: bool) -> None:
        shown = self._row.cells.get(field, "") if value is None else value
        self._log.add(
            Problem(
                kind=kind,
                file=self._file,
                row=self._row.number,
                field=field,
                value=shown,
                reason=reason,
                is_refused=is_refused,
            )
        )

    def _cleaned(self, field: str) -> str:
        value = self._row.cells[field]
        # Nearly every cell is plain text, which the interpreter tells much faster than a loop over its characters.
        if value.isprintable() or value.translate(_SPACES).isprintable():
            return value
        kept = "".join(char for char in value if char in _TEXT_CONTROLS or unicodedata.category(char) not in _NOT_TEXT)
        if len(kept) < len(value):
            self.report(
                "control_character", field, f"{len(value) - len(kept)} characters are no text. They were left out."
            )
        return kept

    def _cut(self, field: str, value: str, longest: int) -> str:
        if len(value) <= longest:
            return value
        self.report("too_long", field, f"{len(value)} characters. Cut to {longest}.", value=value)
        return value[:longest].rstrip()


def parse_date(text: str) -> date:
    """A date written year-month-day, also with a time after it, or day/month/year.

    Raises:
        ValueError: it is neither, or there is no such day.
    """
    if iso := _ISO_DATE.fullmatch(text):
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    if european := _EUROPEAN_DATE.fullmatch(text):
        return date(int(european[3]), int(european[2]), int(european[1]))
    raise ValueError(text)


def parse_amount(text: str) -> Decimal:
    """An amount with a decimal point or comma; of two different separators the last one is the decimal one.

    Raises:
        ValueError: it is no number, negative, or 10¹³ and more.
    """
    compact = "".join(text.split())
    if compact.rfind(",") > compact.rfind("."):
        compact = compact.replace(".", "").replace(",", ".")
    else:
        compact = compact.replace(",", "")
    if not _AMOUNT.fullmatch(compact) or not 0 <= (amount := Decimal(compact)) < LARGEST_AMOUNT:
        raise ValueError(text)
    return amount.quantize(Decimal("0.01"))


def parse_place(text: str) -> tuple[float, float]:
    """Latitude and longitude in degrees, separated by a comma, semicolon or space.

    Raises:
        ValueError: they are no two numbers, or lie outside the globe.
    """
    # The patterns take quadratic time on endless white space.
    match = len(text) <= _LONGEST_PLACE and (_PLACE.fullmatch(text) or _PLACE_WITH_DECIMAL_COMMAS.fullmatch(text))
    if not match:
        raise ValueError(text)
    latitude, longitude = (float(part.replace(",", ".")) for part in match.groups())
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError(text)
    return latitude, longitude
