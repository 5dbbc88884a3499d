"""Engine → rows: by difference, in one transaction, with what people answered kept."""

import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Max

from matching import engine
from matching.models import Match, MatchDecision, MatchExclusion, MatchRun
from matching.results import Answered, Written, draft_lists, encode_match, publish_lists, retire_lists
from matching.results.encoding import JSON_COLUMNS
from tests.cast import make_organization
from tests.matching import world


def entry(organization, score: str, rank: int = 1) -> engine.Match:
    points = Decimal(score)
    text = engine.Contribution("text", points, Decimal(40), (), engine.Detail("text.same_language", {"documents": 1}))
    return engine.Match(str(organization.pk), rank, points, (text,), (), ())


def answer(need, *entries: engine.Match, exclusions=()) -> engine.MatchList:
    return engine.MatchList(str(need.pk), entries, tuple(exclusions), considered=len(entries))


def publish_list(*, run, answer, pinned=()) -> Written:
    return publish_lists(run=run, drafts=draft_lists([Answered(answer, tuple(pinned))]))


@pytest.fixture
def bodies(db):
    return [make_organization(f"Body {number}") for number in range(4)]


@pytest.fixture
def a_run(db) -> MatchRun:
    return MatchRun.objects.create(scope="full", status="done")


def test_an_unchanged_list_writes_nothing(need, bodies, a_run, django_assert_num_queries):
    found = answer(need, entry(bodies[0], "30"), entry(bodies[1], "20.5"))
    assert publish_list(run=a_run, answer=found).created == 2
    before = Match.objects.aggregate(Max("updated_at"))
    assert publish_list(run=MatchRun.objects.create(scope="full", status="done"), answer=found).total == 0
    assert Match.objects.aggregate(Max("updated_at")) == before
    assert set(Match.objects.values_list("run", flat=True)) == {a_run.pk}


def test_changes_are_written_and_dated(need, bodies, a_run):
    publish_list(run=a_run, answer=answer(need, entry(bodies[0], "30"), entry(bodies[1], "20")))
    before = Match.objects.get(organization=bodies[1])
    written = publish_list(run=a_run, answer=answer(need, entry(bodies[1], "35"), entry(bodies[0], "30")))
    assert (written.created, written.updated, written.removed) == (0, 2, 0)
    after = Match.objects.get(organization=bodies[1])
    assert (after.pk, after.rank, after.score) == (before.pk, 1, 35.0)
    assert after.updated_at > before.updated_at


def test_who_leaves_unanswered_goes_and_who_was_answered_stays_without_rank(need, bodies, a_run):
    publish_list(run=a_run, answer=answer(need, *(entry(body, "30") for body in bodies)))
    Match.objects.filter(organization=bodies[0]).update(need_answer=Match.Answer.INTERESTED)
    Match.objects.filter(organization=bodies[1]).update(organization_answer=Match.Answer.DECLINED)
    Match.objects.filter(organization=bodies[2]).update(need_answer=Match.Answer.SEEN)
    written = publish_list(run=a_run, answer=answer(need, entry(bodies[3], "30")))
    assert written.removed == 1
    kept = dict(Match.objects.values_list("organization_id", "rank"))
    assert kept == {bodies[0].pk: None, bodies[1].pk: None, bodies[3].pk: 1}
    assert publish_list(run=a_run, answer=answer(need, entry(bodies[3], "30"))).total == 0
    publish_list(run=a_run, answer=answer(need, entry(bodies[0], "12")))
    assert Match.objects.get(organization=bodies[0]).need_answer == Match.Answer.INTERESTED


def test_pins_lead_demotions_trail_and_both_are_flagged(need, bodies, a_run):
    MatchDecision.objects.create(need=need, organization=bodies[0], kind="demote", reason="x")
    MatchDecision.objects.create(need=need, organization=bodies[2], kind="pin", reason="x")
    found = answer(need, entry(bodies[0], "30"), entry(bodies[1], "20"))
    publish_list(run=a_run, answer=found, pinned=[entry(bodies[2], "1")])
    rows = Match.objects.order_by("rank").values_list("organization_id", "flags")
    assert list(rows) == [(bodies[2].pk, ["pinned"]), (bodies[1].pk, []), (bodies[0].pk, ["demoted"])]


def test_an_organization_deleted_since_the_index_was_built_is_left_out(need, bodies, a_run):
    gone = replace(entry(bodies[0], "30"), organization="999999")
    dropped = engine.Exclusion("999998", "hard_rule", (engine.Reason("suspended"),))
    publish_list(run=a_run, answer=answer(need, gone, entry(bodies[1], "20"), exclusions=[dropped]))
    assert world.listed(need) == ["Body 1"]
    assert not MatchExclusion.objects.exists()


