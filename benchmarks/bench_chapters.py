"""Wall time of each chapter beside the worked example of the 2023 post, brought up to date.

The same steps as the post's, on today's libraries, in one fresh process; then each chapter, also in a
process of its own, one after the other. Prints each time, their sum and the ratio.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pages import NOTEBOOKS, ROOT

EXAMPLE = Path(__file__).with_name("worked_example_2023.py")


def seconds(command, **options):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    return time.perf_counter() - start


def chapter_seconds(notebook, folder):
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", str(notebook)]
    return seconds([*command, "--output-dir", folder], cwd=notebook.parent)


def main():
    example = seconds([sys.executable, str(EXAMPLE)])
    print(f"{'the 2023 worked example':40} {example:6.1f} s", flush=True)
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        for notebook in (ROOT / f"{page}.ipynb" for page in NOTEBOOKS):
            duration = chapter_seconds(notebook, folder)
            total += duration
            print(f"{notebook.parent.name + '/' + notebook.stem:40} {duration:6.1f} s", flush=True)
    print(f"{'all chapters':40} {total:6.1f} s, {total / example:.1f} times the worked example")


if __name__ == "__main__":
    main()
