"""The chat completions protocol: what is asked, what is answered, what is kept of it."""
