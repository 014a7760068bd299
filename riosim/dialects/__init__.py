"""Other people's action formats ↔ ours: pure functions that never act and never raise on input."""
