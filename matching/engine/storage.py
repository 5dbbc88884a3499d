"""An index on disk: plain numpy files that workers map into memory, and a manifest with their checksums."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from matching.engine.columns import Array, Ragged, Table, Vocabulary, pack_strings, unpack_strings
from matching.engine.errors import IndexCorruptError, SettingsError
from matching.engine.fusion import Background
from matching.engine.passages import PassageTable, Statistics
from matching.engine.settings import ENGINE_VERSION, Settings
from matching.engine.snapshot import Postings, Snapshot
from matching.engine.tables import DocumentTable, OrganizationTable
from matching.engine.types import Problem, Route, Taxonomy, Technology

FORMAT = 1

_MANIFEST = "manifest.json"
_BLOCK = 1 << 20
_TableType = TypeVar("_TableType", bound=Table)


def save_snapshot(snapshot: Snapshot, folder: Path) -> None:
    """Write a snapshot beside its place and move it there whole. Raises `FileExistsError` when the place is taken."""
    if folder.exists():
        raise FileExistsError(f"{folder} exists; save every index in a folder of its own")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        checksums = {}
        for name, array in _arrays(snapshot).items():
            path = draft / f"{name}.npy"
            np.save(path, np.ascontiguousarray(array), allow_pickle=False)
            checksums[path.name] = _checksum(path)
        manifest = {**_manifest(snapshot), "files": checksums}
        (draft / _MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def load_snapshot(folder: Path) -> Snapshot:
    """Map a snapshot into memory. Raises `IndexCorruptError` naming what is missing or damaged."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        if (manifest["format"], manifest["engine_version"]) != (FORMAT, ENGINE_VERSION):
            raise IndexCorruptError(f"{folder} was written by another version of the engine; build the index again")
        arrays = {}
        for name, checksum in manifest["files"].items():
            if _checksum(folder / name) != checksum:
                raise IndexCorruptError(f"{folder / name} is damaged; build the index again")
            arrays[name.removesuffix(".npy")] = _mapped(folder / name)
        return _restored(manifest, arrays)
    except (OSError, ValueError, KeyError, TypeError, SettingsError) as error:
        raise IndexCorruptError(f"{folder} is not a complete index ({error}); build it again") from error


def _arrays(snapshot: Snapshot) -> dict[str, Array]:
    arrays: dict[str, Array] = {
        "statistics.frequency": snapshot.statistics.frequency,
        "words": pack_strings(snapshot.words.words),
        "terms": pack_strings(snapshot.terms.words),
        "organization_ids": pack_strings(snapshot.organization_ids),
        "document_ids": pack_strings(snapshot.document_ids),
    }
    for item in fields(Postings):
        arrays[f"postings.{item.name}"] = getattr(snapshot.postings, item.name)
    tables: dict[str, Table] = {
        "organizations": snapshot.organizations,
        "documents": snapshot.documents,
        "passages": snapshot.passages,
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
        "format": FORMAT,
        "engine_version": ENGINE_VERSION,
        "settings": snapshot.settings.to_json(),
        "encoder": snapshot.encoder,
        "taxonomy": asdict(snapshot.taxonomy),
        "problems": [asdict(problem) for problem in snapshot.problems],
        "statistics": {
            "terms": len(statistics.terms),
            "passages": statistics.passages,
            "mean_length": statistics.mean_length,
            "background": asdict(statistics.background),
        },
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
        organization_ids=tuple(unpack_strings(arrays["organization_ids"], counts["organizations"])),
        document_ids=tuple(unpack_strings(arrays["document_ids"], counts["documents"])),
        organizations=_table(OrganizationTable, "organizations", arrays),
        documents=_table(DocumentTable, "documents", arrays),
        passages=_table(PassageTable, "passages", arrays),
        postings=Postings(**{item.name: arrays[f"postings.{item.name}"] for item in fields(Postings)}),
        encoder=manifest["encoder"],
        problems=tuple(Problem(**problem) for problem in manifest["problems"]),
    )


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
        array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
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
