# What each target does: make help
PYTHON := .venv/bin/python
SEEDS ?= 1 2 3
PAGES ?=
PORT ?= 8000
FLAGS ?=
.DEFAULT_GOAL := help
.PHONY: help setup newest book test lab serve claims sheets benchmarks picture clean

help:       ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

setup: .venv/.installed   ## make .venv with everything the book needs

.venv/.installed: pyproject.toml requirements.txt
	@tools/setup.sh

newest: setup     ## bring .venv to the newest of everything, beyond the pins and upper bounds
	@$(PYTHON) tools/newest.py

book: setup       ## run the chapters and build the site (PAGES="book/workflow/01-what-if.ipynb" for a quick draft of some pages)
	@$(PYTHON) tools/build.py $(PAGES)

test: setup       ## everything that must hold: code, chapters, site
	@echo "· Code style"
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --quiet --check .
	@$(PYTHON) -m codespell_lib
	@echo "· Helpers, structure of the chapters, set-up files"
	@$(PYTHON) -m pytest -n auto tests --ignore tests/site
	@$(PYTHON) tools/build.py --fresh
	@echo "· The built pages, in a browser"
	@$(PYTHON) -m pytest -n auto tests/site

lab: setup        ## open JupyterLab on the chapters (FLAGS="--allow-root" and whatever else it takes)
	@$(PYTHON) -m jupyter lab book $(FLAGS)

serve: setup      ## serve the built site on this computer (PORT=8000)
	@test -f _build/html/index.html || { echo "There is no whole site yet: run make book first. (A draft opens as a file; make book says where it is.)"; exit 1; }
	@echo "http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)"
	@$(PYTHON) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

claims: setup     ## re-run the chapters under other seeds and name each claim that fails (SEEDS="1 2 3")
	@$(PYTHON) tools/claims.py --seeds $(SEEDS) --chapters $(PAGES)

sheets: setup     ## run every student's sheet of the built site, right and wrong answers put in (make test runs the quick ones)
	@SHEETS=all $(PYTHON) -m pytest -n auto tests/site/test_editions.py

benchmarks: setup ## print the benchmarks' ratios
	@for script in benchmarks/bench_*.py; do echo "== $$script"; PYTHONPATH=tools $(PYTHON) "$$script" || exit 1; done

picture: setup    ## copy the landing page's figure to the README
	@$(PYTHON) tools/picture.py

clean:            ## remove what was built (not .venv)
	rm -rf _build build .pytest_cache .ruff_cache .hypothesis .import_linter_cache
