"""What a reader sees: posts with their marks, comments as a tree."""

from typing import Any, Final

from riosim_world.sites.kit import Row, Store

__all__ = ["ORDERS", "Feed"]

ORDERS: Final = ("hot", "new", "top")


class Feed:
    """Reads posts and comments for one reader."""

    def __init__(self, store: Store, user: str) -> None:
        self._store = store
        self._user = user

    def posts(self, where: str = "1", *values: Any, order: str = "hot") -> list[Row]:
        """Return posts that match WHERE (ours, never a visitor's), in ORDER."""
        sql = (
            "SELECT post.*, community.name AS community_name, "  # noqa: S608 - WHERE is ours
            "(SELECT count(*) FROM comment WHERE comment.post = post.id) AS comments, "
            "(SELECT way FROM vote WHERE kind = 'post' AND target = post.id AND user = ?) AS mine, "
            "(SELECT 1 FROM saved WHERE saved.post = post.id AND saved.user = ?) AS saved "
            f"FROM post JOIN community ON slug = community WHERE {where}"
        )
        rows = self._store.rows(sql, self._user, self._user, *values)
        keys = {
            "new": lambda row: (row["posted"], row["id"]),
            "top": lambda row: (row["votes"], row["id"]),
            "hot": lambda row: (not row["seeded"], row["votes"] % 977, row["id"]),
        }
        return sorted(rows, key=keys[order if order in keys else "hot"], reverse=True)

    def comments(self, post: int) -> list[Row]:
        """Return the comments of POST as a tree: each has its `replies`."""
        rows = self._store.rows(
            "SELECT comment.*, (SELECT way FROM vote WHERE kind = 'comment' AND user = ? "
            "AND target = comment.id) AS mine FROM comment WHERE post = ? ORDER BY seeded, id",
            *(self._user, post),
        )
        by_number = {row["id"]: row | {"replies": []} for row in rows}
        roots: list[Row] = []
        for row in by_number.values():
            parent = by_number.get(row["parent"])
            (parent["replies"] if parent else roots).append(row)
        return roots

    def follows(self, kind: str, target: str) -> bool:
        """Return whether the reader follows TARGET."""
        sql = "SELECT 1 FROM follow WHERE user = ? AND kind = ? AND target = ?"
        return self._store.row(sql, self._user, kind, target) is not None
