"""The pages of one repository: code, files, commits, issues, pull requests."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from riosim_world.site import SiteContext
from riosim_world.sites.forge.seed import add_issue
from riosim_world.sites.forge.tree import folder
from riosim_world.sites.kit import Pages, Row, Sessions, Store, read_form

__all__ = ["RepositoryPages"]

_Page = Callable[[Request, Row], Awaitable[Response]]
_MOST_SHOWN = 200_000


@dataclass(frozen=True, slots=True)
class RepositoryPages:
    """Handlers below `/<owner>/<name>`."""

    context: SiteContext
    pages: Pages
    sessions: Sessions

    @property
    def store(self) -> Store:
        """The site's rows."""
        return Store(self.context.db)

    def routes(self) -> list[BaseRoute]:
        """Return the routes; they must come after all fixed ones."""
        base, both = "/{owner}/{name}", ["GET", "POST"]
        return [
            Route(base, self._of(self.code)),
            Route(base + "/tree/{path:path}", self._of(self.code)),
            Route(base + "/blob/{path:path}", self._of(self.blob)),
            Route(base + "/raw/{path:path}", self._of(self.raw)),
            Route(base + "/commits", self._of(self.commits)),
            Route(base + "/issues", self._of(self.issues)),
            Route(base + "/pulls", self._of(self.issues)),
            Route(base + "/issues/new", self._of(self.new_issue), methods=both),
            Route(base + "/issues/{number:num}", self._of(self.issue), methods=both),
            Route(base + "/new-file", self._of(self.new_file), methods=both),
            Route(base + "/star", self._of(self.star), methods=["POST"]),
        ]

    async def code(self, request: Request, repo: Row) -> Response:
        """A folder, and the README of the top one."""
        files = self.context.repos.files(repo["name"])
        path = request.path_params.get("path", "").strip("/")
        items = folder(files, path)
        if path and not items:
            raise HTTPException(404)
        log = self.context.repos.log(repo["name"])
        readme = "" if path else self._text(repo["name"], "README.md")
        scheme = request.url.scheme
        clone = f"{scheme}://{self.context.host}/{repo['name']}.git"
        values = {"items": items, "here": path, "log": log, "readme": readme, "clone": clone}
        return self._show(request, repo, "code.html", **values)

    async def blob(self, request: Request, repo: Row) -> Response:
        """A file with numbered lines."""
        path = request.path_params["path"]
        data = self.context.repos.read(repo["name"], path)
        if data is None:
            raise HTTPException(404)
        text = data[:_MOST_SHOWN].decode("utf-8", "replace")
        lines = text.splitlines()
        return self._show(request, repo, "blob.html", here=path, lines=lines, size=len(data))

    async def raw(self, request: Request, repo: Row) -> Response:
        """A file as it is."""
        data = self.context.repos.read(repo["name"], request.path_params["path"])
        if data is None:
            raise HTTPException(404)
        headers = {"x-content-type-options": "nosniff"}
        return Response(data, media_type="text/plain; charset=utf-8", headers=headers)

    async def commits(self, request: Request, repo: Row) -> Response:
        """The history."""
        log = self.context.repos.log(repo["name"])
        return self._show(request, repo, "commits.html", log=log)

    async def issues(self, request: Request, repo: Row) -> Response:
        """Issues or pull requests, most discussed first if asked for."""
        kind = "pull" if request.url.path.endswith("/pulls") else "issue"
        rows = self.store.rows(
            "SELECT issue.*, (SELECT count(*) FROM reply WHERE issue = issue.id) AS replies "
            "FROM issue WHERE repo = ? AND kind = ? ORDER BY number DESC",
            *(repo["name"], kind),
        )
        if request.query_params.get("sort") == "replies":
            rows.sort(key=lambda row: -row["replies"])
        return self._show(request, repo, "issues.html", rows=rows, kind=kind)

    async def issue(self, request: Request, repo: Row) -> Response:
        """One issue with its replies."""
        number = request.path_params["number"]
        sql = "SELECT * FROM issue WHERE repo = ? AND number = ?"
        row = self.store.row(sql, repo["name"], number)
        if row is None:
            raise HTTPException(404)
        if request.method == "POST":
            return await self._reply(request, repo, row)
        sql = "SELECT * FROM reply WHERE issue = ? ORDER BY id"
        replies = self.store.rows(sql, row["id"])
        return self._show(request, repo, "issue.html", row=row, replies=replies)

    async def new_issue(self, request: Request, repo: Row) -> Response:
        """Write an issue."""
        me = self.sessions.current(request)
        if me is None:
            return RedirectResponse("/login", 303)
        form = await read_form(request)
        given = {name: form.text(name) for name in ("title", "body")}
        if request.method == "POST" and given["title"]:
            issue = {"author": me["user"], "seeded": 0, **given}
            number = add_issue(self.store, repo["name"], "issue", issue)
            data = {"repo": repo["name"], "number": number, "author": me["user"], **given}
            self.context.record("issue_opened", data)
            return self.pages.go(f"/{repo['name']}/issues/{number}")
        missing = request.method == "POST"
        return self._show(request, repo, "new_issue.html", missing=missing, given=given)

    async def new_file(self, request: Request, repo: Row) -> Response:
        """Add a file in the browser; only the owner may."""
        me = self.sessions.current(request)
        if me is None:
            return RedirectResponse("/login", 303)
        if me["user"].lower() != repo["owner"].lower():
            raise HTTPException(403)
        form = await read_form(request)
        path, body, errors = form.text("path", limit=200).strip("/"), form.raw("body"), []
        if request.method == "POST":
            good = path and ".." not in path and path.isprintable() and ".git" not in path
            errors += [] if good else ["Enter a file name such as docs/notes.md."]
            files: dict[str, str | bytes | None] = {path: body}
            files |= {up.name: up.data for up in form.uploads("files") if "/" not in up.name}
            if not errors:
                message = form.text("message", limit=200) or f"Add {path}"
                author = f"{me['name']} <{me['user']}@users.{self.context.host}>"
                now = self.context.now
                self.context.repos.commit(
                    repo["name"], files, message=message, author=author, when=now
                )
                data = {"repo": repo["name"], "files": sorted(files), "user": me["user"]}
                self.context.record("file_committed", data)
                return self.pages.go(f"/{repo['name']}", notice="The file is committed.")
        return self._show(request, repo, "new_file.html", errors=errors, path_given=path, body=body)

    async def star(self, request: Request, repo: Row) -> Response:
        """Star a repository, or take the star back."""
        me = self.sessions.current(request)
        if me is None:
            return RedirectResponse("/login", 303)
        star = {"user": me["user"], "repo": repo["name"]}
        on = self.store.toggle("star", **star)
        sql = "UPDATE repository SET stars = stars + ? WHERE name = ?"
        self.store.write(sql, 1 if on else -1, repo["name"])
        self.context.record("starred" if on else "unstarred", star)
        return self.pages.go(f"/{repo['name']}")

    async def _reply(self, request: Request, repo: Row, issue: Row) -> Response:
        me = self.sessions.current(request)
        if me is None:
            return RedirectResponse("/login", 303)
        body = (await read_form(request)).text("body")
        here = f"/{repo['name']}/issues/{issue['number']}"
        if not body:
            return self.pages.go(here, notice="Write something first.")
        values = {"issue": issue["id"], "author": me["user"], "body": body}
        self.store.insert("reply", **values, seeded=0)
        data = {"repo": repo["name"], "number": issue["number"], "author": me["user"], "body": body}
        self.context.record("issue_answered", data)
        return self.pages.go(here, notice="Your comment is published.")

    def _show(self, request: Request, repo: Row, template: str, **values: Any) -> Response:
        sql = "SELECT kind, count(*) AS n FROM issue WHERE repo = ? GROUP BY kind"
        counts = {row["kind"]: row["n"] for row in self.store.rows(sql, repo["name"])}
        return self.pages.html(request, template, repo=repo, counts=counts, **values)

    def _text(self, repo: str, path: str) -> str:
        data = self.context.repos.read(repo, path)
        return "" if data is None else data[:_MOST_SHOWN].decode("utf-8", "replace")

    def _of(self, page: _Page) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            name = f"{request.path_params['owner']}/{request.path_params['name']}"
            sql = "SELECT * FROM repository WHERE name = ?"
            repo = self.store.row(sql, name.removesuffix(".git"))
            me = self.sessions.current(request)
            hidden = repo and repo["private"] and (not me or me["user"] != repo["owner"])
            if repo is None or hidden:
                raise HTTPException(404)
            return await page(request, repo)

        return handle
