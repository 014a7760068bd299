"""Many episodes under one manifest: plan, workers, budgets, the store of runs."""
