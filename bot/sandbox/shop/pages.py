"""The shop's pages, as text."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.shop.goods import PAGE_SIZE, PRODUCTS, euros, product, shelf
from bot.sandbox.shop.versions import NOTES, Version


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who looks: account `a`, `b` and so on, or None for anybody."""

    account: str | None

    @property
    def greeting(self) -> str:
        """Return the line that only a signed-in visitor sees."""
        if self.account is None:
            return '<a href="/sign-in/a">Sign in as A</a> · <a href="/sign-in/b">Sign in as B</a>'
        return (
            f'<b>Signed in as account {self.account.upper()}</b> · <a href="/sign-out">Sign out</a>'
        )


def frame(title: str, main: str, *, visitor: Visitor, environment: str, version: Version) -> str:
    """Return a whole page around its main part; the footer names the version that made it."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Oak &amp; Linen</title><link rel="stylesheet" href="/shop.css"></head>
<body class="{environment}"><header><a class="brand" href="/products">Oak &amp; Linen</a>
<nav><a href="/products">Products</a><a href="/cart">Cart</a><a href="/about">About</a></nav>
<p class="who">{visitor.greeting}</p></header>
<main><h1>{title}</h1>
{main}
</main>
<footer>Demo shop · {environment} · this page was made by <b>{version}</b> ·
<a href="/__deploy">Deploy</a></footer></body></html>
"""


def products(page: int, version: Version) -> str:
    """Return the list of products."""
    head = "Price" if version is Version.V1 else "Price with tax"
    rows = "".join(
        f'<li><a href="/products/{one.number}"><span>{one.name}</span><small>{one.size}</small></a>'
        f"<b>{euros(one.cents)}</b></li>"
        for one in shelf(page, version)
    )
    last = -(-PRODUCTS // PAGE_SIZE)
    older = f'<a href="/products?page={page - 1}">Back</a>' if page > 1 else "<span></span>"
    newer = f'<a href="/products?page={page + 1}">More</a>' if page < last else "<span></span>"
    return (
        f'<p class="head"><span>Product</span><span>{head}</span></p><ul class="shelf">{rows}</ul>'
        f'<p class="turn">{older}<span>Page {page} of {last}</span>{newer}</p>'
    )


def one_product(number: int, version: Version) -> tuple[str, str]:
    """Return the title and the main part of a product's own page."""
    one = product(number, version)
    label = "Price" if version is Version.V1 else "Price with tax"
    return one.name, (
        f'<dl class="facts"><dt>Size</dt><dd>{one.size}</dd><dt>{label}</dt><dd>{euros(one.cents)}</dd>'
        f"<dt>In stock</dt><dd>{one.stock}</dd></dl><p><a href='/products'>All products</a></p>"
    )


def cart(visitor: Visitor) -> str:
    """Return the cart, which only a signed-in visitor has something in."""
    if visitor.account is None:
        return "<p>Your cart is empty. Sign in to see what you left in it.</p>"
    seed = sum(visitor.account.encode())
    rows = "".join(
        f"<li><span>{product(seed + step, Version.V1).name}</span><b>1 ×</b></li>"
        for step in range(3)
    )
    return f'<ul class="shelf">{rows}</ul>'


def about(shop: int | None) -> str:
    """Return the page about the shop, or about one of its branches."""
    if shop is None:
        return (
            "<p>Plain things for the house, made up for this demo. Nothing here can be bought.</p>"
        )
    return f"<p>Branch {shop}: open from {7 + shop % 4} to {17 + shop % 5}, closed on Sundays.</p>"


def control(live: Version) -> str:
    """Return the page where a version is made live by hand."""
    rows = "".join(
        f'<form method="post" action="/__deploy/{version}"><button {"disabled" if version is live else ""}>'
        f"Deploy {version}</button><p>{NOTES[version]}</p></form>"
        for version in Version
    )
    return (
        f'<p role="status">Live now: <b>{live}</b>. What is cached stays as it was until it is purged.</p>'
        f'<div class="versions">{rows}</div>'
    )
