"""The life of a run: joining, one at work at a time, cancelling, failing, and taking up what others left."""

import os
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from matching import engine, indexes
from matching.loading import documents
from matching.models import Match, MatchBlock, MatchRun
from matching.services import blocks, indexing, runs
from matching.services.claims import MAX_ATTEMPTS
from ronghe.common.errors import Conflict, NotAllowed
from tests.matching import world
from tests.matching.racing import fail, in_threads, silence

Status = MatchRun.Status


# --- asking -----------------------------------------------------------------------------------------------------------


def test_who_asks_while_a_run_waits_joins_it(db):
    first = runs.request_full_run(reason="a")
    assert runs.request_full_run(reason="b") == first
    assert runs.request_incremental_run(reason="c", need_ids=[1]) == first
    assert runs.request_full_run(reason="d", as_of=timezone.localdate()) != first


def test_changes_add_up_while_a_run_waits(db):
    first = runs.request_incremental_run(reason="a", need_ids=[3, 1])
    second = runs.request_incremental_run(reason="b", need_ids=[2], organization_ids=[9])
    assert second == first
    second.refresh_from_db()
    assert second.changes == {"needs": [1, 2, 3], "organizations": [9]}
    assert runs.request_incremental_run(reason="nothing") is None


def test_very_many_changes_become_a_full_run(db, monkeypatch):
    monkeypatch.setattr(runs, "MANY_CHANGES", 3)
    run = runs.request_incremental_run(reason="a", need_ids=[1, 2], organization_ids=[3, 4])
    run.refresh_from_db()
    assert run.scope == MatchRun.Scope.FULL


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_get_one_run():
    def ask():
        return runs.request_incremental_run(reason="x", need_ids=[threading.get_ident()]).pk

    assert len(set(in_threads(8, ask))) == 1
    assert len(MatchRun.objects.get().changes["needs"]) == 8


@pytest.mark.django_db(transaction=True)
def test_only_one_run_is_put_to_work_at_a_time():
    for day in range(4):
        MatchRun.objects.create(scope="full", as_of=timezone.localdate() - timedelta(days=day))
    activated = [run for run in in_threads(6, runs._activate_next) if run is not None]
    assert len({run.pk for run in activated}) == 1
    assert MatchRun.objects.filter(active_slot=1).count() == 1
    with pytest.raises(IntegrityError):
        MatchRun.objects.filter(status=Status.QUEUED).update(active_slot=1)


# --- from beginning to end --------------------------------------------------------------------------------------------


def test_a_full_run(need, capability, settings):
    settings.MATCHING_BLOCK_SIZE = 1
    run = world.recompute()
    assert run.status == Status.DONE, run.error
    assert (run.needs_total, run.needs_done, run.matches_written) == (1, 1, 1)
    assert run.settings["engine_version"] == run.engine_version == engine.ENGINE_VERSION
    assert set(run.timings) == {"index", "match", "total"}
    assert (run.active_slot, run.claim, run.as_of) == (None, None, timezone.localdate())
    assert world.listed(need) == ["Dora Materials"]


def test_a_run_without_needs_ends(db):
    run = world.recompute()
    assert (run.status, run.needs_total) == (Status.DONE, 0)


def test_finished_runs_leave_one_index(need, capability):
    first = world.recompute()
    assert indexes.published() == {first.index_name}
    second = world.recompute()
    assert indexes.published() == {second.index_name} != {first.index_name}


def test_an_index_that_others_may_still_read_is_kept_for_a_while(need, capability, settings):
    settings.INDEX_KEEP_SECONDS = 3600
    first, second = world.recompute(), world.recompute()
    assert indexes.published() == {first.index_name, second.index_name}
    mark = indexes.folder_of(f".{first.index_name}.retired")
    os.utime(mark, (0, 0))
    third = world.recompute()
    assert indexes.published() == {second.index_name, third.index_name}
    assert not mark.exists()


def test_what_killed_workers_left_half_written_goes_after_a_day(need, capability):
    drafts = [indexes.folder_of(f".run-9-{name}") for name in ("old", "young")]
    orphan = indexes.folder_of(".run-8-gone.retired")
    for draft in drafts:
        draft.mkdir(parents=True)
    orphan.touch()
    os.utime(drafts[0], (0, 0))
    world.recompute()
    assert [path.exists() for path in (*drafts, orphan)] == [False, True, False]


def test_an_index_that_another_worker_deletes_meanwhile_is_no_fault(need, capability, monkeypatch):
    world.recompute()
    forgotten = indexes.folder_of(".run-7-x.retired")
    monkeypatch.setattr(type(forgotten), "touch", lambda _mark: None)
    indexes.retire(["run-7-x"])
    assert not forgotten.exists()


def test_needs_that_stopped_asking_lose_their_lists(run, need):
    type(need).objects.filter(pk=need.pk).update(deadline=timezone.localdate() - timedelta(days=1))
    assert world.recompute().status == Status.DONE
    assert world.listed(need) == []


