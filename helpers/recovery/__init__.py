"""Many simulated data sets, each fitted."""

from helpers.recovery.plot import plot_recovery
from helpers.recovery.recover import RecoveryWarning, recover
from helpers.recovery.summary import summarize_recovery

__all__ = ["RecoveryWarning", "plot_recovery", "recover", "summarize_recovery"]
