"""recover is stopped in each way that happens: nothing is lost, and the numbers are those of an undisturbed run."""

import concurrent.futures
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import dask
import pandas as pd
import pytest
import recovery_run
import xarray as xr
from distributed import Client, LocalCluster

from helpers import RecoveryWarning

HERE = Path(__file__).parent
DATASETS = 20
LIMIT = 120


@pytest.fixture(scope="module")
def undisturbed():
    return recovery_run.run(DATASETS)


def lines(path):
    return path.read_text().count("\n") if path.exists() else 0


def wait_for(condition, process=None):
    """Wait until a condition holds; a process that ended before is a failure of its own."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert process is None or process.poll() is None, "the run ended before it could be stopped"
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def start(checkpoint, result, datasets, **variables):
    command = [sys.executable, "recovery_run.py", str(checkpoint), str(result), str(datasets)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (HERE, HERE.parents[1])))} | variables
    return subprocess.Popen(command, cwd=HERE, env=environment, stderr=subprocess.PIPE, text=True)


def test_goes_on_after_kill_9(undisturbed, tmp_path):
    checkpoint = tmp_path / "recovery.jsonl"
    with start(checkpoint, tmp_path / "result.pkl", 10_000) as process:
        wait_for(lambda: lines(checkpoint) > 6, process)
        process.kill()
        assert process.wait() == -signal.SIGKILL
    kept = lines(checkpoint) - 1
    assert 6 <= kept < DATASETS, "killed in the midst of it"
    before = checkpoint.read_text().split("\n")[:kept]
    xr.testing.assert_identical(recovery_run.run(DATASETS, checkpoint=checkpoint), undisturbed)
    assert checkpoint.read_text().split("\n")[:kept] == before, "what was done was not done again"
    assert lines(checkpoint) == DATASETS + 1


def test_same_numbers_whatever_was_compiled_before(undisturbed, tmp_path):
    """PyTensor keeps compiled parts in a folder; code put together from kept parts used to round otherwise."""
    for number in range(2):
        checkpoint, result = tmp_path / f"{number}.jsonl", tmp_path / f"{number}.pkl"
        with start(checkpoint, result, 3, PYTENSOR_FLAGS=f"base_compiledir={tmp_path / 'compiled'}") as process:
            said = process.communicate(timeout=LIMIT)[1]
            assert process.returncode == 0, said
        means = pd.read_pickle(result)["ATE"].xs("mean", level="statistic")
        assert means.tolist() == undisturbed["ATE"].sel(statistic="mean").to_numpy()[:3].tolist()


def test_gives_back_what_is_done_when_stopped_by_the_keyboard(undisturbed, tmp_path):
    checkpoint, result = tmp_path / "recovery.jsonl", tmp_path / "result.pkl"
    with start(checkpoint, result, 10_000) as process:
        wait_for(lambda: lines(checkpoint) > 6, process)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=LIMIT)[1]
    assert process.returncode == 0, said
    assert "RecoveryWarning: Interrupted:" in said and "of 10000 data sets are done. Go on from" in said
    means = pd.read_pickle(result)["ATE"].xs("mean", level="statistic")
    count = min(len(means), DATASETS)
    assert 6 <= len(means) < 10_000
    # A torn fit, its draws cut off when the key was pressed, would differ.
    assert means.to_numpy()[:count].tolist() == undisturbed["ATE"].sel(statistic="mean").to_numpy()[:count].tolist()


def test_a_dask_worker_is_killed(undisturbed):
    settings = {"distributed.comm.retry.count": 3}
    with (
        dask.config.set(settings),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
        Client(cluster) as client,
    ):
        started = set(client.run(os.getpid).values())
        killed = []

        class KillingExecutor:
            """Dask's own executor; once a few data sets are done, one of its workers dies."""

            def __init__(self):
                self.real, self.futures = client.get_executor(), []

            def submit(self, *work):
                future = self.real.submit(*work)
                future.add_done_callback(lambda _: self.kill())
                return future

            def kill(self):
                if not killed:
                    killed.append(min(started))
                    os.kill(killed[-1], signal.SIGKILL)

        recovered = recovery_run.run(DATASETS, executor=KillingExecutor())
        wait_for(lambda: not set(killed) & set(client.run(os.getpid).values()))
    assert len(killed) == 1
    xr.testing.assert_identical(recovered, undisturbed)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_dying_process_pool_says_what_is_done_and_can_go_on(undisturbed, tmp_path):
    checkpoint = tmp_path / "recovery.jsonl"
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        recovery_run.run(4, executor=pool, checkpoint=checkpoint)
        pool.submit(die)
        with pytest.warns(RecoveryWarning, match=r"A worker died: \d+ of 20 data sets are done. Go on from .*jsonl"):
            recovery_run.run(DATASETS, executor=pool, checkpoint=checkpoint)
    assert 5 <= lines(checkpoint) <= DATASETS
    xr.testing.assert_identical(recovery_run.run(DATASETS, checkpoint=checkpoint), undisturbed)
