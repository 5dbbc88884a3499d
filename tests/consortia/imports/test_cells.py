"""Cells of foreign tables as values."""

from datetime import date
from decimal import Decimal

import pytest

from consortia.imports.archives.cells import Cells, parse_amount, parse_date, parse_place
from consortia.imports.archives.tables import Row
from consortia.imports.problems import ProblemLog


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-31", date(2024, 5, 31)),
        ("31/05/2024", date(2024, 5, 31)),
        ("1/2/2024", date(2024, 2, 1)),
        ("31.05.2024", date(2024, 5, 31)),
        ("2024-05-31 14:03:12", date(2024, 5, 31)),
    ],
)
def test_dates(text: str, expected: date) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize("text", ["2024-02-30", "31/31/2024", "May 2024", "2024", "20240531"])
def test_no_dates(text: str) -> None:
    with pytest.raises(ValueError):
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2073781.25", "2073781.25"),
        ("2073781,25", "2073781.25"),
        ("2.073.781,25", "2073781.25"),
        ("2,073,781.25", "2073781.25"),
        ("2 073 781", "2073781.00"),
        ("0", "0.00"),
        ("0.005", "0.00"),
    ],
)
def test_amounts(text: str, expected: str) -> None:
    assert parse_amount(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["-1", "1e5", "NaN", "Infinity", "EUR 5", "1.2.3", "9" * 14, "٣"])
def test_no_amounts(text: str) -> None:
    with pytest.raises(ValueError):
        parse_amount(text)


@pytest.mark.parametrize(
    "text", ["39.5,-0.25", "39.5, -0.25", "39.5;-0.25", "(39.5,-0.25)", "39,5;-0,25", "39,5,-0,25", "39.5 -0.25"]
)
def test_places(text: str) -> None:
    assert parse_place(text) == (39.5, -0.25)


@pytest.mark.parametrize("text", ["91,0", "0,181", "Paris", "39.5", "1,2,3", "1" + " " * 100_000 + "2"])
def test_no_places(text: str) -> None:
    with pytest.raises(ValueError):
        parse_place(text)


def cells(**values: str) -> tuple[Cells, ProblemLog]:
    log = ProblemLog()
    return Cells(Row(7, values), file="some.csv", log=log), log


def test_control_characters_are_taken_out_and_reported() -> None:
    row, log = cells(text="a\x00b\x07\u0378c\nd")
    assert row.text("text", longest=100) == "abc\nd"
    [problem] = log.kept
    assert (problem.kind, problem.file, problem.row, problem.field) == ("control_character", "some.csv", 7, "text")
    assert problem.reason == "3 characters are no text. They were left out."


def test_white_space_of_a_line_is_collapsed_without_a_word() -> None:
    row, log = cells(text="  ANASTASIOS\n\tFANIS\u00a0SA ")
    assert row.line("text", longest=100) == "ANASTASIOS FANIS SA"
    assert log.kept == []


def test_too_long_is_cut_and_reported() -> None:
    row, log = cells(text="x" * 50)
    assert row.line("text", longest=20) == "x" * 20
    assert log.kept[0].reason == "50 characters. Cut to 20."


def test_faulty_values_are_unknown_and_reported() -> None:
    row, log = cells(day="yesterday", amount="lots", place="here", flag="perhaps", code="XYZ")
    assert row.day("day") is None
    assert row.amount("amount") is None
    assert row.place("place") == (None, None)
    assert row.flag("flag") is None
    assert row.choice("code", {"A": "a"}, otherwise="b") == "b"
    assert [problem.kind for problem in log.kept] == [
        "invalid_date",
        "invalid_amount",
        "invalid_place",
        "invalid_flag",
        "unknown_code",
    ]
    assert not row.is_refused


def test_empty_values_are_unknown_and_not_reported() -> None:
    row, log = cells(day="", amount=" ", place="", flag="")
    assert (row.day("day"), row.amount("amount"), row.place("place"), row.flag("flag")) == (
        None,
        None,
        (None, None),
        None,
    )
    assert log.kept == []


def test_a_row_is_refused_once() -> None:
    row, log = cells(id="", name="")
    row.needed_line("id", longest=9)
    row.needed_line("name", longest=9)
    assert row.is_refused
    assert log.counts == {"missing_value": 1}


def test_log_counts_all_and_keeps_some() -> None:
    row, log = cells(day="x")
    for _time in range(1000):
        row.day("day")
    assert log.counts["invalid_date"] == 1000
    assert len(log.take_kept()) == 200
    assert log.kept == []
