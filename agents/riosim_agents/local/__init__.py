"""A transformers model in this process: loading, prompts, batches, cached prefixes."""
