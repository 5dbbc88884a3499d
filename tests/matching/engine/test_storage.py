import json
import shutil
from pathlib import Path

import pytest

from matching.engine import EncoderError, Index, IndexCorruptError, Organization, Text
from tests.matching.engine.builders import LETTERS, make_document, make_index, make_need, make_settings, match_one

pytestmark = pytest.mark.database_free

ERIN = Organization("erin", country="CN")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "1"
    settings = make_settings(encoder=LETTERS, amendment_share=1.0)
    make_index([make_document(), make_document("d2", "dora")], settings=settings).save(folder)
    return folder


def test_a_saved_index_gives_the_same_lists_from_mapped_files(saved: Path) -> None:
    settings = make_settings(encoder=LETTERS, amendment_share=1.0)
    index = make_index([make_document(), make_document("d2", "dora")], settings=settings)
    loaded = Index.load(saved)
    assert match_one(loaded, make_need()) == match_one(index, make_need())
    assert loaded.settings == index.settings
    assert (loaded.documents, loaded.organizations) == (2, 3)


def test_an_empty_index_can_be_kept(tmp_path: Path) -> None:
    make_index([]).save(tmp_path / "empty")
    assert Index.load(tmp_path / "empty").documents == 0


def test_a_loaded_index_can_be_changed(saved: Path) -> None:
    changed = Index.load(saved).replace([], [], removed=["bob"])
    assert [match.organization for match in match_one(changed, make_need()).matches] == ["dora"]


def test_nothing_is_written_over(saved: Path) -> None:
    with pytest.raises(FileExistsError, match="folder of its own"):
        make_index([]).save(saved)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("numpy.save", fail)
    with pytest.raises(OSError, match="disk full"):
        make_index([]).save(tmp_path / "index")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["texts.impacts.values.npy", "documents.organization.npy", "terms.npy"])
def test_one_flipped_byte_is_found(saved: Path, name: str) -> None:
    content = bytearray((saved / name).read_bytes())
    content[-1] ^= 1
    (saved / name).write_bytes(content)
    with pytest.raises(IndexCorruptError, match=name):
        Index.load(saved)


def test_a_missing_file_is_found(saved: Path) -> None:
    (saved / "words.npy").unlink()
    with pytest.raises(IndexCorruptError, match="build it again"):
        Index.load(saved)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": 1}'])
def test_a_broken_manifest_is_found(saved: Path, content: str) -> None:
    (saved / "manifest.json").write_text(content)
    with pytest.raises(IndexCorruptError):
        Index.load(saved)


def test_an_index_of_another_version_is_refused(saved: Path) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())
    (saved / "manifest.json").write_text(json.dumps({**manifest, "engine_version": "0.0"}))
    with pytest.raises(IndexCorruptError, match="another version"):
        Index.load(saved)


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(IndexCorruptError):
        Index.load(tmp_path / "nowhere")


def test_a_line_break_in_a_certificate_moves_no_other_one(tmp_path: Path) -> None:
    certificates = ("ISO 9001\nTUV", "ISO 14001", "a\\nb", "GMP")
    held = [
        Organization(f"o{place}", certificates=frozenset({certificate}))
        for place, certificate in enumerate(certificates)
    ]
    index = make_index([make_document(f"d{place}", f"o{place}") for place in range(len(held))], held)
    index.save(tmp_path / "index")
    for place, certificate in enumerate(certificates):
        need = make_need(required_certificates=frozenset({certificate}))
        found = [match.organization for match in match_one(Index.load(tmp_path / "index"), need).matches]
        assert found == [match.organization for match in match_one(index, need).matches] == [f"o{place}"]


def test_an_index_whose_encoder_is_gone_is_not_amended(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Index.load(saved).reads_as_built
    monkeypatch.delattr("tests.matching.engine.builders.LetterEncoder")
    index = Index.load(saved)
    assert not index.reads_as_built
    with pytest.raises(EncoderError, match="build the index again"):
        index.replace([make_document("d3", "erin")], [ERIN])


def test_an_index_whose_encoder_is_gone_is_asked_by_words(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("tests.matching.engine.builders.LetterEncoder")
    index = Index.load(saved)
    assert [problem.code for problem in index.problems] == ["encoder_missing"]
    assert match_one(index, make_need()).matches[0].flags == ("lexical_only",)


def test_an_amended_index_is_kept_whole_beside_the_first(saved: Path, tmp_path: Path) -> None:
    first = Index.load(saved)
    changed = first.replace([make_document("d3", "erin", texts=(Text("en", "Solid-state argyrodite"),))], [ERIN])
    changed.save(tmp_path / "amended")
    shutil.rmtree(saved)
    loaded = Index.load(tmp_path / "amended")
    assert match_one(loaded, make_need()) == match_one(changed, make_need())
    assert (loaded.documents, loaded.organizations) == (3, 4)


def test_an_amended_index_shares_the_files_of_the_first(saved: Path, tmp_path: Path) -> None:
    Index.load(saved).replace([make_document("d3", "erin")], [ERIN]).save(tmp_path / "amended")
    name = "texts.impacts.values.npy"
    assert (tmp_path / "amended" / name).samefile(saved / name)


def test_where_files_cannot_be_linked_they_are_written(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("another file system")

    changed = Index.load(saved).replace([], [], removed=["bob"])
    monkeypatch.setattr("pathlib.Path.hardlink_to", fail)
    changed.save(tmp_path / "amended")
    assert match_one(Index.load(tmp_path / "amended"), make_need()) == match_one(changed, make_need())


def test_an_index_can_be_amended_again_and_again(saved: Path, tmp_path: Path) -> None:
    index = Index.load(saved)
    for number in range(3):
        index = index.replace([make_document(f"e{number}", "erin")], [ERIN], removed=["dora"][:number])
        index.save(tmp_path / str(number))
        index = Index.load(tmp_path / str(number))
    assert [match.organization for match in match_one(index, make_need()).matches] == ["bob", "erin"]
    assert (index.documents, index.organizations) == (2, 3)


def test_a_damaged_amendment_is_found(saved: Path, tmp_path: Path) -> None:
    Index.load(saved).replace([make_document("d3", "erin")], [ERIN]).save(tmp_path / "amended")
    damaged = tmp_path / "amended" / "added" / "organization_ids.npy"
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(IndexCorruptError, match="organization_ids"):
        Index.load(tmp_path / "amended")
