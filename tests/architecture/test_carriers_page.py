"""docs/carriers.md: each complaint of tests/complaints is listed, each profile told."""

import re

from gateway.operators.smpp_profile import ready
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "carriers.md").read_text()


def test_each_complaint_that_is_tried_is_listed() -> None:
    tried = {
        name
        for path in (ROOT / "tests" / "complaints").glob("test_*.py")
        for name in re.findall(r"def (test_\d\d_\w+)", path.read_text())
    }
    assert len(tried) > 25
    assert {name for name in tried if f"`{name}`" not in PAGE} == set()


def test_each_profile_is_told() -> None:
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE, re.MULTILINE)) == set(ready())
