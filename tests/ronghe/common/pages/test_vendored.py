"""The files of others that browsers load are the ones that were read and listed."""

import hashlib
import json
from pathlib import Path

import pytest

from ronghe.common import pages

VENDOR = Path(pages.__file__).parent / "static" / "vendor"
LIST = "VENDORED.json"
ENTRIES = json.loads((VENDOR / LIST).read_text(encoding="utf-8"))
LARGEST_BYTES = 700_000


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_files_are_unchanged(entry):
    actual = {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in entry["files"]}

    assert actual == entry["files"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_each_has_a_version_a_source_and_its_licence(entry):
    assert entry["version"]
    assert entry["source"]
    assert len((VENDOR / entry["licence_file"]).read_text(encoding="utf-8")) > 200


def test_nothing_is_vendored_unlisted():
    listed = {name for entry in ENTRIES for name in [*entry["files"], entry["licence_file"]]} | {LIST}
    present = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}

    assert present == listed


def test_no_file_is_larger_than_a_phone_should_load():
    assert {path.name for path in VENDOR.rglob("*") if path.is_file() and path.stat().st_size > LARGEST_BYTES} == set()


def test_every_icon_that_templates_name_is_in_the_sprite(settings):
    import re

    sprite = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons" / "sprite.svg").read_text(encoding="utf-8")))
    templates = [
        path
        for root in ("platform", "consortia", "matching")
        for path in (settings.PROJECT_ROOT / root).rglob("templates/**/*.html")
    ]
    named = {name for path in templates for name in re.findall(r'{% icon "([^"]+)"', path.read_text(encoding="utf-8"))}

    assert named
    assert named <= sprite
