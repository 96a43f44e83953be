"""Routes: the first match wins, failover in order, weights by the draw, and an explanation that agrees."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import table as table_module
from routing.errors import Problem, TableError
from routing.health import Health, OperatorState, Status
from routing.table import (
    Candidate,
    Decision,
    Group,
    Outcome,
    Query,
    Rule,
    Table,
    Weighted,
    choose,
    explain,
)

OPERATORS = ("alpha", "beta", "gamma", "delta")
ALL_UP = Health.all_up(OPERATORS)
UK = Query("+447700900123", "Acme", "acme", "otp")


def one_by_one(*operators: str) -> tuple[Group, ...]:
    return tuple((Weighted(operator),) for operator in operators)


def only(rule: Rule) -> Table:
    return Table([rule], OPERATORS)


def test_the_first_rule_that_matches_wins_however_long_its_prefix() -> None:
    rules = [
        Rule("europe", one_by_one("alpha"), to=("+4", "+3")),
        Rule("uk-mobile", one_by_one("beta"), to=("+447",)),
        Rule("rest", one_by_one("gamma")),
    ]
    table = Table(rules, OPERATORS)
    assert choose(table, UK, ALL_UP, 0.0).rule_id == "europe"
    assert choose(table, Query("+33612345678"), ALL_UP, 0.0).first == "alpha"
    assert choose(table, Query("+14155552671"), ALL_UP, 0.0).first == "gamma"
    assert choose(Table(reversed(rules), OPERATORS), UK, ALL_UP, 0.0).rule_id == "rest"


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        (Rule("r", one_by_one("alpha"), to=("+447",)), True),
        (Rule("r", one_by_one("alpha"), to=("+448",)), False),
        (Rule("r", one_by_one("alpha"), to=("+1", "+44")), True),
        (Rule("r", one_by_one("alpha"), from_=("acme",)), True),
        (Rule("r", one_by_one("alpha"), from_=("Acm",)), False),
        (Rule("r", one_by_one("alpha"), from_=("+4477",)), False),
        (Rule("r", one_by_one("alpha"), accounts=("acme",)), True),
        (Rule("r", one_by_one("alpha"), accounts=("Acme",)), False),
        (Rule("r", one_by_one("alpha"), priorities=("otp", "transactional")), True),
        (Rule("r", one_by_one("alpha"), priorities=("marketing",)), False),
        (Rule("r", one_by_one("alpha"), regex=r"^\+447[0-9]{9}$"), True),
        (Rule("r", one_by_one("alpha"), regex=r"900"), True),
        (Rule("r", one_by_one("alpha"), regex=r"^\+447[0-9]{8}$"), False),
        (Rule("r", one_by_one("alpha"), to=("+44",), accounts=("acme",), priorities=("marketing",)), False),
    ],
)
def test_conditions(rule: Rule, matches: bool) -> None:
    decision = choose(only(rule), UK, ALL_UP, 0.0)
    assert decision.rule_id == ("r" if matches else None)
    assert decision.outcome is (Outcome.CHOSEN if matches else Outcome.NO_ROUTE)


def test_a_number_as_sender_is_a_prefix() -> None:
    table = only(Rule("r", one_by_one("alpha"), from_=("+4477", "12345")))
    assert choose(table, UK._replace(from_="+447700900999"), ALL_UP, 0.0).first == "alpha"
    assert choose(table, UK._replace(from_="12345"), ALL_UP, 0.0).first == "alpha"
    assert choose(table, UK._replace(from_="123456"), ALL_UP, 0.0).first is None
    assert choose(table, UK._replace(from_=""), ALL_UP, 0.0).first is None


def test_failover_goes_through_the_groups_in_order() -> None:
    table = only(Rule("r", one_by_one("alpha", "beta", "gamma")))
    health = ALL_UP.changed("alpha", Status.DOWN, "connection refused").changed("beta", Status.PAUSED)
    decision = choose(table, UK, health, 0.0)
    assert decision == Decision(
        "r",
        (
            Candidate("alpha", False, "down: connection refused"),
            Candidate("beta", False, "paused"),
            Candidate("gamma", True, "up"),
        ),
        "gamma",
        Outcome.CHOSEN,
    )
    assert choose(table, UK, ALL_UP, 0.0).first == "alpha"
    assert choose(table, UK, ALL_UP, 0.0, frozenset({"alpha"})).first == "beta"


def test_what_is_down_waits_and_what_was_tried_is_spent() -> None:
    table = only(Rule("r", one_by_one("alpha", "beta")))
    down = Health().changed("alpha", Status.DOWN).changed("beta", Status.PAUSED)
    assert choose(table, UK, down, 0.0).outcome is Outcome.WAIT
    assert choose(table, UK, Health(), 0.0).outcome is Outcome.WAIT
    assert choose(table, UK, down, 0.0, frozenset({"alpha"})).outcome is Outcome.WAIT
    spent = choose(table, UK, ALL_UP, 0.0, frozenset({"alpha", "beta"}))
    assert spent.outcome is Outcome.SPENT
    assert spent.candidates == (
        Candidate("alpha", False, "tried before"),
        Candidate("beta", False, "tried before"),
    )


def test_health_is_seen_at_once_though_decisions_are_kept() -> None:
    table = only(Rule("r", one_by_one("alpha", "beta")))
    health = ALL_UP
    for status, first in (
        (Status.UP, "alpha"),
        (Status.DOWN, "beta"),
        (Status.PAUSED, "beta"),
        (Status.UP, "alpha"),
    ):
        health = health.changed("alpha", status)
        assert choose(table, UK, health, 0.0).first == first


def test_weights_share_the_draws_out_exactly() -> None:
    group = (Weighted("alpha", 5), Weighted("beta", 3), Weighted("gamma", 2))
    table = only(Rule("r", (group,)))
    orders = [
        tuple(
            candidate.operator
            for candidate in choose(table, UK, ALL_UP, (draw + 0.5) / 8400, frozenset()).candidates
        )
        for draw in range(8400)
    ]
    weights = {member.operator: member.weight for member in group}
    for order in set(orders):
        first, second, _ = order
        rest = 10 - weights[first]
        share = Fraction(weights[first], 10) * Fraction(weights[second], rest)
        assert orders.count(order) == 8400 * share
    assert len(set(orders)) == 6


def test_the_share_of_an_operator_that_is_down_goes_to_the_others_by_weight() -> None:
    table = only(Rule("r", ((Weighted("alpha", 5), Weighted("beta", 3), Weighted("gamma", 2)),)))
    health = ALL_UP.changed("alpha", Status.DOWN, "bind lost")
    decisions = [choose(table, UK, health, draw / 1000) for draw in range(1000)]
    assert sum(decision.first == "beta" for decision in decisions) == 600
    assert sum(decision.first == "gamma" for decision in decisions) == 400
    assert {decision.candidates[-1] for decision in decisions} == {
        Candidate("alpha", False, "down: bind lost")
    }


def test_a_later_group_has_a_draw_of_its_own() -> None:
    groups = ((Weighted("alpha"), Weighted("beta")), (Weighted("gamma"), Weighted("delta")))
    table = only(Rule("r", groups))
    orders = [
        tuple(candidate.operator for candidate in choose(table, UK, ALL_UP, draw / 1000).candidates)
        for draw in range(1000)
    ]
    assert {orders.count(order) for order in set(orders)} == {250}
    assert len(set(orders)) == 4


@pytest.mark.parametrize("draw", [0.0, 0.5, 1 - 2**-53])
def test_the_ends_of_the_draw(draw: float) -> None:
    group = tuple(Weighted(operator, 3) for operator in OPERATORS)
    decision = choose(only(Rule("r", (group,))), UK, ALL_UP, draw)
    assert sorted(candidate.operator for candidate in decision.candidates) == sorted(OPERATORS)


def test_an_explanation_names_each_rule_and_each_operator() -> None:
    rules = [
        Rule("us", one_by_one("alpha"), to=("+1",)),
        Rule("bulk", one_by_one("alpha"), priorities=("marketing",)),
        Rule("brand", one_by_one("alpha"), from_=("Other", "+1")),
        Rule("partner", one_by_one("alpha"), accounts=("umbrella",)),
        Rule("odd", one_by_one("alpha"), regex="[13579]0$"),
        Rule("many", one_by_one("alpha"), to=tuple(f"+{code}" for code in range(90, 100))),
        Rule("uk", ((Weighted("alpha", 3), Weighted("beta", 1)), (Weighted("gamma"),)), to=("+4", "+44")),
        Rule("rest", one_by_one("alpha")),
    ]
    health = ALL_UP.changed("alpha", Status.DOWN, "bind refused: invalid password")
    assert explain(Table(rules, OPERATORS), UK, health, 0.3).reasons == (
        "rule 'us' does not match: '+447700900123' begins with none of +1",
        "rule 'bulk' does not match: class 'otp' is not marketing",
        "rule 'brand' does not match: sender 'Acme' is not Other, +1",
        "rule 'partner' does not match: account 'acme' is not umbrella",
        "rule 'odd' does not match: '+447700900123' does not match the regex '[13579]0$'",
        f"rule 'many' does not match: '{UK.to}' begins with none of +90, +91, +92, +93, +94 and 5 more",
        "rule 'uk' matches: the destination begins with +44",
        "operator 'beta' takes it (weight 1 of 4): up",
        "operator 'alpha' is skipped: down: bind refused: invalid password",
        "operator 'gamma' is next: up",
    )


def test_an_explanation_of_no_route_of_waiting_and_of_nothing_left() -> None:
    table = only(Rule("r", one_by_one("alpha"), accounts=("acme",), priorities=("otp",), regex="7"))
    assert explain(Table([], OPERATORS), UK, ALL_UP, 0.0).reasons == ("there are no rules",)
    assert explain(table, UK._replace(account="x"), ALL_UP, 0.0).reasons[-1] == "no rule matches"
    assert explain(table, UK, Health(), 0.0).reasons == (
        "rule 'r' matches: any destination, account is acme, class is otp, the regex '7' matches",
        "operator 'alpha' is skipped: down: it has not reported yet",
        "no operator of the rule is up: the message waits",
    )
    assert explain(table, UK, ALL_UP, 0.0, frozenset({"alpha"})).reasons[-2:] == (
        "operator 'alpha' is skipped: tried before",
        "every operator of the rule was tried: none is left",
    )


prefixes = st.text("0123", max_size=3).map(lambda digits: "+" + digits)
destinations = st.text("0123", min_size=1, max_size=6).map(lambda digits: "+" + digits)
senders = st.sampled_from(["", "Acme", "ACME", "+1", "+12", "+123", "777"])
accounts = st.sampled_from(["a", "b", "c"])
classes = st.sampled_from(["otp", "bulk"])


@st.composite
def groups_of_operators(draw: st.DrawFn) -> tuple[Group, ...]:
    operators = draw(st.permutations(OPERATORS))[: draw(st.integers(1, 4))]
    cuts = sorted(draw(st.sets(st.integers(1, len(operators) - 1)))) if len(operators) > 1 else []
    members = [Weighted(operator, draw(st.integers(1, 5))) for operator in operators]
    return tuple(tuple(members[a:b]) for a, b in zip([0, *cuts], [*cuts, len(members)], strict=True))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    several = st.lists
    rules = [
        Rule(
            f"r{index}",
            draw(groups_of_operators()),
            to=tuple(draw(several(prefixes, min_size=1, max_size=3))),
            from_=tuple(draw(several(senders.filter(bool), max_size=2))),
            accounts=tuple(draw(several(accounts, max_size=1))),
            priorities=tuple(draw(several(classes, max_size=1))),
            regex=draw(st.none() | st.sampled_from(["1$", "^.2", "33"])),
        )
        for index in range(draw(st.integers(0, 8)))
    ]
    return Table(rules, OPERATORS)


queries = st.builds(Query, destinations, senders, accounts, classes)
states = st.builds(OperatorState, st.sampled_from(Status), st.sampled_from(["", "because"]))
healths = st.builds(Health, st.dictionaries(st.sampled_from(OPERATORS), states))
draws = st.floats(0, 1, exclude_max=True)
excluded = st.frozensets(st.sampled_from(OPERATORS), max_size=3)


@given(tables(), st.lists(st.tuples(queries, healths, draws, excluded), max_size=8))
def test_the_explanation_and_the_choice_are_the_same(
    table: Table, asked: list[tuple[Query, Health, float, frozenset[str]]]
) -> None:
    # The same table answers all of them, so what it keeps is in play.
    for query, health, draw, exclude in asked:
        chosen = choose(table, query, health, draw, exclude)
        explained = explain(table, query, health, draw, exclude)
        assert chosen.reasons == ()
        assert explained.reasons
        assert replace(explained, reasons=()) == chosen


@given(tables(), queries, healths, draws, excluded)
def test_a_decision_is_whole(
    table: Table, query: Query, health: Health, draw: float, exclude: frozenset[str]
) -> None:
    decision = choose(table, query, health, draw, exclude)
    rule = table.match(query)
    if rule is None:
        assert decision == Decision(None, (), None, Outcome.NO_ROUTE)
        return
    named = [member.operator for group in rule.operators for member in group]
    assert sorted(candidate.operator for candidate in decision.candidates) == sorted(named)
    usable = [candidate.operator for candidate in decision.candidates if candidate.usable]
    assert decision.first == (usable[0] if usable else None)
    for operator in usable:
        assert health.of(operator).status is Status.UP
        assert operator not in exclude


def test_what_a_table_keeps_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "MAX_KEPT", 10)
    table = only(Rule("r", one_by_one("alpha"), from_=("Acme",)))
    for number in range(100):
        assert choose(table, UK._replace(from_=str(number)), ALL_UP, 0.0).first is None
        assert choose(table, UK, ALL_UP, 0.0).first == "alpha"
        assert len(table._kept) <= 10


def test_all_mistakes_of_a_table_come_at_once() -> None:
    rules = [
        Rule("uk", one_by_one("alhpa")),
        Rule("uk", one_by_one("alpha", "alpha"), to=()),
        Rule("", ((), (Weighted("beta", 0),)), to=("44", "+x", "")),
        Rule("odd", (), from_=("",), accounts=("",), priorities=("",), regex="["),
        Rule("far", one_by_one("zzz")),
    ]
    with pytest.raises(TableError) as caught:
        Table(rules, ["alpha", "beta"])
    assert caught.value.problems == (
        Problem("uk", "operator 'alhpa' does not exist", "did you mean 'alpha'?"),
        Problem("uk", "the id is used twice", "give each rule an id of its own"),
        Problem("uk", "`to` has no prefixes", 'write to = ["+"] to match every destination'),
        Problem("uk", "operator 'alpha' stands twice", "name it once"),
        Problem("", "it has no id", "give each rule an id"),
        Problem("", "`to` prefix '44' is none", "write '+' and digits, as in '+44'"),
        Problem("", "`to` prefix '+x' is none", "write '+' and digits, as in '+44'"),
        Problem("", "`to` prefix '' is none", "write '+' and digits, as in '+44'"),
        Problem("", "a group of operators is empty", "name at least one operator in each group"),
        Problem(
            "",
            "operator 'beta' has the weight 0",
            "weights are whole numbers from 1; for a reserve use a later group",
        ),
        Problem("odd", "`from` has an empty entry", "leave `from` out to match all"),
        Problem("odd", "`account` has an empty entry", "leave `account` out to match all"),
        Problem("odd", "`class` has an empty entry", "leave `class` out to match all"),
        Problem(
            "odd",
            "the regex '[' is wrong: unterminated character set at position 0",
            "use Python's regex syntax",
        ),
        Problem("odd", "a group of operators is empty", "name at least one operator in each group"),
        Problem("far", "operator 'zzz' does not exist", "known are: alpha, beta"),
    )
    assert (
        str(caught.value).splitlines()[0]
        == "route 'uk': operator 'alhpa' does not exist (did you mean 'alpha'?)"
    )
