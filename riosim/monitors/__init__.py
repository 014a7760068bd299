"""Watchers of the evidence: exposure, live risk signals, the verdict at the end."""
