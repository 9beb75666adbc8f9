"""Run the chapters under other seeds and name each asserted claim that fails.

    python tools/claims.py --seeds 1 2 3
    python tools/claims.py --seeds 7 --chapters book/workflow/01-what-if.ipynb

Each `assert` of a chapter is a claim. Where one fails, the chapter goes on, so that every claim gets its
turn under every seed. A warning fails too: the site is built from pages without any, and another processor
rounds differently, which is one more seed. So is each answer to an exercise which the student's sheet of the page
as it was last built would not take for right.
"""

import argparse
import ast
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

import nbformat
from editions.cells import answer_in
from nbclient import NotebookClient
from pages import NOTEBOOKS, ROOT, warnings_of

SEED_LINE = "SEED = 42"
PREAMBLE = """
_claims = {}
def _record(place, held):
    _claims[place] = held and _claims.get(place, True)
"""
EPILOGUE = """
import json
from helpers.exercises import Answer
_stated = [Answer(**one) for one in json.loads({answers!r})]
_replies = {{one.name: repr(one.check(globals().get(one.name, ...))) for one in _stated}}
print(json.dumps([_claims, _replies]))
"""


class RecordAsserts(ast.NodeTransformer):
    """Turn each `assert` into a note of whether it held."""

    def __init__(self, cell):
        self.cell = cell
        self.claims = {}

    def visit_Assert(self, node):
        place = f"{self.cell}.{len(self.claims) + 1}"
        self.claims[place] = ast.unparse(node)
        held, failed = (ast.parse(f"_record({place!r}, {answer})").body for answer in (True, False))
        handler = ast.ExceptHandler(type=ast.Name("AssertionError", ast.Load()), name=None, body=failed)
        return ast.fix_missing_locations(ast.Try(body=[node], handlers=[handler], orelse=held, finalbody=[]))


def answers_of_the_sheet(path):
    """What the student's sheet of a chapter expects, as JSON: the answers of the chapter as it was last built."""
    try:
        built = ROOT / "_build" / "source" / Path(path).resolve().relative_to(ROOT)
        cells = nbformat.read(built, as_version=4).cells
    except (FileNotFoundError, ValueError):
        return "[]"
    stated = [cell for cell in cells if "answer" in cell.metadata.get("tags", []) and cell.outputs]
    return json.dumps([asdict(answer_in(cell)) for cell in stated])


def prepare(notebook, seed, answers="[]"):
    """Set the seed and have each claim noted; return the claims, keyed by cell and place in it."""
    claims, seeded = {}, False
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        seeded = seeded or SEED_LINE in cell.source
        recorder = RecordAsserts(number)
        tree = recorder.visit(ast.parse(cell.source.replace(SEED_LINE, f"SEED = {seed}")))
        cell.source = ast.unparse(tree)
        claims |= recorder.claims
    if not seeded:
        raise ValueError(f"no cell says {SEED_LINE!r}, so there is no seed to replace")
    notebook.cells.insert(0, nbformat.v4.new_code_cell(PREAMBLE))
    notebook.cells.append(nbformat.v4.new_code_cell(EPILOGUE.format(answers=answers)))
    return claims


def run(path, seed):
    """One chapter under one seed: the claims that failed, and how many there are."""
    begun = time.perf_counter()
    notebook = nbformat.read(path, as_version=4)
    claims = prepare(notebook, seed, answers_of_the_sheet(path))
    place = {"metadata": {"path": str(Path(path).parent)}}
    # The kernel's own remarks, on how it listens on this computer, are no part of the report.
    quiet = ["--log-level=ERROR"]
    NotebookClient(notebook, timeout=600, allow_errors=True, resources=place, extra_arguments=quiet).execute()
    held, replies = json.loads(notebook.cells[-1].outputs[-1]["text"])
    for name, reply in replies.items():
        claims[f"answer {name}"] = f"the sheet of the built page replies: {reply}"
        held[f"answer {name}"] = reply == "Right."
    failed = [f"cell {place}: {text}" for place, text in claims.items() if not held.get(place)]
    for number, cell in enumerate(notebook.cells):
        errors = [output for output in cell.get("outputs", []) if output["output_type"] == "error"]
        failed += [f"cell {number} raised {error['ename']}: {error['evalue'][:200]}" for error in errors]
        failed += [f"cell {number} warned: {text[:400]}" for text in warnings_of(cell)]
    return {"failed": failed, "claims": len(claims), "missed": sum(not held.get(place) for place in claims)} | {
        "seconds": time.perf_counter() - begun
    }


def report(chapter, seed, result):
    held = result["claims"] - result["missed"]
    print(f"seed {seed}  {chapter}: {held} of {result['claims']} claims held ({result['seconds']:.0f} s)")
    for line in result["failed"]:
        print(f"    FAILED  {chapter}, seed {seed}, {line}")
    sys.stdout.flush()


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--chapters", type=Path, nargs="*", help="some chapters only")
    options = parser.parse_args(arguments)

    chosen = options.chapters or [ROOT / page for page in NOTEBOOKS]
    chapters = [path.with_suffix(".ipynb").resolve() for path in chosen]
    if missing := [str(path) for path in chapters if not path.is_file()]:
        parser.error(f"no such file: {', '.join(missing)}. Give a path, as {NOTEBOOKS[1]}.ipynb.")
    jobs = [(path, seed) for seed in options.seeds for path in chapters]
    print(f"{len(chapters)} chapter(s) under {len(options.seeds)} seed(s), on {os.cpu_count()} cores", flush=True)
    totals = {path: [0, 0, 0] for path in chapters}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        waiting = {pool.submit(run, *job): job for job in jobs}
        for done in as_completed(waiting):
            (path, seed), result = waiting[done], done.result()
            report(path.stem, seed, result)
            counts = (result["claims"] - result["missed"], result["claims"], len(result["failed"]))
            totals[path] = [total + count for total, count in zip(totals[path], counts, strict=True)]

    print("\nClaims that held, over all seeds")
    for path, (held, claims, _) in totals.items():
        print(f"  {held:4d} of {claims:4d}  {path.stem}")
    held, claims, failures = map(sum, zip(*totals.values(), strict=True))
    print(f"  {held:4d} of {claims:4d}  in all")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
