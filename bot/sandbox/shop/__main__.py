"""Runs the demo shop: python -m bot.sandbox.shop --port P --redis URL --environment E --versions-file F."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from bot.sandbox.shop.web import Shop


def main(
    redis: Annotated[str, typer.Option(help="URL of the page cache.")],
    versions_file: Annotated[Path, typer.Option(help="File that says which version is live.")],
    environment: Annotated[str, typer.Option(help="Name shown in the footer.")] = "production",
    port: Annotated[int, typer.Option(help="Port of 127.0.0.1; 0 takes a free one.")] = 0,
) -> None:
    """Serve the demo shop; its address is the first line printed."""
    shop = Shop(redis_url=redis, environment=environment, versions_file=versions_file)
    # asyncio turns Nagle's algorithm off only for sockets that name TCP; with it a page takes 40 ms more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    typer.echo(f"http://127.0.0.1:{listener.getsockname()[1]}")
    config = uvicorn.Config(shop.app(), log_level="warning", access_log=False, date_header=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    typer.run(main)
