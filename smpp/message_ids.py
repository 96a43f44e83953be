"""A carrier's id of a part, which it may write in one way in its answer and in another in the receipt.

Hexadecimal here and decimal there, padded with zeros, in capitals: Kannel has a setting for it (`msg-id-type`), and
Vonage's own documents tell of it. `IdRule` names the known habits; `answered_as` gives the forms in which the answer
may have had the id of a receipt; `Learner` tells from the first pairs which habit a carrier has.
"""

from __future__ import annotations

import enum
from collections import OrderedDict

MAX_DECIMAL_DIGITS = 20  # of 64 bits
MAX_HEX_DIGITS = 16
PADDED_DIGITS = (8, 10, 16)  # 32 bits in hexadecimal; the ten octets of 3.4, appendix B; 64 bits and Vonage


class IdRule(enum.StrEnum):
    """How the id in a receipt differs from that in the answer."""

    ANY = "any"  #: not known: all of these are tried
    AS_IS = "as_is"  #: not at all
    CASE = "case"  #: letters are of another case
    ZEROS = "zeros"  #: one of them has leading zeros
    HEX_THEN_DECIMAL = "hex_then_decimal"  #: hexadecimal in the answer, decimal in the receipt
    DECIMAL_THEN_HEX = "decimal_then_hex"  #: the other way round


def answered_as(ref: str, rule: IdRule = IdRule.ANY) -> tuple[str, ...]:
    """The ids that an answer may have had whose receipt has this one: `ref` itself first, no repeats.

    Only a number of up to 64 bits is written in another base or padded; what has other letters, a UUID or a digest,
    differs in case at most. Padding is tried to the usual widths alone, so two ids agree when either is among the
    forms of the other.
    """
    if rule is IdRule.AS_IS or not ref:
        return (ref,)
    in_case = (ref, ref.lower(), ref.upper())
    digits = ref.lstrip("0")
    is_decimal = ref.isascii() and ref.isdecimal() and len(digits) <= MAX_DECIMAL_DIGITS
    is_hex = len(digits) <= MAX_HEX_DIGITS and _is_hex_number(ref)
    if rule is IdRule.CASE or not digits or not (is_decimal or is_hex):
        return tuple(dict.fromkeys(in_case))
    numbers = [digits] if rule in (IdRule.ANY, IdRule.ZEROS) else []
    if is_decimal and rule in (IdRule.ANY, IdRule.HEX_THEN_DECIMAL):
        numbers.append(f"{int(digits):x}")
    if is_hex and rule in (IdRule.ANY, IdRule.DECIMAL_THEN_HEX):
        numbers.append(str(int(digits, 16)))
    forms = [ref]
    for number in numbers:
        whole_octets = len(number) + len(number) % 2
        for width in (0, whole_octets, *PADDED_DIGITS):
            padded = number.zfill(width)
            forms += padded, padded.lower(), padded.upper()
    return tuple(dict.fromkeys(forms))


def rule_of(answered: str, receipted: str) -> IdRule | None:
    """Which habit explains a pair of ids; None for two that are not the same part's."""
    if answered == receipted:
        return IdRule.AS_IS
    for rule in (IdRule.CASE, IdRule.ZEROS, IdRule.HEX_THEN_DECIMAL, IdRule.DECIMAL_THEN_HEX):
        if answered in answered_as(receipted, rule):
            return rule
    return None


class Learner:
    """Which habit a carrier has, from its first answers and receipts.

    `rule` stays None until `ENOUGH` receipts agree: a single pair may agree by chance, and small numbers look alike in
    both bases.
    """

    ENOUGH = 8
    KEPT = 512
    """Answers that wait for their receipts here; what comes later than that is not learned from."""

    def __init__(self) -> None:
        self.rule: IdRule | None = None
        self._answered: OrderedDict[str, None] = OrderedDict()
        self._seen: dict[IdRule, int] = {}

    def answered(self, ref: str) -> None:
        """A part was taken under this id."""
        self._answered[ref] = None
        if len(self._answered) > self.KEPT:
            self._answered.popitem(last=False)

    def receipted(self, ref: str) -> bool:
        """A receipt came with this id. True when the habit has just become known."""
        rule = self._explain(ref)
        if rule is None or self.rule is not None:
            return False
        self._seen[rule] = self._seen.get(rule, 0) + 1
        if self._seen[rule] < self.ENOUGH:
            return False
        self.rule = rule
        self._answered.clear()
        return True

    def _explain(self, ref: str) -> IdRule | None:
        if ref in self._answered:
            return IdRule.AS_IS
        for form in answered_as(ref):
            if form in self._answered:
                return rule_of(form, ref)
        return None


def _is_hex_number(ref: str) -> bool:
    return bool(ref) and all(digit in "0123456789abcdefABCDEF" for digit in ref)
