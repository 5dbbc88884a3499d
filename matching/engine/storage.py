"""An index on disk: plain numpy files that workers map into memory, and a manifest with their checksums."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
import weakref
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from matching.engine.columns import Array, Ragged, Table, Vocabulary, pack_strings, unpack_strings
from matching.engine.corpus import Amendment
from matching.engine.errors import IndexCorruptError, SettingsError
from matching.engine.fusion import Background
from matching.engine.passages import PassageTable, Statistics, TextTable
from matching.engine.settings import ENGINE_VERSION, Settings
from matching.engine.snapshot import Postings, Snapshot
from matching.engine.tables import DocumentTable, OrganizationTable
from matching.engine.types import Problem, Route, Taxonomy, Technology

FORMAT = 3

_MANIFEST = "manifest.json"
_BLOCK = 1 << 20
_TableType = TypeVar("_TableType", bound=Table)


_ADDED = "added"
_loaded: weakref.WeakValueDictionary[tuple[int, ...], Snapshot] = weakref.WeakValueDictionary()
"""Indexes that are in use, by the identity of their manifest: an index and its amended versions share one file."""
_lock = threading.Lock()


def save_layers(base: Snapshot, amendment: Amendment | None, folder: Path, *, stored: Path | None) -> None:
    """Write an index with what was changed since beside its place, and move it there whole.

    The index itself is linked where it is `stored` already, so that every folder is complete and can be deleted on its
    own. Raises `FileExistsError` when the place is taken.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} exists; save every index in a folder of its own")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        if stored is None or not _linked(stored, draft):
            _write(draft, _arrays(base), _manifest(base))
        if amendment is not None:
            added = amendment.added
            (draft / _ADDED).mkdir()
            _write(
                draft / _ADDED, _layer_arrays(added, base), {**_layer_manifest(added), "gone": sorted(amendment.gone)}
            )
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def load_layers(folder: Path) -> tuple[Snapshot, Amendment | None]:
    """Map an index into memory. Raises `IndexCorruptError` naming what is missing or damaged."""
    try:
        base = _loaded_once(folder)
        if not (folder / _ADDED).exists():
            return base, None
        manifest, arrays = _read(folder / _ADDED)
        return base, Amendment(_restored_layer(manifest, arrays, base), frozenset(manifest["gone"]))
    except (OSError, ValueError, KeyError, TypeError, SettingsError) as error:
        raise IndexCorruptError(f"{folder} is not a complete index ({error}); build it again") from error


def _loaded_once(folder: Path) -> Snapshot:
    """Return the index of a folder, the one at hand where an amended version of it is in use already."""
    status = (folder / _MANIFEST).stat()
    # The number of a deleted file is given to the next one that is made.
    identity = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)
    with _lock:
        snapshot = _loaded.get(identity)
        if snapshot is None:
            snapshot = _loaded[identity] = _restored(*_read(folder))
        return snapshot


def _linked(stored: Path, draft: Path) -> bool:
    """Link the files of an index into another folder; False, with nothing left, where that cannot be done."""
    files = [path for path in stored.glob("*") if path.is_file()]
    try:
        for path in files:
            (draft / path.name).hardlink_to(path)
    except OSError:
        files = []
    if (draft / _MANIFEST).exists() and files:
        return True
    for path in draft.iterdir():
        path.unlink()
    return False


def _write(folder: Path, arrays: Mapping[str, Array], manifest: Mapping[str, Any]) -> None:
    checksums = {}
    for name, array in arrays.items():
        path = folder / f"{name}.npy"
        np.save(path, np.ascontiguousarray(array), allow_pickle=False)
        checksums[path.name] = _checksum(path)
    content = json.dumps({**manifest, "files": checksums}, ensure_ascii=False)
    (folder / _MANIFEST).write_text(content, encoding="utf-8")


def _read(folder: Path) -> tuple[Mapping[str, Any], dict[str, Array]]:
    manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    if (manifest["format"], manifest["engine_version"]) != (FORMAT, ENGINE_VERSION):
        raise IndexCorruptError(f"{folder} was written by another version of the engine; build the index again")
    arrays = {}
    for name, checksum in manifest["files"].items():
        if _checksum(folder / name) != checksum:
            raise IndexCorruptError(f"{folder / name} is damaged; build the index again")
        arrays[name.removesuffix(".npy")] = _mapped(folder / name)
    return manifest, arrays


def _arrays(snapshot: Snapshot) -> dict[str, Array]:
    return {
        "statistics.frequency": snapshot.statistics.frequency,
        "words": pack_strings(snapshot.words.words),
        "terms": pack_strings(snapshot.terms.words),
        **_columns(snapshot),
    }


def _layer_arrays(snapshot: Snapshot, base: Snapshot) -> dict[str, Array]:
    """Return what an index on the statistics of another one has of its own: of words, only those it added."""
    return {
        "words": pack_strings(snapshot.words.words[len(base.words) :]),
        "terms": pack_strings(snapshot.terms.words[len(base.terms) :]),
        **_columns(snapshot),
    }


