"""Reference agents, found through the entry-point group `riosim.agents`."""
