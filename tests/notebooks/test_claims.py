"""The script that re-runs the chapters under other seeds names what fails, and only that."""

import claims
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def write(folder, *sources):
    path = folder / "chapter.ipynb"
    cells = [new_code_cell(source) for source in sources]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), path)
    return path


def test_names_each_claim_that_fails(tmp_path, capsys):
    path = write(
        tmp_path,
        "SEED = 42",
        "assert SEED == 42, 'only under the first seed'\nassert SEED > 0",
        "for value in (1, 2):\n    assert value < SEED",
        "raise KeyError('gone')",
        "import warnings; warnings.warn('the chains disagree')",
    )
    assert claims.main(["--seeds", "5", "--chapters", str(path)]) == 1
    printed = capsys.readouterr().out
    assert "FAILED  chapter, seed 5, cell 2.1: assert SEED == 42" in printed
    assert "cell 4 raised KeyError" in printed
    assert "cell 5 warned" in printed
    assert "UserWarning: the chains disagree" in printed
    assert printed.count("FAILED") == 3
    assert "2 of    3  in all" in printed


def test_refuses_a_name_that_is_no_path(capsys):
    with pytest.raises(SystemExit):
        claims.main(["--seeds", "1", "--chapters", "what-if"])
    assert "what-if.ipynb. Give a path, as book/" in capsys.readouterr().err


def test_refuses_a_chapter_without_a_seed(tmp_path):
    with pytest.raises(ValueError, match="no cell says 'SEED = 42'"):
        claims.run(write(tmp_path, "assert True"), 1)
