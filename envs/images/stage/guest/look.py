"""A door for people: the screen in a browser."""

from channel import RefusalError

__all__ = ["Look"]


class Look:
    """Serves the screen to a person who has the token."""

    def start(self, token: str) -> dict[str, int]:
        """Open the door.

        Raises:
            RefusalError: The image has no tools for it.
        """
        raise RefusalError(
            "not_found", f"This image has no noVNC (token of {len(token)} characters)."
        )

    def stop(self) -> None:
        """Close the door."""
