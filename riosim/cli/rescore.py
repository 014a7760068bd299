"""`riosim rescore`: judge a stored run again."""


def rescore() -> None:
    """Judge."""