def test_exclusions_follow(need, bodies, a_run):
    def dropped(body, code):
        return engine.Exclusion(str(body.pk), "hard_rule", (engine.Reason(code, {"documents": 2}),))

    publish_list(run=a_run, answer=answer(need, exclusions=[dropped(bodies[0], "affiliate"), dropped(bodies[1], "x")]))
    same = MatchExclusion.objects.get(organization=bodies[0]).pk
    publish_list(run=a_run, answer=answer(need, exclusions=[dropped(bodies[0], "affiliate"), dropped(bodies[1], "y")]))
    kept, changed = MatchExclusion.objects.order_by("organization_id")
    assert kept.pk == same
    assert changed.reasons == [{"code": "y", "args": {"documents": 2}}]
    publish_list(run=a_run, answer=answer(need))
    assert not MatchExclusion.objects.exists()


def test_points_are_exact_to_the_last_decimal(run, match):
    assert sum(Decimal(str(item["points"])) for item in match.contributions) == Decimal(str(match.score))


def test_retired_lists_keep_answers(need, bodies, a_run):
    publish_list(run=a_run, answer=answer(need, entry(bodies[0], "30"), entry(bodies[1], "20")))
    Match.objects.filter(organization=bodies[1]).update(need_answer=Match.Answer.INTERESTED)
    assert retire_lists(need_ids=[need.pk]) == 2
    assert list(Match.objects.values_list("organization_id", "rank")) == [(bodies[1].pk, None)]
    assert retire_lists(need_ids=[need.pk]) == 0


def test_a_publication_that_fails_leaves_the_former_list(need, bodies, a_run, monkeypatch):
    publish_list(run=a_run, answer=answer(need, entry(bodies[0], "30")))

    def fail(*_args):
        raise RuntimeError

    monkeypatch.setattr("matching.results.publishing._publish_exclusions", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        publish_list(run=a_run, answer=answer(need, entry(bodies[1], "30")))
    assert world.listed(need) == ["Body 0"]


@pytest.mark.django_db(transaction=True)
def test_readers_see_the_former_list_or_the_new_one_and_never_a_part(need, bodies, a_run):
    names = {frozenset({"Body 0", "Body 1"}), frozenset({"Body 2", "Body 3"})}
    lists = [answer(need, *(entry(body, "30") for body in pair)) for pair in (bodies[:2], bodies[2:])]
    publish_list(run=a_run, answer=lists[0])
    seen: list[frozenset[str]] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                seen.append(frozenset(world.listed(need)))
        finally:
            connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    for round_number in range(30):
        publish_list(run=a_run, answer=lists[(round_number + 1) % 2])
    stop.set()
    reader.join()
    assert len(seen) > 5
    assert set(seen) <= names


def test_many_lists_take_no_more_queries_than_one(
    need, bodies, a_run, alice_viewer, alice_lab, django_assert_max_num_queries
):
    needs = [need, *(world.publish_need(alice_viewer, alice_lab) for _ in range(5))]

    def drafted(score: str):
        return draft_lists([Answered(answer(asked, *(entry(body, score) for body in bodies))) for asked in needs])

    for score, created, updated in (("30", 24, 0), ("31", 0, 24)):
        drafts = drafted(score)
        with django_assert_max_num_queries(12):
            written = publish_lists(run=a_run, drafts=drafts)
        assert (written.created, written.updated, written.removed) == (created, updated, 0)
    with django_assert_max_num_queries(4):  # a savepoint, two reads, and its end
        assert publish_lists(run=a_run, drafts=drafts).total == 0


def test_a_row_that_vanished_is_written_again(need, bodies, a_run):
    found = answer(need, entry(bodies[0], "30"), entry(bodies[1], "20"))
    publish_list(run=a_run, answer=found)
    Match.objects.filter(organization=bodies[1]).delete()
    assert publish_list(run=a_run, answer=found).created == 1
    assert world.listed(need) == ["Body 0", "Body 1"]


def test_what_is_written_is_read_back_as_it_was_given(need, bodies, a_run):
    telling = 'back\\slash, tab\t, line\nend, "quoted", 硫化物, \\N'
    text = engine.Contribution(
        "text", Decimal("12.3456"), Decimal(40), ("capability:1",), engine.Detail("text.x", {"told": telling})
    )
    supporting = (engine.Supporting("capability:1", 0.25, (telling,)),)
    match = engine.Match(str(bodies[0].pk), 1, Decimal("12.3456"), (text,), ("trl",), supporting, ("degraded",))
    for score in ("12.3456", "12.5"):  # first stored, then changed
        publish_list(run=a_run, answer=answer(need, replace(match, score=Decimal(score))))
        row = Match.objects.get()
        assert (row.need, row.organization, row.run, row.rank) == (need, bodies[0], a_run, 1)
        assert {"score": row.score, **{name: getattr(row, name) for name in JSON_COLUMNS}} == encode_match(
            replace(match, score=Decimal(score))
        )
        assert (row.need_answer, row.organization_answer, row.need_decline_reason) == ("new", "new", "")
        assert row.created_at <= row.updated_at