def _columns(snapshot: Snapshot) -> dict[str, Array]:
    arrays: dict[str, Array] = {
        "organization_ids": pack_strings(snapshot.organization_ids),
        "document_ids": pack_strings(snapshot.document_ids),
    }
    for item in fields(Postings):
        arrays[f"postings.{item.name}"] = getattr(snapshot.postings, item.name)
    tables: dict[str, Table] = {
        "organizations": snapshot.organizations,
        "documents": snapshot.documents,
        "passages": snapshot.passages,
        "texts": snapshot.texts,
    }
    for prefix, table in tables.items():
        for name, column in table.columns().items():
            if isinstance(column, Ragged):
                arrays[f"{prefix}.{name}.starts"] = column.indptr
                arrays[f"{prefix}.{name}.values"] = column.values
            else:
                arrays[f"{prefix}.{name}"] = column
    return arrays


def _manifest(snapshot: Snapshot) -> dict[str, Any]:
    statistics = snapshot.statistics
    return {
        **_layer_manifest(snapshot),
        "settings": snapshot.settings.to_json(),
        "encoder": snapshot.encoder,
        "taxonomy": asdict(snapshot.taxonomy),
        "statistics": {
            "terms": len(statistics.terms),
            "passages": statistics.passages,
            "mean_length": statistics.mean_length,
            "background": asdict(statistics.background),
        },
    }


def _layer_manifest(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "engine_version": ENGINE_VERSION,
        "problems": [asdict(problem) for problem in snapshot.problems],
        "counts": {
            "words": len(snapshot.words),
            "terms": len(snapshot.terms),
            "organizations": len(snapshot.organization_ids),
            "documents": len(snapshot.document_ids),
        },
    }


def _restored(manifest: Mapping[str, Any], arrays: Mapping[str, Array]) -> Snapshot:
    counts, statistics = manifest["counts"], manifest["statistics"]
    terms = unpack_strings(arrays["terms"], counts["terms"])
    return Snapshot(
        settings=Settings.from_json(manifest["settings"]),
        taxonomy=_taxonomy(manifest["taxonomy"]),
        statistics=Statistics(
            terms=tuple(terms[: statistics["terms"]]),
            frequency=arrays["statistics.frequency"],
            passages=statistics["passages"],
            mean_length=statistics["mean_length"],
            background=Background(**{name: tuple(values) for name, values in statistics["background"].items()}),
        ),
        words=Vocabulary(unpack_strings(arrays["words"], counts["words"])),
        terms=Vocabulary(terms),
        encoder=manifest["encoder"],
        **_restored_columns(manifest, arrays),
    )


def _restored_layer(manifest: Mapping[str, Any], arrays: Mapping[str, Array], base: Snapshot) -> Snapshot:
    counts, words, terms = manifest["counts"], base.words.copy(), base.terms.copy()
    for vocabulary, name in ((words, "words"), (terms, "terms")):
        for word in unpack_strings(arrays[name], counts[name] - len(vocabulary)):
            vocabulary.add(word)
    return Snapshot(
        settings=base.settings,
        taxonomy=base.taxonomy,
        statistics=base.statistics,
        words=words,
        terms=terms,
        encoder=base.encoder,
        **_restored_columns(manifest, arrays),
    )


def _restored_columns(manifest: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
    counts = manifest["counts"]
    return {
        "organization_ids": tuple(unpack_strings(arrays["organization_ids"], counts["organizations"])),
        "document_ids": tuple(unpack_strings(arrays["document_ids"], counts["documents"])),
        "organizations": _table(OrganizationTable, "organizations", arrays),
        "documents": _table(DocumentTable, "documents", arrays),
        "passages": _table(PassageTable, "passages", arrays),
        "texts": _table(TextTable, "texts", arrays),
        "postings": Postings(**{item.name: arrays[f"postings.{item.name}"] for item in fields(Postings)}),
        "problems": tuple(Problem(**problem) for problem in manifest["problems"]),
    }


def _table(kind: type[_TableType], prefix: str, arrays: Mapping[str, Array]) -> _TableType:
    columns: dict[str, Array | Ragged] = {}
    for item in fields(kind):  # type: ignore[arg-type]
        name = f"{prefix}.{item.name}"
        columns[item.name] = (
            arrays[name] if name in arrays else Ragged(arrays[f"{name}.starts"], arrays[f"{name}.values"])
        )
    return kind(**columns)


def _taxonomy(values: Mapping[str, Any]) -> Taxonomy:
    return Taxonomy(
        technologies=tuple(
            Technology(
                id=item["id"],
                labels=_labels(item["labels"]),
                broader=tuple(item["broader"]),
                related=tuple(item["related"]),
                depends_on=tuple(item["depends_on"]),
            )
            for item in values["technologies"]
        ),
        routes=tuple(Route(item["id"], item["technology"], _labels(item["labels"])) for item in values["routes"]),
    )


def _labels(values: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(labels) for language, labels in values.items()}


def _mapped(path: Path) -> Array:
    try:
        # A plain view: compiled code takes subclasses of arrays the slow way.
        array: Array = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except ValueError:
        # An array without elements cannot be mapped.
        array = np.load(path, allow_pickle=False)
    return array


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
