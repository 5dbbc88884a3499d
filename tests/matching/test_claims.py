"""Claims on runs and blocks: one worker at a time, and none is waited for that died."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from matching.models import Match, MatchBlock, MatchRun
from matching.services import blocks, indexing, runs
from matching.services.claims import ClaimLost, Heartbeat
from matching.services.outcomes import end_run
from tests.matching.racing import fail, in_threads, silence

Status = MatchRun.Status


def test_indexing_is_taken_up_when_its_worker_fell_silent(need, capability, sent):
    run = runs.request_full_run(reason="x")
    runs._activate_next()
    MatchRun.objects.update(claim=uuid.uuid4(), claimed_until=timezone.now() + timedelta(minutes=1))
    runs.advance()
    assert not sent
    silence(run)
    runs.advance()
    assert len(sent) == 1


def test_a_claim_does_not_outlast_a_clock_that_was_set_back(need, capability, sent):
    """Whoever took it went by a clock that was a day ahead, and died; nobody has to wait for that day."""
    runs.request_full_run(reason="x")
    runs._activate_next()
    tomorrow = timezone.now() + timedelta(days=1)
    MatchRun.objects.update(claim=uuid.uuid4(), claimed_until=tomorrow)
    runs.advance()
    MatchBlock.objects.update(claim=uuid.uuid4(), claimed_until=tomorrow)
    runs.advance()
    assert len(sent) == 2
    assert blocks.compute_block(sent[1])
    runs.advance()
    assert MatchRun.objects.get().status == Status.DONE


def test_leases_go_by_the_clock_of_the_database(need, capability, sent, monkeypatch):
    """A worker whose own clock is an hour ahead takes nothing away from the others."""
    runs.request_full_run(reason="x")
    runs._activate_next()
    MatchRun.objects.update(claim=uuid.uuid4(), claimed_until=timezone.now() + timedelta(seconds=30))
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(hours=1))
    runs.advance()
    assert not sent
    assert MatchRun.objects.get().status == Status.INDEXING


def test_a_worker_that_was_thought_dead_indexes_nothing(need, capability, monkeypatch):
    run = runs.request_full_run(reason="x")
    real = indexing.load_taxonomy

    def taken_over():
        MatchRun.objects.update(claim=uuid.uuid4())
        return real()

    monkeypatch.setattr(indexing, "load_taxonomy", taken_over)
    runs.advance()
    run.refresh_from_db()
    assert run.status == Status.INDEXING
    assert not run.blocks.exists()


def test_a_worker_that_was_thought_dead_fails_nobody_else_s_run(need, capability, monkeypatch):
    run = runs.request_full_run(reason="x")

    def taken_over():
        MatchRun.objects.update(claim=uuid.uuid4())
        fail()

    monkeypatch.setattr(indexing, "load_taxonomy", taken_over)
    runs.advance()
    run.refresh_from_db()
    assert run.status == Status.INDEXING


def test_a_worker_that_was_thought_dead_publishes_nothing(need, capability, sent, monkeypatch):
    runs.request_full_run(reason="x")
    runs.advance()
    real = blocks.load_needs

    def taken_over(*args, **kwargs):
        MatchBlock.objects.update(claim=uuid.uuid4())
        return real(*args, **kwargs)

    monkeypatch.setattr(blocks, "load_needs", taken_over)
    assert not blocks.compute_block(sent[0])
    assert not Match.objects.exists()
    assert MatchBlock.objects.get().status == MatchBlock.Status.PENDING


def test_a_block_is_computed_once_however_often_it_is_sent(need, capability, sent):
    run = runs.request_full_run(reason="x")
    runs.advance()
    assert blocks.compute_block(sent[0])
    assert not blocks.compute_block(sent[0])
    run.refresh_from_db()
    assert run.needs_done == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_on_one_block(need, capability, sent):
    run = runs.request_full_run(reason="x")
    runs.advance()
    assert sorted(in_threads(6, lambda: blocks.compute_block(sent[0]))) == [False] * 5 + [True]
    run.refresh_from_db()
    assert run.needs_done == 1


def test_a_run_ends_once(need, capability):
    run = runs.request_full_run(reason="x")
    runs._activate_next()
    assert end_run(run, Status.DONE)
    assert not end_run(run, Status.FAILED, error="late")
    run.refresh_from_db()
    assert run.status == Status.DONE


def test_heartbeats_are_rare_and_raise_through(settings):
    beats: list[str] = []
    settings.MATCHING_LEASE_SECONDS = 60
    beat = Heartbeat(lambda stage, _done, _total: beats.append(stage))
    for _ in range(1000):
        beat("load")
    assert beats == ["load"]

    def lost(_stage, _done, _total):
        raise ClaimLost

    with pytest.raises(ClaimLost):
        Heartbeat(lost)()
