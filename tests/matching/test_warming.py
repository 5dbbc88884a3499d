"""A worker that starts loads what its first task needs, and takes tasks whether or not that succeeds."""

import shutil

import pytest

from matching import engine, indexes, watches
from matching.services import warming
from tests.matching import world


def test_before_the_first_run_there_is_nothing_to_load(db):
    assert not warming.warm()


def test_the_first_match_finds_index_and_watches_loaded(need, capability, monkeypatch):
    run = world.recompute()
    indexes.forget()
    assert warming.warm()
    monkeypatch.setattr(engine.Index, "load", None)
    monkeypatch.setattr(engine.Watches, "load", None)
    assert indexes.load(run.index_name).organizations == 2
    assert watches.open_watches(run.index_name)[0].need.tolist() == [need.pk]


@pytest.mark.django_db(transaction=True)
def test_an_index_that_is_gone_costs_a_line_in_the_log(need, capability, caplog):
    run = world.recompute()
    indexes.forget()
    shutil.rmtree(indexes.folder_of(run.index_name))
    warming.warm_in_background().join()
    assert "matching.warming_failed" in caplog.text
    with pytest.raises(engine.IndexCorruptError):
        warming.warm()
