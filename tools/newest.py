"""Bring .venv to the newest version of everything, the upper bounds of helpers' own dependencies put aside.

Those bounds say what was tried. This tries what comes after: ``make newest && make test``. ``make setup`` after
``rm .venv/.installed`` brings the pins back.
"""

import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from pages import ROOT


def main():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lower = []
    for line in project["dependencies"]:
        wanted = Requirement(line)
        extras = f"[{','.join(sorted(wanted.extras))}]" if wanted.extras else ""
        lower.append(wanted.name + extras + ",".join(str(one) for one in wanted.specifier if one.operator == ">="))
    with TemporaryDirectory() as folder:
        overrides = Path(folder, "overrides.txt")
        overrides.write_text("\n".join(lower) + "\n")
        command = [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable, "--upgrade"]
        command += ["--override", str(overrides), "--editable", ".[notebooks,book,test]"]
        sys.exit(subprocess.run(command, check=False, cwd=ROOT).returncode)


if __name__ == "__main__":
    main()
