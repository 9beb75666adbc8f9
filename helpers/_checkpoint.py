"""A file that keeps the finished data sets of one recovery, line by line, so that a crash loses none."""

import json
import os
from pathlib import Path

from helpers._fingerprint import fingerprint


class Checkpoint:
    """Finished rows, in memory and, where a path is given, in a file of JSON lines."""

    def __init__(self, path, plan):
        self.path = None if path is None else Path(path)
        self.rows = {}
        if self.path is None:
            return
        header = json.dumps({"recover": fingerprint(plan)})
        if self.path.exists() and self.path.stat().st_size:
            self._read(header)
        else:
            self.path.write_text(header + "\n")

    def _read(self, header):
        first, *lines = self.path.read_text().split("\n")
        if first != header:
            raise ValueError(
                f"{self.path} isn't the checkpoint of this recovery: its model, truth, sizes, estimands, seed or "
                "options differ, or it is another kind of file. Give another path; nothing was changed."
            )
        # What follows the last line break was being written when the process died.
        whole = lines[:-1]
        self.rows = {row["dataset"]: row for row in map(json.loads, whole)}
        mended = self.path.with_name(self.path.name + ".mended")
        mended.write_text("\n".join([first, *whole]) + "\n")
        os.replace(mended, self.path)

    def add(self, row):
        """Keep one finished row; what a lost worker took with it is fitted again next time."""
        self.rows[row["dataset"]] = row
        if self.path is not None and not row.get("lost"):
            with self.path.open("a") as stream:
                stream.write(json.dumps(row) + "\n")
