"""`riosim report`."""


def report() -> None:
    """Report."""
