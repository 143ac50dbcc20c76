"""The shop as a web application."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.release.refusal import Refusal
from bot.sandbox.shop import pages
from bot.sandbox.shop.goods import PAGE_SIZE, PRODUCTS
from bot.sandbox.shop.page_cache import KEPT_S, Copy, PageCache, key_of
from bot.sandbox.shop.pages import Visitor, frame
from bot.sandbox.shop.versions import Version, deploy, find_version, live_version

ACCOUNTS = ("a", "b")
SLOWER_S = 0.15
_STYLE = Path(__file__).with_name("shop.css").read_text(encoding="utf-8")

# A browser asks every time, a shared cache may keep the page for an hour.
_PUBLIC = f"public, max-age=0, s-maxage={KEPT_S}"
_PRIVATE = "private, no-store"

Main = Callable[[Visitor, Version], tuple[str, str]]


class Shop:
    """One shop: an environment's name, its page cache, and the file that says which version is live."""

    def __init__(self, *, redis_url: str, environment: str, versions_file: Path) -> None:
        """Take what makes this shop staging or production."""
        self._cache = PageCache(redis_url)
        self._environment = environment
        self._versions_file = versions_file

    def app(self) -> Starlette:
        """Return the application; it closes its connections at its end."""
        return Starlette(
            routes=[
                Route("/", lambda _: RedirectResponse("/products")),
                Route("/shop.css", lambda _: Response(_STYLE, media_type="text/css")),
                Route("/products", self.products),
                Route("/products/{number:int}", self.product),
                Route("/cart", self.cart),
                Route("/about", self.about),
                Route("/about/{number:int}", self.about),
                Route("/sign-in/{account}", self.sign_in),
                Route("/sign-out", self.sign_out),
                Route("/__deploy", self.control),
                Route("/__deploy/{version}", self.deploy, methods=["POST"]),
            ],
            lifespan=self._life,
        )

    @asynccontextmanager
    async def _life(self, _: Starlette) -> AsyncIterator[None]:
        yield
        await self._cache.close()

    async def products(self, request: Request) -> Response:
        """Answer with a page of the list."""
        text = request.query_params.get("page", "1")
        page = int(text) if text.isdecimal() and len(text) < 6 else 0
        if not 1 <= page <= -(-PRODUCTS // PAGE_SIZE):
            raise HTTPException(404, "There is no such page.")
        return await self._page(
            request, lambda _, version: ("Products", pages.products(page, version)), costly=True
        )

    async def product(self, request: Request) -> Response:
        """Answer with a product's own page."""
        number: int = request.path_params["number"]
        if not 1 <= number <= PRODUCTS:
            raise HTTPException(404, "There is no such product.")
        return await self._page(
            request, lambda _, version: pages.one_product(number, version), costly=True
        )

    async def cart(self, request: Request) -> Response:
        """Answer with the visitor's cart."""
        return await self._page(request, lambda visitor, _: ("Cart", pages.cart(visitor)))

    async def about(self, request: Request) -> Response:
        """Answer with the page about the shop or a branch."""
        branch: int | None = request.path_params.get("number")
        return await self._page(request, lambda *_: ("About", pages.about(branch)))

    async def _page(self, request: Request, main: Main, *, costly: bool = False) -> Response:
        """Answer from the cache, or make the page and keep it; a signed-in page is not cached.

        The leaky version forgets that last rule; the slow one is late with every costly page.
        """
        version = live_version(self._versions_file)
        account = request.cookies.get("session")
        visitor = Visitor(account=account if account in ACCOUNTS else None)
        shared = visitor.account is None or version is Version.LEAKY
        if costly and version is Version.SLOW:
            await asyncio.sleep(SLOWER_S)
        key = key_of(request.url.path, request.url.query)
        copy = await self._cache.find(key) if shared else None
        if copy is not None:
            return _answer(copy, shared=shared, hit=True)
        title, text = main(visitor, version)
        whole = frame(title, text, visitor=visitor, environment=self._environment, version=version)
        copy = Copy(text=whole, version=version, made_at=time.time())
        if shared:
            await self._cache.keep(key, copy)
        return _answer(copy, shared=shared, hit=False)

    async def sign_in(self, request: Request) -> Response:
        """Set the sign-in cookie of a test account."""
        account = request.path_params["account"]
        if account not in ACCOUNTS:
            raise HTTPException(404, "There is no such account.")
        answer = RedirectResponse("/products", 303, headers={"Cache-Control": "no-store"})
        answer.set_cookie("session", account, httponly=True, samesite="lax")
        return answer

    async def sign_out(self, _: Request) -> Response:
        """Take the sign-in cookie back."""
        answer = RedirectResponse("/products", 303, headers={"Cache-Control": "no-store"})
        answer.delete_cookie("session")
        return answer

    async def control(self, _: Request) -> Response:
        """Answer with the page where a version is made live by hand."""
        live = live_version(self._versions_file)
        page = frame(
            "Deploy",
            pages.control(live),
            visitor=Visitor(account=None),
            environment=self._environment,
            version=live,
        )
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})

    async def deploy(self, request: Request) -> Response:
        """Make a version live; refused where another site's page asks for it."""
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{request.headers.get('host')}":
            raise HTTPException(403, "Only this shop's own page may deploy.")
        try:
            version = find_version(request.path_params["version"])
        except Refusal as refusal:
            raise HTTPException(404, str(refusal)) from refusal
        deploy(self._versions_file, version)
        return RedirectResponse("/__deploy", 303)


def _answer(copy: Copy, *, shared: bool, hit: bool) -> Response:
    return HTMLResponse(
        copy.text,
        headers={
            "Cache-Control": _PUBLIC if shared else _PRIVATE,
            "Vary": "Cookie",
            "X-Cache": "HIT" if hit else "MISS",
            "Age": str(max(0, int(time.time() - copy.made_at))),
            "Date": formatdate(usegmt=True),
        },
    )
