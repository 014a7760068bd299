"""The end of IMAP conversations: none outlives the world that they were about."""

import asyncio
from pathlib import Path

from riosim_world.authority import Authority
from riosim_world.imap_server import ImapServer
from riosim_world.mail_watch import MailWatch
from riosim_world.mailbox import MailStore


def test_a_closed_server_has_ended_once_no_conversation_runs(tmp_path: Path) -> None:
    async def talk_and_close() -> tuple[int, bytes]:
        mail = MailStore()
        tls = Authority(default_name="localhost").server_context()
        server = ImapServer(mail, MailWatch(mail, lambda kind, data: None), tls, tmp_path)
        port = await server.open("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        greeting = await reader.readline()
        server.close()
        await server.ended()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        writer.close()
        return len(others), greeting

    n_left, greeting = asyncio.run(talk_and_close())
    assert greeting.startswith(b"* OK")
    assert n_left == 0
