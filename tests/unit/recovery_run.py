"""A recovery in a process of its own, to be stopped from outside: python recovery_run.py CHECKPOINT RESULT DATASETS"""

import signal
import sys

from conftest import LINEAR_TRUTH, SEED, linear_model

from helpers import recover

ATE = {"ATE": ({"z": 1}, {"z": 0}, "y_mu")}


def run(datasets, **options):
    return recover(
        linear_model(),
        LINEAR_TRUTH,
        {"i": 50},
        datasets=datasets,
        seed=SEED,
        estimands=ATE,
        progressbar=False,
        draws=500,
        tune=300,
        **options,
    )


if __name__ == "__main__":
    checkpoint, result, datasets = sys.argv[1:]
    # A job in the background may be born deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run(int(datasets), checkpoint=checkpoint).drop_vars("error").to_dataframe().to_pickle(result)
