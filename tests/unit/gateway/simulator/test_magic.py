"""The table of magic destinations says what the rules do."""

import re

from gateway.simulator import magic
from smpp.constants import status_name

ROWS = re.findall(r"^\| (\d{7}) \| (.+) \|$", magic.__doc__ or "", re.MULTILINE)


def test_the_table_and_the_rules_name_the_same_numbers() -> None:
    assert [number for number, _ in ROWS] == [rule.to for rule in magic.MAGIC]


def test_each_row_says_what_its_rule_does() -> None:
    for (_, says), rule in zip(ROWS, magic.MAGIC, strict=True):
        if rule.status:
            assert status_name(rule.status) in says
        if rule.status == 0 and rule.state != "DELIVRD":
            assert f"receipt {rule.state}" in says
        if rule.err != "000":
            assert f"err {rule.err}" in says
        if rule.reply:
            assert f"replies {rule.reply}" in says
        assert rule.receipt or "no receipt" in says
        assert rule.answer or "not answered" in says
        assert not rule.drop or "dropped" in says
