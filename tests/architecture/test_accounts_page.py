"""docs/accounts.md lists every setting of an account with its default."""

import re

from gateway.domain.account import Policy
from gateway.services.policies import PARSERS, as_text
from tests.architecture.sources import ROOT

PAGE = ROOT / "docs/accounts.md"
ROW = re.compile(r"^\| `(\w+)` \| (?:`([^`]+)`)? ?\| (.+) \| .*\|$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+)(?:#([\w-]+))?\)")


def test_every_setting_stands_there_with_its_default() -> None:
    told = [(name, default) for name, default, _ in ROW.findall(PAGE.read_text())]
    assert told == [(name, as_text(getattr(Policy(), name))) for name in PARSERS]


def test_links_lead_to_what_is_there() -> None:
    links = LINK.findall(PAGE.read_text())
    assert len(links) > 20
    for file, place in links:
        target = (PAGE.parent / file).read_text()
        heads = re.findall(r"^#+ (.+)$", target, re.MULTILINE)
        assert not place or place in {
            re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads
        }
