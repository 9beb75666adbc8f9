#!/usr/bin/env bash
# Make .venv: find a Python that PyMC 6 runs on, or let uv fetch one, then install the pins and the project.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '· %s\n' "$*"; }
stop() { printf '\nSet-up stopped: %s\n' "$*" >&2; exit 1; }

# A version manager's shims exist for Pythons that are not active, so a candidate has to run.
recent_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; }

find_python() {
  local version root folder candidate pyenv
  # Where pyenv lies tells its root even when HOME is another than at its installation.
  pyenv=$(command -v pyenv || true)
  for root in "${PYENV_ROOT:-}" "$(pyenv root 2>/dev/null || true)" "${pyenv:+$(dirname "$(readlink -f "$pyenv")")/..}" "${HOME:-}/.pyenv"; do
    [ -d "$root/versions" ] || continue
    for version in 3.13 3.12; do
      for folder in "$root"/versions/"$version"*/bin; do
        candidates+=("$folder/python$version")
      done
    done
  done
  for candidate in python3.13 python3.12 python3.14 python3 "${candidates[@]}"; do
    if recent_enough "$candidate"; then command -v "$candidate"; return; fi
  done
}

make_environment() {
  local python
  python=$(find_python)
  if [ -n "$python" ]; then
    say "Python: $("$python" --version) at $python"
    "$python" -m venv --clear .venv >/dev/null 2>&1 ||
      stop "$python cannot make a virtual environment (on Debian and Ubuntu: apt-get install python3-venv)."
    return
  fi
  command -v python3 >/dev/null 2>&1 || stop "no Python found; install Python 3.12 or later."
  say "No Python 3.12 or later found: uv fetches one (once, about 30 MB)"
  python3 -m venv --clear .venv-uv >/dev/null 2>&1 ||
    stop "python3 cannot make a virtual environment (on Debian and Ubuntu: apt-get install python3-venv)."
  .venv-uv/bin/python -m pip install --quiet --disable-pip-version-check uv ||
    stop "uv could not be installed; is the network there?"
  UV_PYTHON_INSTALL_DIR=$PWD/.venv-uv/python .venv-uv/bin/uv venv --quiet --clear --seed --python 3.13 .venv ||
    stop "uv could not fetch a Python; install Python 3.12 or later yourself and try again."
}

install_packages() {
  local python=.venv/bin/python
  $python -m pip --version >/dev/null 2>&1 || $python -m ensurepip --upgrade >/dev/null
  say "Installing the pinned packages (some minutes the first time)"
  # uv installs several times faster than pip; where it cannot be had, pip does the same.
  if $python -m pip install --quiet --disable-pip-version-check uv 2>/dev/null; then
    $python -m uv pip install --python $python --requirement requirements.txt 2>&1 | sed '/^ [-+~] /d'
    $python -m uv pip install --quiet --python $python --no-deps --editable .
  else
    $python -m pip install --disable-pip-version-check --requirement requirements.txt
    $python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
  fi
}

candidates=()
recent_enough .venv/bin/python || make_environment
install_packages || stop "the packages could not be installed; the lines above say which."
touch .venv/.installed
say "Ready: .venv"
