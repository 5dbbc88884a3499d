"""Archives of CORDIS that cannot be read: one clear sentence each, and nothing written."""

import csv
import struct
import zipfile
from pathlib import Path

import pytest

from consortia.imports.archives.faults import UnreadableArchive
from consortia.imports.archives.limits import Limits
from consortia.imports.models import ImportRun
from consortia.imports.services import import_cordis, inspect_cordis
from consortia.organizations.models import Organization
from tests.consortia.imports.cordis_authoring import ORGANIZATION, PROJECT, members, numbered, project, table, write_zip


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableArchive) as caught:
        inspect_cordis(path=path, limits=limits)
    assert caught.value.fields == {"archive": [caught.value.message]}
    return caught.value.message


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.zip"


def test_missing_file(path: Path) -> None:
    assert "No such file" in refusal(path)


def test_folder(tmp_path: Path) -> None:
    assert "directory" in refusal(tmp_path)


def test_empty_file(path: Path) -> None:
    path.touch()
    assert refusal(path) == "archive.zip is empty. Download it again."


def test_not_zip(path: Path) -> None:
    path.write_text("id;title")
    assert "is no zip archive" in refusal(path)


@pytest.mark.parametrize("kept", [0.02, 0.5, 0.98])
def test_cut_off(path: Path, kept: float) -> None:
    content = write_zip(path, members(*numbered(50))).read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert refusal(path) == "archive.zip: The archive is damaged or cut off. Download it again."


def test_damaged_inside(path: Path) -> None:
    content = bytearray(write_zip(path, members(*numbered(200))).read_bytes())
    content[600:700] = bytes(100)
    path.write_bytes(content)
    assert "damaged or cut off" in refusal(path)


def test_other_members(path: Path) -> None:
    files = members()
    del files["organization.csv"]
    message = refusal(write_zip(path, {**files, "topics.csv": b""}))
    assert "does not hold organization.csv" in message
    assert "topics.csv" in message


def test_empty_zip(path: Path) -> None:
    assert "does not hold project.csv; it holds nothing" in refusal(write_zip(path, {}))


@pytest.mark.filterwarnings("ignore:Duplicate name")  # zipfile warns of what this test is about
def test_member_twice(path: Path) -> None:
    write_zip(path, members())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("project.csv", b"id;title")
    assert "holds project.csv twice" in refusal(path)


@pytest.mark.parametrize(
    "name", ["../project.csv", "/etc/project.csv", "a/../../project.csv", "..\\x.csv", "C:\\x.csv"]
)
def test_path_out_of_the_archive(path: Path, name: str) -> None:
    assert "leads out of it" in refusal(write_zip(path, {**members(), name: b""}))


def test_encrypted_member(path: Path) -> None:
    content = bytearray(write_zip(path, members()).read_bytes())
    central = content.index(b"PK\x01\x02")
    flags = struct.unpack_from("<H", content, central + 8)[0]
    struct.pack_into("<H", content, central + 8, flags | 1)
    path.write_bytes(content)
    assert "is encrypted" in refusal(path)


def test_unknown_compression(path: Path) -> None:
    content = bytearray(write_zip(path, members()).read_bytes())
    struct.pack_into("<H", content, content.index(b"PK\x01\x02") + 10, 97)
    path.write_bytes(content)
    assert "unknown method" in refusal(path)


def test_announced_bomb(path: Path) -> None:
    write_zip(path, members(projects=[project(objective="a" * 100_000) for _ in range(200)]))
    assert "more than 100 times its size" in refusal(path, Limits(unpacked_bytes=1 << 30, ratio=100))


def test_too_large(path: Path) -> None:
    write_zip(path, members(*numbered(5000)))
    assert "unpacks to more than 1 MiB" in refusal(path, Limits(unpacked_bytes=1 << 20, ratio=100))


