"""The HTTP doors beside the Web API: response_url, uploads, downloads, the page and its state."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.slack.acts import Acts
from bot.sandbox.slack.arguments import read_body
from bot.sandbox.slack.file_methods import receive
from bot.sandbox.slack.picture import picture
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.response_way import respond
from bot.sandbox.slack.state import Store
from bot.sandbox.slack.troubles import Troubles, failure
from bot.sandbox.slack.workspace import Person

PAGE = Path(__file__).parent.parent / "page"
COALESCED_S = 0.05
RESPONSE_URL = "response_url"
PNG = b"\x89PNG\r\n\x1a\n"


class WebDoor:
    """Everything on the port that is neither a method nor a websocket of the app."""

    def __init__(self, store: Store, acts: Acts, troubles: Troubles) -> None:
        self._store = store
        self._acts = acts
        self._troubles = troubles

    def routes(self) -> list[BaseRoute]:
        """Return the routes of these doors."""
        return [
            Route("/", self._page),
            Route("/archives/{channel}/{message}", self._page),
            Mount("/static", StaticFiles(directory=PAGE, check_dir=False)),
            Route("/page/state", self._state),
            Route("/page/act", self._act, methods=["POST"]),
            WebSocketRoute("/page/live", self._live),
            Route("/response/{way}", self._respond, methods=["POST"]),
            Route("/files/upload/{file}", self._upload, methods=["POST", "PUT"]),
            Route("/files/{file}/{name}", self._download),
        ]

    async def _page(self, request: Request) -> Response:
        index = PAGE / "index.html"
        if not index.is_file():
            return PlainTextResponse("The page is not there.", status_code=404)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    def person(self, person_id: str | None) -> Person | None:
        """Return the person to show; without an id the first one."""
        if not person_id:
            return self._store.workspace.people[0]
        return self._store.workspace.person(person_id)

    async def _state(self, request: Request) -> Response:
        person = self.person(request.query_params.get("as"))
        if person is None:
            return JSONResponse({"ok": False, "error": "Nobody here has this id."}, 404)
        return JSONResponse(picture(self._store, person))

    async def _act(self, request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("application/json"):
            return JSONResponse({"ok": False, "error": "An act is application/json."}, 415)
        try:
            act = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"ok": False, "error": "An act is a JSON object."}, 400)
        if not isinstance(act, dict):
            return JSONResponse({"ok": False, "error": "An act is a JSON object."}, 400)
        return JSONResponse(await self._acts.act(act))

    async def _live(self, websocket: WebSocket) -> None:
        person = self.person(websocket.query_params.get("as"))
        origin = websocket.headers.get("origin")
        foreign = origin is not None and origin.split("//")[-1] != websocket.headers.get("host")
        if person is None or foreign:
            await websocket.close()
            return
        await websocket.accept()
        news = asyncio.Event()
        self._store.on_change.append(news.set)
        pushing = asyncio.create_task(self._push(websocket, person, news))
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            self._store.on_change.remove(news.set)
            pushing.cancel()

    async def _push(self, websocket: WebSocket, person: Person, news: asyncio.Event) -> None:
        try:
            while True:
                news.clear()
                await websocket.send_json(picture(self._store, person))
                await asyncio.sleep(COALESCED_S)
                await news.wait()
        except (WebSocketDisconnect, RuntimeError):
            return  # the page is gone; its other task cleans up

    async def _respond(self, request: Request) -> Response:
        trouble = self._troubles.take(RESPONSE_URL)
        if trouble is not None:
            await asyncio.sleep(trouble.delay)
            if (failed := failure(trouble)) is not None:
                return failed
        try:
            content_type = request.headers.get("content-type", "")
            given: dict[str, Any] = read_body(content_type, await request.body(), "")
            respond(self._store, request.path_params["way"], given)
        except SlackError as refused:
            gone = refused.code in {"used_url", "expired_url", "invalid_url"}
            return JSONResponse(refused.answer(), 404 if gone else 400)
        return PlainTextResponse("ok")

    async def _upload(self, request: Request) -> Response:
        try:
            receive(self._store, request.path_params["file"], await request.body())
        except SlackError as refused:
            return PlainTextResponse(refused.code, 400)
        return PlainTextResponse("OK")

    async def _download(self, request: Request) -> Response:
        file = self._store.files.get(request.path_params["file"])
        if file is None or file.content is None:
            return PlainTextResponse("There is no such file.", 404)
        # Shown as a picture or as plain text, so that no upload can run as a page of this origin.
        drawn = file.content.startswith(PNG)
        kind = "image/png" if drawn else "text/plain; charset=utf-8"
        return Response(
            file.content, media_type=kind, headers={"X-Content-Type-Options": "nosniff"}
        )
