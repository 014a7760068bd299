"""Models that were trained on screens, behind a chat completions endpoint."""
