"""Pages of Stowhold."""

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from riosim_world.site import SiteContext
from riosim_world.sites.drive.acts import Acts
from riosim_world.sites.drive.items import QUOTA_BYTES, Items, Role
from riosim_world.sites.kit import (
    MemberSite,
    Row,
    Store,
    paginate,
    read_form,
    whole,
)
from riosim_world.sites.kit.files import (
    file_kind,
    file_response,
    kind_words,
    preview,
    size_words,
)

__all__ = ["build"]

_SORTS = {"name": "name", "changed": "changed", "size": "bytes"}


class _Drive(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        items = Items(Store(context.db), context.now)
        shared = {
            "kind_of": file_kind,
            "kind_words": kind_words,
            "size": size_words,
            "used": lambda me: items.used(me["user"]),
            "quota": QUOTA_BYTES,
        }
        super().__init__(
            context, Path(__file__).parent, brand="Stowhold", home="/files", shared=shared
        )
        self.items = items
        self.acts = Acts(context, self.store, self.items)

    async def front(self, request: Request) -> Response:
        """What this is; whoever is signed in goes to the files."""
        if self.sessions.current(request):
            return RedirectResponse("/files", 303)
        return self.pages.html(request, "front.html")

    async def files(self, request: Request, me: Row) -> Response:
        """A folder, or the top."""
        number = request.path_params.get("id", 0)
        folder = self._allowed(request, me, "view") if number else None
        if folder and folder["kind"] != "folder":
            return RedirectResponse(f"/item/{number}", 303)
        rows = self.items.children(folder["owner"] if folder else me["user"], number)
        trail = self._trail(me, folder) if folder else []
        may_edit = folder is None or self.items.role(me, folder) in ("owner", "edit")
        return self._list(
            request,
            rows,
            title=folder["name"] if folder else "My files",
            folder=folder,
            trail=trail,
            may_edit=may_edit,
            empty="This folder is empty. Upload a file or make a folder.",
        )

    async def recent(self, request: Request, me: Row) -> Response:
        """What changed last."""
        rows = self.items.listed("owner = ? AND trashed = 0 AND kind = 'file'", me["user"])
        rows.sort(key=lambda row: row["changed"], reverse=True)
        return self._list(request, rows[:15], title="Recent", sortable=False)

    async def starred(self, request: Request, me: Row) -> Response:
        """What has a star."""
        rows = self.items.listed("owner = ? AND trashed = 0 AND starred = 1", me["user"])
        return self._list(request, rows, title="Starred", empty="Nothing has a star yet.")

    async def shared(self, request: Request, me: Row) -> Response:
        """What others share with me, and what I share."""
        mine = me["email"] or me["user"]
        inside = "(SELECT item FROM share WHERE lower(email) = lower(?))"
        rows = self.items.listed(f"trashed = 0 AND owner <> ? AND id IN {inside}", me["user"], mine)
        given = "(link <> '' OR id IN (SELECT item FROM share))"
        out = self.items.listed(f"owner = ? AND trashed = 0 AND {given}", me["user"])
        return self._list(
            request,
            rows,
            title="Shared with me",
            out=out,
            empty="Nobody has shared anything with you.",
        )

    async def trash(self, request: Request, me: Row) -> Response:
        """What was thrown away."""
        rows = self.items.listed("owner = ? AND trashed = 1", me["user"])
        return self._list(
            request, rows, title="Bin", in_trash=True, empty="The bin is empty.", sortable=False
        )

    async def search(self, request: Request, me: Row) -> Response:
        """Files and folders by name."""
        asked = request.query_params.get("q", "").strip()[:200]
        rows = self.items.listed(
            "owner = ? AND trashed = 0 AND instr(lower(name), lower(?)) > 0", me["user"], asked
        )
        title = f"Results for “{asked}”" if asked else "Search"
        rows = rows if asked else []
        return self._list(request, rows, title=title, asked=asked, empty="No file has such a name.")

    async def item(self, request: Request, me: Row) -> Response:
        """One file: what it looks like, and what can be done with it."""
        item = self._allowed(request, me, "view")
        if item["kind"] == "folder":
            return RedirectResponse(f"/files/{item['id']}", 303)
        role = self.items.role(me, item)
        values: dict[str, Any] = {
            "item": item,
            "role": role,
            "trail": self._trail(me, item),
            "people": self._people(item),
            "shown": preview(item, self.items.content(item)),
        }
        return self.pages.html(request, "item.html", **values)

    async def raw(self, request: Request, me: Row) -> Response:
        """A file inside a page."""
        item = self._allowed(request, me, "view")
        if item["kind"] == "folder":
            raise HTTPException(404)
        return file_response(item, self.items.content(item), inline=True)

    async def download(self, request: Request, me: Row) -> Response:
        """A file, or a folder as an archive."""
        item = self._allowed(request, me, "view")
        return self.acts.download(item, user=me["user"], via="account")

    async def upload(self, request: Request, me: Row) -> Response:
        """Put files into a folder."""
        form = await read_form(request)
        number = whole(form.text("folder") or request.query_params.get("folder", ""))
        folder = self._target(me, number)
        if request.method == "POST":
            owner = folder["owner"] if folder else me["user"]
            done, errors = self.acts.upload(owner, number, form.uploads("files"), by=me["user"])
            if done and not errors:
                notice = f"Uploaded {done[0]}" if len(done) == 1 else f"Uploaded {len(done)} files"
                return self.pages.go(f"/files/{number}" if number else "/files", notice=notice)
        else:
            done, errors = [], []
        return self.pages.html(request, "upload.html", folder=folder, errors=errors, done=done)

    async def new_folder(self, request: Request, me: Row) -> Response:
        """Make a folder."""
        form = await read_form(request)
        number = whole(form.text("folder"))
        folder = self._target(me, number)
        back = f"/files/{number}" if number else "/files"
        made = self.acts.make_folder(
            folder["owner"] if folder else me["user"], number, form.text("name")
        )
        notice = f"Folder {made} is ready." if made else "A folder needs a name."
        return self.pages.go(back, notice=notice)

    async def share(self, request: Request, me: Row) -> Response:
        """Who else may see it: people by mail address, and anyone with the link."""
        item = self._allowed(request, me, "owner")
        form = await read_form(request)
        error = ""
        if request.method == "POST":
            what = form.text("what")
            error = self.acts.share(me, item, what, form)
            if not error:
                said = {"link": "Link sharing is on.", "unlink": "Link sharing is off."}
                notice = said.get(what, "Sharing is changed.")
                return self.pages.go(f"/item/{item['id']}/share", notice=notice)
        values: dict[str, Any] = {
            "item": item,
            "people": self._people(item),
            "error": error,
            "form": form,
        }
        return self.pages.html(request, "share.html", trail=self._trail(me, item), **values)

    async def edit(self, request: Request, me: Row) -> Response:
        """Another name, another folder."""
        item = self._allowed(request, me, "owner")
        form = await read_form(request)
        folders = [
            row | {"path": self.items.path(row)}
            for row in self.items.listed(
                "owner = ? AND kind = 'folder' AND trashed = 0", me["user"]
            )
            if not self.items.is_within(row, item)
        ]
        folders.sort(key=lambda row: row["path"].lower())
        error = ""
        if request.method == "POST":
            wanted = whole(form.text("parent"))
            parent = wanted if wanted in {row["id"] for row in folders} else 0
            error = self.acts.rename(item, form.text("name"), parent)
            if not error:
                return self.pages.go(f"/files/{parent}" if parent else "/files", notice="Saved.")
        return self.pages.html(request, "edit.html", item=item, folders=folders, error=error)

    async def change(self, request: Request, me: Row) -> Response:
        """Star, throw away, take back, erase."""
        item = self._allowed(request, me, "owner", trashed=True)
        what = request.path_params["what"]
        notice = self.acts.change(item, what)
        back = "/trash" if what in ("restore", "erase") else "/files"
        if what == "star":
            back = f"/item/{item['id']}"
        elif what == "trash" and item["parent"]:
            back = f"/files/{item['parent']}"
        return self.pages.go(back, notice=notice)

    async def empty(self, request: Request, me: Row) -> Response:
        """Erase what is in the bin."""
        for row in self.items.listed("owner = ? AND trashed = 1", me["user"]):
            self.acts.change(row, "erase")
        return self.pages.go("/trash", notice="The bin is empty.")

    async def account(self, request: Request, me: Row) -> Response:
        """Who I am, and how much room there is."""
        return self.pages.html(request, "account.html")

    async def visit(self, request: Request) -> Response:
        """What a link leads to, for anyone."""
        top, item = self._linked(request)
        if item["kind"] == "file":
            shown = preview(item, self.items.content(item))
            return self.pages.html(
                request, "visit.html", top=top, item=item, shown=shown, rows=[], trail=[]
            )
        rows = self.items.children(item["owner"], item["id"])
        trail = [row for row in self.items.above(item) if self.items.is_within(row, top)]
        return self.pages.html(
            request, "visit.html", top=top, item=item, shown=None, rows=rows, trail=trail
        )

    async def visit_raw(self, request: Request) -> Response:
        """A linked file inside a page."""
        _, item = self._linked(request)
        if item["kind"] == "folder":
            raise HTTPException(404)
        return file_response(item, self.items.content(item), inline=True)

    async def visit_download(self, request: Request) -> Response:
        """A linked file, or folder as an archive."""
        _, item = self._linked(request)
        me = self.sessions.current(request)
        return self.acts.download(item, user=me["user"] if me else "", via="link")

    def _list(self, request: Request, rows: list[Row], *, title: str, **values: Any) -> Response:
        asked = request.query_params
        sort, down = asked.get("sort", "name"), asked.get("order") == "down"
        if values.get("sortable", True) and sort in _SORTS:
            key = _SORTS[sort]
            rows.sort(key=lambda row: str(row[key]).lower() if key != "bytes" else row[key])
            rows.sort(key=lambda row: row["kind"] == "folder", reverse=not down)
            rows = rows[::-1] if down else rows
        names = {
            row["user"]: row["name"] for row in self.store.rows("SELECT user, name FROM account")
        }
        first: dict[str, Any] = {
            "folder": None,
            "trail": [],
            "may_edit": False,
            "empty": "There is nothing here.",
            "sortable": True,
            "in_trash": False,
            "out": None,
            "asked": "",
        }
        page = paginate(request, rows, size=40)
        more = first | {"title": title, "page": page, "sort": sort, "down": down, "names": names}
        return self.pages.html(request, "files.html", **(more | values))

    def _allowed(self, request: Request, me: Row, least: Role, *, trashed: bool = False) -> Row:
        item = self.items.find(request.path_params["id"])
        role = self.items.role(me, item) if item else None
        if item is None or role is None or (item["trashed"] and not trashed):
            raise HTTPException(404)
        if least == "owner" and role != "owner":
            raise HTTPException(403)
        return item

    def _target(self, me: Row, number: int) -> Row | None:
        """Return the folder that something is to be put into; None is the top."""
        if not number:
            return None
        folder = self.items.find(number)
        if folder is None or folder["kind"] != "folder" or folder["trashed"]:
            raise HTTPException(404)
        if self.items.role(me, folder) not in ("owner", "edit"):
            raise HTTPException(403)
        return folder

    def _trail(self, me: Row, item: Row) -> list[Row]:
        return [row for row in self.items.above(item) if self.items.role(me, row)]

    def _people(self, item: Row) -> list[Row]:
        sql = "SELECT email, role FROM share WHERE item = ? ORDER BY rowid"
        return self.store.rows(sql, item["id"])

    def _linked(self, request: Request) -> tuple[Row, Row]:
        top = self.items.find_link(request.path_params["token"])
        item = top
        if top and "id" in request.path_params:
            item = self.items.find(request.path_params["id"])
            if item and not self.items.is_within(item, top):
                item = None
        if (
            top is None
            or item is None
            or any(r["trashed"] for r in (*self.items.above(item), item))
        ):
            raise HTTPException(404)
        return top, item


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    drive = _Drive(context)
    mine, both, post = drive.sessions.mine, ["GET", "POST"], ["POST"]
    public: list[BaseRoute] = [
        Route("/", drive.front),
        Route("/plans", drive.pages.plain("plans.html")),
        Route("/help", drive.pages.plain("help.html")),
        Route("/s/{token}", drive.visit),
        Route("/s/{token}/raw", drive.visit_raw),
        Route("/s/{token}/download", drive.visit_download),
        Route("/s/{token}/{id:num}", drive.visit),
        Route("/s/{token}/{id:num}/raw", drive.visit_raw),
        Route("/s/{token}/{id:num}/download", drive.visit_download),
    ]
    return drive.pages.application(
        [
            *public,
            Route("/files", mine(drive.files)),
            Route("/files/{id:num}", mine(drive.files)),
            Route("/recent", mine(drive.recent)),
            Route("/starred", mine(drive.starred)),
            Route("/shared", mine(drive.shared)),
            Route("/trash", mine(drive.trash)),
            Route("/trash/empty", mine(drive.empty), methods=post),
            Route("/search", mine(drive.search)),
            Route("/account", mine(drive.account)),
            Route("/upload", mine(drive.upload), methods=both),
            Route("/folders", mine(drive.new_folder), methods=post),
            Route("/item/{id:num}", mine(drive.item)),
            Route("/item/{id:num}/raw", mine(drive.raw)),
            Route("/item/{id:num}/download", mine(drive.download)),
            Route("/item/{id:num}/share", mine(drive.share), methods=both),
            Route("/item/{id:num}/edit", mine(drive.edit), methods=both),
            Route("/item/{id:num}/{what}", mine(drive.change), methods=post),
            *drive.doors.routes(),
        ]
    )
