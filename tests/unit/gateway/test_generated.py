"""Generated files: what is committed is what the code says, and the check notices when it is not."""

import re
import tomllib
from pathlib import Path

import pytest

from gateway import generated
from gateway.config import parse
from gateway.domain.message import TRANSITIONS


def test_what_is_committed_is_up_to_date() -> None:
    assert list(generated.stale(generated.ROOT)) == []


def test_files_are_written_where_they_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generated, "ROOT", tmp_path)
    begin, end = generated.STATUSES
    (tmp_path / "README.md").write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    assert generated.main(["--check"]) == 1
    assert capsys.readouterr().err.count("run `python -m gateway.generated`") == len(generated.FILES)
    assert generated.main([]) == 0
    assert generated.main(["--check"]) == 0
    text = (tmp_path / "README.md").read_text()
    assert text.startswith(f"before\n{begin}\n```mermaid\n")
    assert text.endswith(f"```\n{end}\nafter\n")
    for name in generated.FILES:
        assert (tmp_path / name).read_text() == (generated.FILES[name])((tmp_path / name).read_text())


def test_a_readme_without_its_marks_says_so() -> None:
    with pytest.raises(ValueError, match="lacks <!-- generated: statuses -->"):
        generated.readme("# nothing\n")


def test_the_diagram_has_every_move_and_no_other() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", generated.status_diagram(), re.MULTILINE))
    assert drawn == {(a.value, b.value) for a, nexts in TRANSITIONS.items() for b in nexts}


def test_the_configuration_in_the_readme_works() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", (generated.ROOT / "README.md").read_text(), re.DOTALL)
    tomllib.loads(block)
    config = parse(block, Path("/etc/trunkline"), environment={"ALPHA_PASSWORD": "x"})
    assert [operator.id for operator in config.operators] == ["alpha"]
