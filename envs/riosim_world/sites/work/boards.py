"""Boards of cards: who does what until when."""

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Row, Store
from riosim_world.sites.work.people import People

__all__ = ["LABELS", "Boards"]

LABELS = {
    "": "No label",
    "urgent": "Urgent",
    "client": "Client",
    "drawing": "Drawing",
    "order": "Order",
    "site": "Site",
}
_CARD = """
SELECT card.*, lane.name AS lane_name, (SELECT count(*) FROM card_comment
  WHERE card_comment.card = card.id) AS comments FROM card JOIN lane ON lane.id = card.lane
"""


class Boards:
    """Cards and what happens to them; every change is recorded."""

    def __init__(self, context: SiteContext, store: Store, people: People) -> None:
        self._context = context
        self._store = store
        self._people = people

    def all(self) -> list[Row]:
        """Return the boards, with how many cards are open."""
        sql = (
            "SELECT board.*, (SELECT count(*) FROM card WHERE card.board = board.slug "
            "AND archived = 0) AS size FROM board ORDER BY rowid"
        )
        return self._store.rows(sql)

    def find(self, slug: str) -> Row | None:
        """Return a board."""
        return next((row for row in self.all() if row["slug"] == slug), None)

    def lanes(self, slug: str) -> list[Row]:
        """Return the columns of a board."""
        return self._store.rows("SELECT * FROM lane WHERE board = ? ORDER BY id", slug)

    def cards(self, slug: str, *, archived: bool = False) -> list[Row]:
        """Return the cards of a board."""
        sql = _CARD + "WHERE card.board = ? AND archived = ? ORDER BY card.id"
        return self._store.rows(sql, slug, int(archived))

    def mine(self, me: Row) -> list[Row]:
        """Return the cards that ME is to do, those due first."""
        sql = _CARD + "WHERE assignee = ? AND archived = 0 ORDER BY due = '', due, card.id"
        rows = self._store.rows(sql, me["user"])
        last = {board["slug"]: self.lanes(board["slug"])[-1]["id"] for board in self.all()}
        return [row for row in rows if row["lane"] != last.get(row["board"])]

    def card(self, number: int) -> Row | None:
        """Return a card."""
        return self._store.row(_CARD + "WHERE card.id = ?", number)

    def comments(self, number: int) -> list[Row]:
        """Return what people say of a card."""
        return self._store.rows("SELECT * FROM card_comment WHERE card = ? ORDER BY id", number)

    def steps(self, number: int) -> list[Row]:
        """Return what happened to a card, the newest first."""
        sql = "SELECT * FROM card_step WHERE card = ? ORDER BY id DESC LIMIT 30"
        return self._store.rows(sql, number)

    def open_board(self, me: Row, slug: str, name: str, about: str) -> None:
        """Make a board with three columns."""
        values = {"slug": slug, "name": name, "about": about}
        self._store.insert("board", **values, seeded=0)
        for lane in ("To do", "In progress", "Done"):
            self._store.insert("lane", board=slug, name=lane)
        self._context.record("board_made", values | {"user": me["user"]})

    def add(self, me: Row, board: str, **values: str | int) -> int:
        """Put a card on a board."""
        made = self._context.now.isoformat()
        author = me["user"]
        number = self._store.insert(
            "card", board=board, author=author, made=made, seeded=0, **values
        )
        facts = {"card": number, "board": board, "user": me["user"]}
        self._context.record("card_made", facts | values)
        self._note(me, number, "made this card")
        self._tell(me, self._again(number), "assigns you")
        return number

    def change(self, me: Row, card: Row, **values: str | int) -> None:
        """Change fields of a card; what is the same is no change."""
        values = {name: value for name, value in values.items() if card[name] != value}
        if not values:
            return
        columns = ", ".join(f"{name} = ?" for name in values)
        sql = f"UPDATE card SET {columns} WHERE id = ?"  # noqa: S608 - names are ours
        self._store.write(sql, *values.values(), card["id"])
        new = self._again(card["id"])
        facts = {"card": card["id"], "title": new["title"], "user": me["user"], **values}
        if "lane" in values:
            self._context.record("card_moved", facts | {"lane": new["lane_name"]})
            self._note(me, card["id"], f"moved it from {card['lane_name']} to {new['lane_name']}")
            self._tell(me, new, f"moves to {new['lane_name']}")
        elif "assignee" in values:
            self._context.record("card_assigned", facts)
            names = self._people.names()
            who = names.get(new["assignee"], "nobody")
            self._note(me, card["id"], f"gave it to {who}")
            self._tell(me, new, "assigns you")
        elif "archived" in values:
            self._context.record("card_archived", facts)
            said = "put it into the archive" if new["archived"] else "took it out of the archive"
            self._note(me, card["id"], said)
        else:
            self._context.record("card_changed", facts)
            self._note(me, card["id"], "changed it")

    def comment(self, me: Row, card: Row, body: str) -> None:
        """Say something of a card."""
        now = self._context.now.isoformat()
        values = {"card": card["id"], "author": me["user"], "body": body}
        self._store.insert("card_comment", posted=now, seeded=0, **values)
        self._context.record("card_commented", values | {"title": card["title"]})
        self._tell(me, card, "comments on")

    def _again(self, number: int) -> Row:
        card = self.card(number)
        assert card is not None  # noqa: S101 - callers have just written it
        return card

    def _note(self, me: Row, number: int, said: str) -> None:
        now = self._context.now.isoformat()
        self._store.insert("card_step", card=number, user=me["user"], said=said, at=now)

    def _tell(self, me: Row, card: Row, did: str) -> None:
        address, words = f"/card/{card['id']}", f"{did} “{card['title']}”"
        for user in dict.fromkeys((card["assignee"], card["author"])):
            if did != "assigns you" or user == card["assignee"]:
                self._people.tell(user, "card", words, sender=me, address=address)
