"""Agents of other frameworks, played unchanged."""
