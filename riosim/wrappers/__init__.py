"""Gymnasium wrappers: what is shown of an observation, and how an action is said."""