def test_a_day_can_be_taken_for_today(need, capability):
    later = timezone.localdate() + timedelta(days=400)
    run = world.recompute(runs.request_full_run(reason="x", as_of=later))
    assert (run.as_of, run.needs_total) == (later, 0)


def test_bad_records_are_named_and_the_others_matched(need, capability, monkeypatch):
    good = list(indexing.load_documents(as_of=timezone.localdate()))
    bad = engine.Document(id="capability:999", organization=good[0].organization, kind="capability", trl=(7.0, 3.0))
    monkeypatch.setattr(indexing, "load_documents", lambda **_kwargs: iter([*good, bad]))
    run = world.recompute()
    assert run.status == Status.DONE
    assert [problem["id"] for problem in run.problems] == ["capability:999"]
    assert world.listed(need) == ["Dora Materials"]


def test_a_capability_that_cannot_be_read_is_named_and_the_others_matched(need, capability, monkeypatch):
    organization, viewer = world.make_owner("Erin Oxides")
    bad = world.publish_capability(viewer, organization)
    real = documents.parameters_of
    monkeypatch.setattr(documents, "parameters_of", lambda row: fail() if row.pk == bad.pk else real(row))
    run = world.recompute()
    assert run.status == Status.DONE
    assert [(problem["id"], problem["code"]) for problem in run.problems] == [(f"capability:{bad.pk}", "unreadable")]
    assert world.listed(need) == ["Dora Materials"]


def test_queued_blocks_are_not_queued_again_at_every_look(need, capability, sent):
    runs.request_full_run(reason="x")
    runs.advance()
    runs.advance()
    assert len(sent) == 1
    silence(MatchBlock.objects.get())
    runs.advance()
    assert len(sent) == 2


# --- cancelling -------------------------------------------------------------------------------------------------------


def test_only_curators_cancel(db, alice_viewer):
    with pytest.raises(NotAllowed):
        runs.cancel_run(actor=alice_viewer, run=runs.request_full_run(reason="x"))


def test_cancelling_while_it_waits(db, curator_viewer):
    run = runs.request_full_run(reason="x")
    runs.cancel_run(actor=curator_viewer, run=run)
    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    with pytest.raises(Conflict):
        runs.cancel_run(actor=curator_viewer, run=run)


def test_cancelling_while_it_is_indexed(need, capability, curator_viewer, settings, monkeypatch):
    settings.MATCHING_LEASE_SECONDS = 0  # a look at every step
    run = runs.request_full_run(reason="x")
    real = indexing.load_taxonomy

    def cancel_and_load():
        runs.cancel_run(actor=curator_viewer, run=run)
        return real()

    monkeypatch.setattr(indexing, "load_taxonomy", cancel_and_load)
    runs.advance()
    run.refresh_from_db()
    assert (run.status, run.active_slot) == (Status.CANCELLED, None)
    assert not Match.objects.exists()


def test_cancelling_while_it_matches_keeps_what_is_published(
    need, capability, curator_viewer, settings, sent, alice_viewer, alice_lab
):
    settings.MATCHING_BLOCK_SIZE = 1
    other = world.publish_need(alice_viewer, alice_lab)
    run = runs.request_full_run(reason="x")
    runs.advance()
    assert blocks.compute_block(sent[0])
    runs.cancel_run(actor=curator_viewer, run=run)
    assert not blocks.compute_block(sent[1])
    runs.advance()
    run.refresh_from_db()
    assert (run.status, run.needs_done) == (Status.CANCELLED, 1)
    assert (world.listed(need), world.listed(other)) == (["Dora Materials"], [])


def test_a_block_at_work_notices_that_its_run_is_cancelled(
    need, capability, curator_viewer, settings, sent, monkeypatch
):
    settings.MATCHING_LEASE_SECONDS = 0
    run = runs.request_full_run(reason="x")
    runs.advance()
    real = blocks.load_needs

    def cancel_and_load(*args, **kwargs):
        runs.cancel_run(actor=curator_viewer, run=run)
        return real(*args, **kwargs)

    monkeypatch.setattr(blocks, "load_needs", cancel_and_load)
    assert blocks.compute_block(sent[0])
    runs.advance()
    run.refresh_from_db()
    assert run.status == Status.CANCELLED


def test_a_run_whose_worker_died_can_be_cancelled(need, capability, curator_viewer):
    run = runs.request_full_run(reason="x")
    runs._activate_next()
    MatchRun.objects.update(claim=uuid.uuid4(), claimed_until=timezone.now() + timedelta(minutes=1))
    runs.cancel_run(actor=curator_viewer, run=run)
    runs.advance()
    run.refresh_from_db()
    assert run.status == Status.CANCELLING
    silence(run)
    runs.advance()
    run.refresh_from_db()
    assert run.status == Status.CANCELLED


# --- failing ----------------------------------------------------------------------------------------------------------


def test_a_run_that_cannot_be_indexed_says_so(need, capability, monkeypatch):
    monkeypatch.setattr(indexing, "load_taxonomy", fail)
    run = world.recompute()
    assert (run.status, run.active_slot) == (Status.FAILED, None)
    assert run.error == "RuntimeError: no more disk"


