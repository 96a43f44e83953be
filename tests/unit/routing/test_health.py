"""Snapshots of what operators can do."""

from routing.health import Health, OperatorState, Status


def test_an_operator_that_has_not_reported_is_down() -> None:
    assert Health().of("alpha") == OperatorState(Status.DOWN, "it has not reported yet")


def test_a_change_makes_a_new_snapshot() -> None:
    before = Health.all_up(["alpha", "beta"])
    after = before.changed("alpha", Status.DOWN, "connection refused")
    assert before.of("alpha").status is Status.UP
    assert after.of("alpha") == OperatorState(Status.DOWN, "connection refused")
    assert after.of("beta").status is Status.UP


def test_a_state_says_why() -> None:
    assert OperatorState(Status.UP).why == "up"
    assert OperatorState(Status.PAUSED, "maintenance until noon").why == "paused: maintenance until noon"