def test_bomb_that_announces_little(path: Path) -> None:
    """The archive says that a member is small; what comes out of it is what counts."""
    write_zip(path, members(projects=[project(objective="a" * 100_000) for _ in range(50)]))
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, 1000)
    path.write_bytes(content)
    assert "damaged" in refusal(path) or "quotation mark" in refusal(path)


def test_endless_line(path: Path) -> None:
    write_zip(path, {**members(), "project.csv": b"a" * 3_000_000})
    assert "project.csv, line 1: longer than" in refusal(path)


@pytest.mark.parametrize("name", ["project.csv", "organization.csv", "euroSciVoc.csv"])
def test_empty_member(path: Path, name: str) -> None:
    assert f"{name} is empty" in refusal(write_zip(path, {**members(), name: b""}))


def test_not_utf8_names_file_and_line(path: Path) -> None:
    files = members(projects=[project(id="101000001"), project(id="101000002", objective="", title="Energía")])
    files["project.csv"] = files["project.csv"].decode().encode("latin-1", "replace")
    message = refusal(write_zip(path, files))
    assert message.startswith("project.csv, line ")
    assert "not UTF-8" in message


def test_utf16(path: Path) -> None:
    files = members()
    files["project.csv"] = files["project.csv"].decode().encode("utf-16")
    assert "project.csv, line 1, byte 1: not UTF-8" in refusal(write_zip(path, files))


def test_missing_columns_are_named_with_their_file(path: Path) -> None:
    columns = [name for name in ORGANIZATION if name not in {"organisationID", "role"}]
    files = {**members(), "organization.csv": table([], columns)}
    assert "organization.csv lacks the column organisationID, role" in refusal(write_zip(path, files))


def test_other_separator(path: Path) -> None:
    files = members()
    files["project.csv"] = files["project.csv"].replace(b";", b",")
    assert "separated by “;”" in refusal(write_zip(path, files))


def test_column_twice(path: Path) -> None:
    files = {**members(), "project.csv": b"id;title;id\r\n"}
    assert "has the column id twice" in refusal(write_zip(path, files))


def test_quotation_mark_never_closed(path: Path) -> None:
    files = members(*numbered(3))
    files["project.csv"] += b'"101000009";"open'
    message = refusal(write_zip(path, files))
    assert message.startswith("project.csv, row 5: a quotation mark is opened and not closed")


def test_oversized_field(path: Path) -> None:
    write_zip(path, members(projects=[project(objective="a " * csv.field_size_limit())]))
    assert "project.csv, row 2" in refusal(path)


@pytest.mark.django_db
def test_nothing_is_written_of_an_archive_whose_last_table_is_broken(path: Path) -> None:
    files = members(*numbered(3))
    files["euroSciVoc.csv"] += b"\xff"
    with pytest.raises(UnreadableArchive):
        import_cordis(path=write_zip(path, files))
    assert not Organization.objects.exists()
    run = ImportRun.objects.get()
    assert (run.status, run.stage, run.position) == ("failed", "reading", 0)
    assert "euroSciVoc.csv, line 5" in run.error


def test_byte_order_mark_and_any_order_of_columns(path: Path) -> None:
    files = members()
    files["project.csv"] = b"\xef\xbb\xbf" + table([PROJECT], reversed(list(PROJECT)))
    outcome = inspect_cordis(path=write_zip(path, files))
    assert outcome.files["project.csv"].as_counts() == {"read": 1, "imported": 1, "merged": 0, "refused": 0}
    assert "project.csv: these columns are not read: rcn." in outcome.notes


def test_columns_of_other_editions_may_be_absent(path: Path) -> None:
    columns = [name for name in PROJECT if name != "keywords"]
    row = {name: PROJECT[name] for name in columns}
    outcome = inspect_cordis(path=write_zip(path, {**members(), "project.csv": table([row], columns)}))
    assert "project.csv has no column keywords: read as empty." in outcome.notes
    assert outcome.problems == {}
