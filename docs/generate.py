"""Write `docs/reference/` from the code: `python docs/generate.py`.

Nothing in there is written by hand; a test compares it with what this program would write.
"""

import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it can be run as a file

from docs import program_pages, task_pages
from docs.schema import file_schema
from riosim.action import action_json_schema
from riosim.task.schema import Chore, TaskFile

FOLDER: Final = Path(__file__).resolve().parent / "reference"


@cache
def pages() -> dict[str, str]:
    """Return every file of `docs/reference/` by name."""
    texts = {
        "README.md": _contents(),
        "tasks.md": task_pages.tasks(),
        "actions.md": task_pages.actions(),
        "cli.md": program_pages.command_line(),
        "rates.md": program_pages.rates(),
        "errors.md": program_pages.error_page(),
        "taxonomy.md": task_pages.taxonomy(),
        "plugins.md": program_pages.plugins(),
        "action.schema.json": _json(action_json_schema()),
        "task.schema.json": _json(file_schema(TaskFile, "A task of riosim")),
        "chore.schema.json": _json(file_schema(Chore, "A chore of riosim")),
    }
    return {name: text.rstrip() + "\n" for name, text in texts.items()}


def _json(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=1, sort_keys=True)


def _contents() -> str:
    lines = [
        "# Reference",
        "",
        "Made from the code by `python docs/generate.py`; do not edit.",
        "",
        "- [Task vocabulary](tasks.md): keys, checks, set-up verbs, triggers, oracle steps; JSON "
        "schemas for editors: [task](task.schema.json), [chore](chore.schema.json)",
        "- [Actions](actions.md): what an agent can do; [JSON schema](action.schema.json)",
        "- [Command line](cli.md)",
        "- [Rates](rates.md): what is counted among what; outcomes",
        "- [Errors](errors.md) and exit codes",
        "- [Taxonomy](taxonomy.md): categories and tags of tasks",
        "- [Plug-ins](plugins.md): agents, sandboxes, monitors",
    ]
    return "\n".join(lines)


def main(arguments: Iterable[str] = ()) -> int:
    """Write the files, or with `--check` say which are not current."""
    check = "--check" in list(arguments)
    stale = []
    wanted = pages()
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        if path.name not in wanted:
            stale.append(path.name)
            if not check:
                path.unlink()
    for name, text in wanted.items():
        path = FOLDER / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    sys.stdout.writelines(f"{'stale' if check else 'wrote'} {name}\n" for name in stale)
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
