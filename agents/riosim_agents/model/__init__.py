"""What every agent that asks a model shares: keys, prompts, pictures, failures."""
