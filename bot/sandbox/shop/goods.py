"""What the shop sells, made up from the number of the product."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.shop.versions import Version

PRODUCTS = 10_000
PAGE_SIZE = 12

_KINDS = ("Lamp", "Chair", "Kettle", "Notebook", "Blanket", "Clock", "Bowl", "Radio", "Basket")
_MAKES = ("Oak", "Linen", "Copper", "Cobalt", "Amber", "Slate", "Birch", "Coral", "Ivory", "Moss")
_SIZES = ("small", "medium", "large", "travel size")


@dataclass(frozen=True, kw_only=True)
class Product:
    """One product; the price is in cents, before tax in v1, with tax since the new price table."""

    number: int
    name: str
    size: str
    cents: int
    stock: int


def product(number: int, version: Version) -> Product:
    """Return a product as a version of the shop prices it."""
    net = 495 + (number * 7919) % 19_000
    return Product(
        number=number,
        name=f"{_MAKES[number * 3 % len(_MAKES)]} {_KINDS[number % len(_KINDS)]}",
        size=_SIZES[number // 3 % len(_SIZES)],
        cents=net if version is Version.V1 else net * 119 // 100,
        stock=number * 31 % 47,
    )


def shelf(page: int, version: Version) -> tuple[Product, ...]:
    """Return the products of a page of the list, counted from 1."""
    first = (page - 1) * PAGE_SIZE + 1
    last = min(first + PAGE_SIZE, PRODUCTS + 1)
    return tuple(product(number, version) for number in range(first, last))


def euros(cents: int) -> str:
    """Return an amount as it is shown."""
    return f"€ {cents // 100}.{cents % 100:02d}"