def test_a_block_is_tried_again_and_then_named(need, capability, monkeypatch):
    monkeypatch.setattr(blocks, "publish_lists", fail)
    run = world.recompute()
    assert run.status == Status.FAILED
    assert run.error == "block 0: RuntimeError: no more disk"
    assert run.blocks.get().attempts == MAX_ATTEMPTS


def test_one_failure_of_a_block_does_no_harm(need, capability, monkeypatch):
    real, calls = blocks.publish_lists, []

    def fail_once(**kwargs):
        calls.append(kwargs)
        return real(**kwargs) if len(calls) > 1 else fail()

    monkeypatch.setattr(blocks, "publish_lists", fail_once)
    assert world.recompute().status == Status.DONE
    assert world.listed(need) == ["Dora Materials"]


def test_a_need_that_cannot_be_matched_is_named_and_keeps_nobody_from_its_list(
    need, capability, alice_viewer, alice_lab, monkeypatch
):
    bad = world.publish_need(alice_viewer, alice_lab, title="Poisonous")
    real = blocks.load_needs

    def poisoned(rows, *, as_of):
        for loaded in real(rows, as_of=as_of):
            yield loaded if loaded.id != str(bad.pk) else fail()

    monkeypatch.setattr(blocks, "load_needs", poisoned)
    run = world.recompute()
    assert (run.status, run.blocks.get().attempts, run.needs_done) == (Status.DONE, MAX_ATTEMPTS, 2)
    assert run.problems == [
        {"record": "need", "id": str(bad.pk), "code": "failed", "message": "RuntimeError: no more disk"}
    ]
    assert (world.listed(need), world.listed(bad)) == (["Dora Materials"], [])

    monkeypatch.setattr(blocks, "load_needs", real)
    again = world.recompute(runs.request_incremental_run(reason="x", need_ids=[need.pk]))
    assert (again.scope, again.needs_total) == (MatchRun.Scope.INCREMENTAL, 2)
    assert world.listed(bad) == ["Dora Materials"]


def test_a_host_without_the_index_says_what_it_lacks(need, capability, sent, settings, tmp_path):
    run = runs.request_full_run(reason="x")
    runs.advance()
    indexes.forget()
    settings.INDEX_DIR = tmp_path / "another host"
    for _attempt in range(MAX_ATTEMPTS):
        assert blocks.compute_block(sent[0])
    runs.advance()
    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert "share INDEX_DIR" in run.error


def test_a_block_that_kills_its_workers_is_given_up(need, capability, sent):
    run = runs.request_full_run(reason="x")
    runs.advance()
    MatchBlock.objects.update(attempts=MAX_ATTEMPTS)
    assert blocks.compute_block(sent[0])
    runs.advance()
    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert "died over it" in run.error


def test_an_index_that_kills_its_workers_is_given_up(need, capability):
    run = runs.request_full_run(reason="x")
    MatchRun.objects.update(attempts=MAX_ATTEMPTS)
    runs.advance()
    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert "more memory" in run.error


def test_what_a_failed_run_should_have_done_is_done_by_the_next(run, need, dora_materials, monkeypatch):
    organization, viewer = dora_materials
    world.publish_capability(viewer, organization, title="Sulfide electrolyte sheets")
    with monkeypatch.context() as patch:
        patch.setattr(indexing, "load_documents", fail)
        failed = runs.request_incremental_run(reason="x", organization_ids=[organization.pk])
        assert world.recompute(failed).status == Status.FAILED
    unrelated = runs.request_incremental_run(reason="y", need_ids=[need.pk])
    assert world.recompute(unrelated).status == Status.DONE
    after = world.lists()
    world.recompute()
    assert [row[:3] for row in world.lists()] == [row[:3] for row in after]
    assert Match.objects.get(need=need).contributions[0]["args"] == {"documents": 2}


def test_after_a_failed_full_run_everything_is_built_anew(run, need, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(indexing, "load_taxonomy", fail)
        world.recompute()
    again = world.recompute(runs.request_incremental_run(reason="x", need_ids=[need.pk]))
    assert (again.status, again.scope) == (Status.DONE, MatchRun.Scope.FULL)


def test_a_damaged_index_is_built_anew(run, need):
    indexes.forget()
    next(indexes.folder_of(run.index_name).glob("*.npy")).write_bytes(b"broken")
    again = world.recompute(runs.request_incremental_run(reason="x", need_ids=[need.pk]))
    assert (again.status, again.scope) == (Status.DONE, MatchRun.Scope.FULL)
    assert again.index_name != run.index_name


def test_retrying(need, capability, curator_viewer, alice_viewer, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(indexing, "load_taxonomy", fail)
        failed = world.recompute()
    with pytest.raises(NotAllowed):
        runs.retry_run(actor=alice_viewer, run=failed)
    again = world.recompute(runs.retry_run(actor=curator_viewer, run=failed))
    assert again.status == Status.DONE
    with pytest.raises(Conflict):
        runs.retry_run(actor=curator_viewer, run=again)
