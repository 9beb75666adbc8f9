"""Do and observe: short, safe functions for causal analysis with PyMC."""
