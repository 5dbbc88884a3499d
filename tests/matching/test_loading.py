def test_smoke(run, match):
    assert run.status == "done", run.error
    print(match.score, match.contributions, match.supporting, match.unknowns, match.flags)
    assert match.rank == 1
