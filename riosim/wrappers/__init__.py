"""Gym wrappers: other spaces over the same environment."""
