"""Pages of the workspace's files."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from riosim_world.sites.kit import Row, found, paginate, read_form
from riosim_world.sites.kit.files import clean_name, file_response, preview
from riosim_world.sites.work.desk import Desk
from riosim_world.sites.work.people import is_admin

__all__ = ["ShelfPages"]


class ShelfPages:
    """The handlers; all state is in the database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._shelf = desk.shelf

    def routes(self) -> list[BaseRoute]:
        """Return the addresses of these pages."""
        mine, both, post = self._desk.mine, ["GET", "POST"], ["POST"]
        return [
            Route("/files", mine(self.files)),
            Route("/files/bin", mine(self.bin)),
            Route("/files/upload", mine(self.upload), methods=both),
            Route("/file/{id:num}", mine(self.file)),
            Route("/file/{id:num}/raw", mine(self.raw)),
            Route("/file/{id:num}/download", mine(self.download)),
            Route("/file/{id:num}/edit", mine(self.edit), methods=both),
            Route("/file/{id:num}/{what}", mine(self.change), methods=post),
        ]

    async def files(self, request: Request, me: Row) -> Response:
        """The files of a folder, or all of them."""
        folder = request.query_params.get("folder", "")[:120]
        rows = [row for row in self._shelf.listed(me) if folder in ("", row["folder"])]
        page = paginate(request, rows, size=30)
        folders = self._shelf.folders(me)
        return self._desk.show(
            request, "files.html", me, page=page, folders=folders, folder=folder, in_bin=False
        )

    async def bin(self, request: Request, me: Row) -> Response:
        """What was thrown away."""
        page = paginate(request, self._shelf.listed(me, trashed=True), size=30)
        folders = self._shelf.folders(me)
        return self._desk.show(
            request, "files.html", me, page=page, folders=folders, folder="", in_bin=True
        )

    async def upload(self, request: Request, me: Row) -> Response:
        """Put files into a folder."""
        form = await read_form(request)
        asked = form.text("folder", limit=120) or request.query_params.get("folder", "")
        folder = clean_name(form.text("new_folder", limit=120)) or clean_name(asked) or "General"
        if done := self._shelf.upload(me, folder, form.uploads("files")):
            notice = f"Uploaded {len(done)} file{'s' if len(done) > 1 else ''} to {folder}."
            return self._desk.pages.go(f"/file/{done[0]}", notice=notice)
        error = "Choose a file first." if request.method == "POST" else ""
        folders = self._shelf.folders(me)
        return self._desk.show(
            request, "upload.html", me, folders=folders, folder=folder, error=error
        )

    async def file(self, request: Request, me: Row) -> Response:
        """One file: what it looks like, and what can be done with it."""
        file = self._file(request, me)
        shown = preview(file, self._shelf.content(file))
        return self._desk.show(request, "file.html", me, file=file, shown=shown, may=_may(me, file))

    async def raw(self, request: Request, me: Row) -> Response:
        """A file inside a page."""
        file = self._file(request, me)
        return file_response(file, self._shelf.content(file), inline=True)

    async def download(self, request: Request, me: Row) -> Response:
        """A file to be saved."""
        return self._shelf.download(me, self._file(request, me))

    async def edit(self, request: Request, me: Row) -> Response:
        """Another name, another folder."""
        file, form = self._file(request, me), await read_form(request)
        if not _may(me, file):
            raise HTTPException(403)
        error = ""
        if request.method == "POST":
            name, folder = form.text("name", limit=120), form.text("folder", limit=120)
            error = self._shelf.rename(me, file, name, folder)
            if not error:
                return self._desk.pages.go(f"/file/{file['id']}", notice="Saved.")
        folders = self._shelf.folders(me)
        return self._desk.show(
            request, "edit_file.html", me, file=file, folders=folders, error=error
        )

    async def change(self, request: Request, me: Row) -> Response:
        """Throw away, take back, erase."""
        what = request.path_params["what"]
        file = self._file(request, me, trashed=what != "trash")
        if not _may(me, file):
            raise HTTPException(403)
        if what == "trash" or (what == "restore" and file["trashed"]):
            self._shelf.throw_away(me, file)
        elif what == "erase" and file["trashed"]:
            self._shelf.erase(me, file)
        else:
            raise HTTPException(404)
        back, said = {
            "trash": ("/files", "is in the bin"),
            "restore": ("/files/bin", "is back"),
            "erase": ("/files/bin", "is gone for good"),
        }[what]
        return self._desk.pages.go(back, notice=f"{file['name']} {said}.")

    def _file(self, request: Request, me: Row, *, trashed: bool = False) -> Row:
        file = found(self._shelf.find(me, request.path_params["id"]))
        if file["trashed"] > int(trashed):
            raise HTTPException(404)
        return file


def _may(me: Row, file: Row) -> bool:
    return file["owner"] == me["user"] or is_admin(me)
