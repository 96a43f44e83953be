"""Routes: the first match wins, failover in order, weights by the draw, and an explanation that agrees."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import table as table_module
from routing.errors import Problem, TableError
from routing.health import Ailing, Health, OperatorState, Status
from routing.hours import parse_hours
from routing.price import Entry, price_list
from routing.rules import By
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
    assert choose(table, UK, ALL_UP).rule_id == "europe"
    assert choose(table, Query("+33612345678"), ALL_UP).first == "alpha"
    assert choose(table, Query("+14155552671"), ALL_UP).first == "gamma"
    assert choose(Table(reversed(rules), OPERATORS), UK, ALL_UP).rule_id == "rest"


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
    decision = choose(only(rule), UK, ALL_UP)
    assert decision.rule_id == ("r" if matches else None)
    assert decision.outcome is (Outcome.CHOSEN if matches else Outcome.NO_ROUTE)


def test_a_number_as_sender_is_a_prefix() -> None:
    table = only(Rule("r", one_by_one("alpha"), from_=("+4477", "12345")))
    assert choose(table, replace(UK, from_="+447700900999"), ALL_UP).first == "alpha"
    assert choose(table, replace(UK, from_="12345"), ALL_UP).first == "alpha"
    assert choose(table, replace(UK, from_="123456"), ALL_UP).first is None
    assert choose(table, replace(UK, from_=""), ALL_UP).first is None


def test_failover_goes_through_the_groups_in_order() -> None:
    table = only(Rule("r", one_by_one("alpha", "beta", "gamma")))
    health = ALL_UP.changed("alpha", Status.DOWN, "connection refused").changed("beta", Status.PAUSED)
    decision = choose(table, UK, health)
    assert decision == Decision(
        "r",
        (
            Candidate("alpha", False, "down: connection refused"),
            Candidate("beta", False, "paused", 2),
            Candidate("gamma", True, "up", 3),
        ),
        "gamma",
        Outcome.CHOSEN,
    )
    assert choose(table, UK, ALL_UP).first == "alpha"
    assert choose(table, UK, ALL_UP, frozenset({"alpha"})).first == "beta"


def test_what_is_down_waits_and_what_was_tried_is_spent() -> None:
    table = only(Rule("r", one_by_one("alpha", "beta")))
    down = Health().changed("alpha", Status.DOWN).changed("beta", Status.PAUSED)
    assert choose(table, UK, down).outcome is Outcome.WAIT
    assert choose(table, UK, Health()).outcome is Outcome.WAIT
    assert choose(table, UK, down, frozenset({"alpha"})).outcome is Outcome.WAIT
    spent = choose(table, UK, ALL_UP, frozenset({"alpha", "beta"}))
    assert spent.outcome is Outcome.SPENT
    assert spent.candidates == (
        Candidate("alpha", False, "tried before"),
        Candidate("beta", False, "tried before", 2),
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
        assert choose(table, UK, health).first == first


def shares(decisions: list[Decision]) -> dict[str | None, float]:
    """How often each operator is the first one."""
    count = Counter(decision.first for decision in decisions)
    return {operator: times / len(decisions) for operator, times in count.items()}


def many(table: Table, health: Health = ALL_UP, count: int = 4000) -> list[Decision]:
    """Decisions for many messages to one person, by ids that are the same in each run."""
    return [choose(table, replace(UK, key=number.to_bytes(16, "big")), health) for number in range(count)]


WEIGHTED = Rule("r", ((Weighted("alpha", 5), Weighted("beta", 3), Weighted("gamma", 2)),))


def test_weights_share_the_messages_out() -> None:
    # 4,000 fixed ids: 0.03 is some four standard deviations, and the result is the same in each run.
    assert shares(many(only(WEIGHTED))) == pytest.approx({"alpha": 0.5, "beta": 0.3, "gamma": 0.2}, abs=0.03)


def test_the_same_message_makes_the_same_choice() -> None:
    table = only(WEIGHTED)
    assert many(table, count=100) == many(only(WEIGHTED), count=100)


def test_the_share_of_an_operator_that_is_down_goes_to_the_others_by_weight() -> None:
    table = only(WEIGHTED)
    health = ALL_UP.changed("alpha", Status.DOWN, "bind lost")
    decisions = many(table, health)
    assert shares(decisions) == pytest.approx({"beta": 0.6, "gamma": 0.4}, abs=0.03)
    assert {decision.candidates[-1] for decision in decisions} == {
        Candidate("alpha", False, "down: bind lost", share="5/10")
    }


def test_a_later_group_is_shared_out_by_itself() -> None:
    groups = ((Weighted("alpha"), Weighted("beta")), (Weighted("gamma"), Weighted("delta")))
    orders = Counter(
        tuple(candidate.operator for candidate in decision.candidates)
        for decision in many(only(Rule("r", groups)))
    )
    assert len(orders) == 4
    assert all(times / 4000 == pytest.approx(0.25, abs=0.03) for times in orders.values())


def test_a_change_of_weights_moves_only_what_it_must() -> None:
    before = many(only(WEIGHTED))
    more = Rule("r", ((Weighted("alpha", 5), Weighted("beta", 3), Weighted("gamma", 4)),))
    moved = [
        (old.first, new.first)
        for old, new in zip(before, many(only(more)), strict=True)
        if old.first != new.first
    ]
    assert {new for _, new in moved} == {"gamma"}, "nobody else gains, and gamma loses nothing"
    assert len(moved) / 4000 == pytest.approx(4 / 12 - 2 / 10, abs=0.03)


def test_sticky_a_recipient_keeps_its_operator() -> None:
    table = only(replace(WEIGHTED, sticky=True))
    firsts = {}
    for person in range(500):
        query = Query(f"+4477009{person:05}")
        found = {
            choose(table, replace(query, key=number.to_bytes(16, "big")), ALL_UP).first for number in range(5)
        }
        assert len(found) == 1
        firsts[query.to] = found.pop()
    assert Counter(firsts.values())["alpha"] == pytest.approx(250, abs=50)
    down = ALL_UP.changed("beta", Status.DOWN)
    for to, first in firsts.items():
        now = choose(table, Query(to), down).first
        assert now == first if first != "beta" else now in ("alpha", "gamma"), "only beta's people move"


PRICES = {
    "alpha": price_list([("+44", Entry(0, Decimal("0.04"), "EUR"))]),
    "beta": price_list(
        [
            ("+44", Entry(0, Decimal("0.05"), "EUR")),
            ("+447", Entry(0, Decimal("0.03"), "EUR")),
        ]
    ),
    "gamma": price_list([("+1", Entry(0, Decimal("0.01"), "EUR"))]),
}
CHEAPEST = Rule("r", (tuple(map(Weighted, ("gamma", "alpha", "beta"))),), by=By.COST)


def test_by_cost_the_cheapest_for_the_destination_goes_first() -> None:
    table = Table([CHEAPEST], OPERATORS, PRICES)
    decision = choose(table, UK, ALL_UP)
    told = [(each.operator, each.price and each.price.prefix) for each in decision.candidates]
    assert told == [("beta", "+447"), ("alpha", "+44"), ("gamma", None)], "who has no price comes last"
    assert choose(table, Query("+442079460000"), ALL_UP).first == "alpha"
    assert choose(table, Query("+12025550123"), ALL_UP).first == "gamma"


def test_equal_prices_keep_the_order_in_which_they_are_named() -> None:
    same = dict.fromkeys(OPERATORS, PRICES["alpha"])
    assert choose(Table([CHEAPEST], OPERATORS, same), UK, ALL_UP).first == "gamma"


def test_health_goes_before_price() -> None:
    table = Table([CHEAPEST], OPERATORS, PRICES)
    ailing = ALL_UP.with_ailing({("beta", "44"): Ailing("80% of its answers were bad")})
    decision = choose(table, UK, ailing)
    assert [each.operator for each in decision.candidates] == ["alpha", "gamma", "beta"]
    assert choose(table, UK, ALL_UP.changed("beta", Status.DOWN)).first == "alpha"


class TestAiling:
    """Who does badly for a destination comes last, and is never left out."""

    OUT = ALL_UP.with_ailing({("alpha", "44"): Ailing("9 of 10 were bad")})

    def test_it_comes_after_the_later_groups_too(self) -> None:
        decision = choose(only(Rule("r", one_by_one("alpha", "beta", "gamma"))), UK, self.OUT)
        assert [each.operator for each in decision.candidates] == ["beta", "gamma", "alpha"]
        assert decision.candidates[-1] == Candidate("alpha", True, "up, but 9 of 10 were bad", 1)

    def test_other_destinations_do_not_mind(self) -> None:
        table = only(Rule("r", one_by_one("alpha", "beta")))
        assert choose(table, Query("+33612345678"), self.OUT).first == "alpha"

    def test_the_last_one_takes_it_all_the_same(self) -> None:
        table = only(Rule("r", one_by_one("alpha", "beta")))
        assert choose(table, UK, self.OUT.changed("beta", Status.DOWN)).first == "alpha"
        assert choose(table, UK, self.OUT, frozenset({"beta"})).first == "alpha"
        everybody = ALL_UP.with_ailing({(each, "44"): Ailing("bad") for each in OPERATORS})
        assert choose(table, UK, everybody).first == "alpha"

    def test_on_trial_it_stands_in_its_usual_place(self) -> None:
        trial = ALL_UP.with_ailing({("alpha", "44"): Ailing("on trial", trial=True)})
        assert choose(only(Rule("r", one_by_one("alpha", "beta"))), UK, trial).first == "alpha"

    def test_decisions_that_were_kept_do_not_outlive_it(self) -> None:
        table = only(Rule("r", one_by_one("alpha", "beta")))
        assert settled(table, UK) == choose(table, UK, ALL_UP)
        assert settled(table, UK, self.OUT) is None
        assert choose(table, UK, self.OUT).first == "beta"
        assert settled(table, UK) == choose(table, UK, ALL_UP)


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
    assert explain(Table(rules, OPERATORS), UK, health).reasons == (
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
    assert explain(Table([], OPERATORS), UK, ALL_UP).reasons == ("there are no rules",)
    assert explain(table, replace(UK, account="x"), ALL_UP).reasons[-1] == "no rule matches"
    assert explain(table, UK, Health()).reasons == (
        "rule 'r' matches: any destination, account is acme, class is otp, the regex '7' matches",
        "operator 'alpha' is skipped: down: it has not reported yet",
        "no operator of the rule is up: the message waits",
    )
    assert explain(table, UK, ALL_UP, frozenset({"alpha"})).reasons[-2:] == (
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
            text=draw(st.none() | st.just("code")),
            scripts=tuple(draw(several(st.just("Cyrillic"), max_size=1))),
            hours=draw(st.none() | st.just(parse_hours(["mon-wed 20:00-08:00"], UTC, "UTC"))),
            metadata={"tag": ("b",)} if draw(st.booleans()) else {},
            by=draw(st.sampled_from(By)),
            sticky=draw(st.booleans()),
        )
        for index in range(draw(st.integers(0, 8)))
    ]
    return Table(rules, OPERATORS, PRICES)


times = st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 8), timezones=st.just(UTC))  # noqa: DTZ001
queries = st.builds(
    Query,
    destinations,
    senders,
    accounts,
    classes,
    st.sampled_from(["", "code 1", "\u043a\u043e\u0434"]),
    st.sampled_from([None, '{"tag": "a"}', '{"tag": ["a", "b"]}', "[]"]),
    times,
    st.binary(max_size=16),
)
states = st.builds(OperatorState, st.sampled_from(Status), st.sampled_from(["", "because"]))
AILING = st.builds(Ailing, st.just("bad"), st.booleans())
ailments = st.dictionaries(st.tuples(st.sampled_from(OPERATORS), st.sampled_from(["1", "20", "30"])), AILING)
healths = st.builds(Health, st.dictionaries(st.sampled_from(OPERATORS), states), ailments)
excluded = st.frozensets(st.sampled_from(OPERATORS), max_size=3)


@given(tables(), st.lists(st.tuples(queries, healths, excluded), max_size=8))
def test_the_explanation_and_the_choice_are_the_same(
    table: Table, asked: list[tuple[Query, Health, frozenset[str]]]
) -> None:
    # The same table answers all of them, so what it keeps is in play.
    for query, health, exclude in asked:
        chosen = choose(table, query, health, exclude)
        explained = explain(table, query, health, exclude)
        settled = table.settled(query.to, query.from_, query.account, query.priority, health)
        assert exclude or settled in (None, chosen)
        assert chosen.reasons == ()
        assert explained.reasons
        assert explained._replace(reasons=(), rules=()) == chosen


@given(tables(), queries, healths, excluded)
def test_a_decision_is_whole(table: Table, query: Query, health: Health, exclude: frozenset[str]) -> None:
    decision = choose(table, query, health, exclude)
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


def settled(table: Table, query: Query, health: Health = ALL_UP) -> Decision | None:
    return table.settled(query.to, query.from_, query.account, query.priority, health)


class TestSettled:
    def test_where_no_rule_asks_for_more(self) -> None:
        table = Table(
            [
                Rule(
                    "uk",
                    one_by_one("alpha"),
                    ("+44",),
                    from_=("Acme",),
                    accounts=("acme",),
                    priorities=("otp",),
                ),
                Rule("rest", one_by_one("beta", "gamma")),
            ],
            OPERATORS,
        )
        acme = replace(UK, from_="Acme", account="acme", priority="otp")
        decision = settled(table, acme)
        assert decision == choose(table, acme, ALL_UP)
        assert settled(table, replace(acme, to="+447700900999")) is decision
        for query in (
            replace(acme, to="+12025550123"),
            replace(acme, from_="Other"),
            replace(acme, account="other"),
            replace(acme, priority="marketing"),
        ):
            assert settled(table, query) == choose(table, query, ALL_UP)
            assert settled(table, query) != decision
        down = ALL_UP.changed("alpha", Status.DOWN)
        assert settled(table, acme, down) == choose(table, acme, down)

    def test_also_that_no_rule_matches(self) -> None:
        table = only(Rule("r", one_by_one("alpha"), ("+1",)))
        assert settled(table, UK) == choose(table, UK, ALL_UP)

    def test_not_where_the_message_decides(self) -> None:
        shared = Rule("r", ((Weighted("alpha"), Weighted("beta")),))
        for rule in (
            shared,
            Rule("r", one_by_one("alpha", "beta"), by=By.COST),
            Rule("r", one_by_one("alpha"), text="hi"),
        ):
            assert settled(only(rule), UK) is None


def test_what_a_table_keeps_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "MAX_KEPT", 10)
    table = only(Rule("r", one_by_one("alpha"), from_=("Acme",)))
    for number in range(100):
        query = replace(UK, from_=str(number))
        assert choose(table, query, ALL_UP).first is None
        assert settled(table, query) == choose(table, query, ALL_UP)
        assert len(table._settled[1]) <= 10
        assert choose(table, UK, ALL_UP).first == "alpha"
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
            "`regex` '[' is wrong: missing ]: [",
            "the syntax is RE2's: no look-ahead, look-behind or back-references (github.com/google/re2/wiki/Syntax)",
        ),
        Problem("odd", "a group of operators is empty", "name at least one operator in each group"),
        Problem("far", "operator 'zzz' does not exist", "known are: alpha, beta"),
    )
    assert (
        str(caught.value).splitlines()[0]
        == "route 'uk': operator 'alhpa' does not exist (did you mean 'alpha'?)"
    )
