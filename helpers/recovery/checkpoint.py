"""A file that keeps the finished data sets of one recovery, line by line, so that a crash loses none."""

import json
import os
from pathlib import Path

KIND = "recover 2"  # and the version of its format


class Checkpoint:
    """Finished rows, in memory and, where a path is given, in a file of JSON lines.

    Nothing in the file says from which model it came. When a recovery goes on, one of its data sets is fitted again
    (`again`), and must come out as it did (`check`): so each change that matters is noticed, that of a library's
    version too. Until then nothing is written.
    """

    def __init__(self, path):
        self.path = None if path is None else Path(path)
        self.rows = {}
        if self.path is not None and self.path.exists() and self.path.stat().st_size:
            self._read()
        elif self.path is not None:
            self.path.write_text(_header())

    def _read(self):
        first, *lines = self.path.read_text().split("\n")
        if first + "\n" != _header():
            raise ValueError(
                f"{self.path} isn't a checkpoint of this version of recover. Give another path; nothing was changed."
            )
        # What follows the last line break was being written when the process died.
        self.rows = {row["dataset"]: row for row in map(json.loads, lines[:-1])}
        if not self.rows:
            self._mend()

    @property
    def again(self):
        """Number of the data set to fit again, as a list; empty where the file holds none."""
        whole = [index for index, row in self.rows.items() if not row["error"]]
        return (whole or list(self.rows))[:1]

    def check(self, row):
        """Raise where a data set of the file comes out otherwise; else mend the line that a crash tore."""
        old, new = self.rows[row["dataset"]], json.loads(json.dumps(row))
        if repr(old) != repr(new):
            raise ValueError(
                f"{self.path} isn't the checkpoint of this recovery: its data set {row['dataset']} was fitted again, and "
                f"{_difference(old, new)}. The model, truth, sizes, estimands, seed or options differ, or the versions "
                "of the libraries, or the kind of processor. Give another path; nothing was changed."
            )
        self._mend()

    def _mend(self):
        """Write anew what is whole."""
        mended = self.path.with_name(self.path.name + ".mended")
        mended.write_text(_header() + "".join(json.dumps(one) + "\n" for one in self.rows.values()))
        os.replace(mended, self.path)

    def add(self, row):
        """Keep one finished row; what a lost worker took with it is fitted again next time."""
        self.rows[row["dataset"]] = row
        if self.path is not None and not row.get("lost"):
            with self.path.open("a") as stream:
                stream.write(json.dumps(row) + "\n")


def _header():
    return json.dumps({"kind": KIND}) + "\n"


def _difference(old, new):
    """The first thing in which two rows of one data set differ, in words."""
    for key in ("seed", "error", "divergences"):
        if old[key] != new[key]:
            return f"its {key} was {old[key]!r} and is {new[key]!r}"
    before, now = old["quantities"], new["quantities"]
    if list(before) != list(now):
        return f"its quantities were {', '.join(before)} and are {', '.join(now)}"
    name = next(name for name in before if repr(before[name]) != repr(now[name]))
    return f"{name!r} differs"
