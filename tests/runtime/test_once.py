"""The first thing anybody does: everything from nothing, with one command."""

import re
import sys

import pytest

from tests.runtime.conftest import ScratchPlatform

pytestmark = [
    pytest.mark.service,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def test_up_once_goes_from_an_empty_folder_to_ten_explained_matches(tmp_path):
    platform = ScratchPlatform(tmp_path / "var")
    done = platform.run("up", "--once", seconds=500)
    assert done.returncode == 0, done.stdout + done.stderr
    ranked = re.findall(r"^ ?(\d+)\. (\d+\.\d\d)  \S", done.stdout, re.MULTILINE)
    assert [int(place) for place, _ in ranked] == list(range(1, 11))
    scores = [float(score) for _, score in ranked]
    assert scores == sorted(scores, reverse=True)
    assert 100 >= scores[0] >= scores[-1] > 0
    # Each match gives reasons: points of a criterion, with a sentence.
    assert len(re.findall(r"^ +\+\d+\.\d\d of \d+  [^:]+: .+", done.stdout, re.MULTILINE)) >= 10
    assert "Everything is stopped." in done.stdout
    assert platform.wait_until_gone(2) == {}
