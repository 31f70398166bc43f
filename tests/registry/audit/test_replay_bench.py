"""The bench of the replay runs, and its log is one that an audit has nothing to say of."""

from bench.replay import BATCH, build, replay


def test_the_log_of_the_bench_is_replayed_without_a_finding() -> None:
    log = build(2 * BATCH + 1)
    assert len(log.checkpoints) == 3
    assert replay(log).findings == []


def test_an_altered_log_of_the_bench_is_found() -> None:
    log = build(BATCH)
    log.data = log.data[:-1] + bytes([log.data[-1] ^ 1])
    assert [finding.code for finding in replay(log).findings] == ["ROOT_MISMATCH"]
