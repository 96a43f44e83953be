"""Two gateways compared: round by round, the middle one counts."""

from dataclasses import replace

from gateway.bench.comparison import Spread, as_json, figures, ratios, spreads
from gateway.bench.measurement import Round
from gateway.bench.table import table
from tests.unit.gateway.bench.test_measurement import GOOD

OTHER = replace(GOOD, name="kannel", cpu_s=4.0, total_s=5.0, rss_octets=50 * 2**20)


def round_of(ours_cpu_s: float, theirs_cpu_s: float) -> Round:
    return replace(GOOD, cpu_s=ours_cpu_s), replace(OTHER, cpu_s=theirs_cpu_s)


THREE = [round_of(2.0, 4.0), round_of(6.0, 8.0), round_of(1.0, 4.0)]


def test_ratios_are_ours_by_theirs() -> None:
    assert ratios(GOOD, OTHER) == {
        "acceptPerS": 1.0,
        "endToEndPerS": 2.0,
        "cpuMsPer1000": 0.5,
        "answerP50Ms": 1.0,
        "answerP99Ms": 1.0,
        "rssMiB": 2.0,
    }
    assert "endToEndPerS" not in ratios(GOOD, replace(OTHER, total_s=0.0))


def test_each_round_has_its_own_ratio() -> None:
    assert spreads(THREE)["cpuMsPer1000"] == Spread(0.5, 0.25, 0.75)
    assert spreads([(GOOD,)]) == {}
    assert "endToEndPerS" not in spreads([(GOOD, replace(OTHER, total_s=0.0))])


def test_figures_are_the_medians_of_the_rounds() -> None:
    found = figures(THREE)
    assert list(found) == ["trunkline", "kannel"]
    assert (found["trunkline"]["cpuMsPer1000"], found["kannel"]["cpuMsPer1000"]) == (200.0, 400.0)
    assert found["trunkline"]["accepted"] == 33_000


def test_json_has_the_medians_and_every_round() -> None:
    found = as_json(THREE)
    assert found["measurements"] == figures(THREE)
    assert found["ratios"]["cpuMsPer1000"] == {"median": 0.5, "lowest": 0.25, "highest": 0.75}
    assert [one["trunkline"]["cpuMsPer1000"] for one in found["rounds"]] == [200.0, 600.0, 100.0]


def test_the_table_has_a_row_each_and_their_ratios() -> None:
    head, ours, theirs, both = table([(GOOD, OTHER)]).splitlines()
    titles = "messages accept/s end to end/s CPU ms/1,000 answer p50 ms p99 ms RSS MiB"
    assert head.split() == titles.split()
    assert ours.split() == ["trunkline", "11,000", "5,000", "4,000", "200", "10.0", "10.0", "100"]
    assert theirs.split()[0] == "kannel"
    assert both.split() == ["trunkline", "/", "kannel", "-", "1.00", "2.00", "0.50", "1.00", "1.00", "2.00"]
    assert len(table([(GOOD,)]).splitlines()) == 2


def test_the_table_of_several_rounds_tells_how_far_they_were_apart() -> None:
    *_, both, lowest, highest = table(THREE).splitlines()
    assert both.split()[6] == "0.50"
    assert lowest.split()[:3] == ["lowest", "of", "3"]
    assert (lowest.split()[6], highest.split()[6]) == ("0.25", "0.75")
