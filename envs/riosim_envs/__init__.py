"""Sandboxes of riosim: the Docker one, the embedded one, and their controllers."""
