"""The requests of the logged-in probes: as whom, on which key, with what, and only after what."""

from __future__ import annotations

from dataclasses import dataclass

from bot.release.nonce_key import on_nonce_key

A, B = 0, 1
MOST_REQUESTS = 21


@dataclass(frozen=True, kw_only=True)
class Get:
    """One request: as account A or B (None: anybody), on a key of this run, on a bait, or on the page itself.

    `key` is added to the page's query as a key that nobody else can ask for; `bait` to its path, as a file
    that does not exist. `{nonce}` in a bait or a header is the run's nonce. `after_miss` and `after_hit`
    are labels of earlier requests: unless those were a plain miss, or a hit, this one is not sent.
    """

    label: str
    who: int | None = None
    key: str | None = None
    bait: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    after_miss: str | None = None
    after_hit: str | None = None


PROOF = "other key"
_ALONE = "then anybody"
_WARM = "key again"
CANARY = "{nonce}.invalid"
BAITS = ("/{nonce}1.css", ";{nonce}2.css", "%3F{nonce}3.css", "%23{nonce}4.css")


def bait_label(number: int, *, anybody: bool) -> str:
    """Return the label of the request for a bait, counted from 1."""
    return f"bait {number}{', then anybody' if anybody else ''}"


# First what is safe for everybody; then, on keys of this run, the account; and only where nothing of the
# account's was kept for others, the page itself, which an anonymous request has just warmed.
GETS: tuple[Get, ...] = (
    Get(label="key", key="-k"),
    Get(label="key again", key="-k"),
    Get(label=PROOF, key="-o", after_miss="key"),
    Get(label="a first", who=A, key="-1", after_miss=PROOF),
    Get(label="then anybody", key="-1", after_miss=PROOF),
    Get(label="then b", who=B, key="-1", after_miss=PROOF),
    Get(label="then a", who=A, key="-k", after_miss=PROOF),
    Get(label="anybody again", key="-k"),
    Get(label="canary", key="-x", headers=(("X-Forwarded-Host", CANARY),), after_miss=PROOF),
    Get(label="after canary", key="-x", after_miss=PROOF),
    Get(label="public"),
    Get(label="a on public", who=A, after_miss=_ALONE, after_hit=_WARM),
    Get(label="public again", after_miss=_ALONE, after_hit=_WARM),
    *(
        Get(label=bait_label(number, anybody=who is None), who=who, bait=bait, after_miss=_ALONE)
        for number, bait in enumerate(BAITS, start=1)
        for who in (A, None)
    ),
)

ANYBODY = tuple(get.label for get in GETS if get.who is None and get.bait is None)


def address(get: Get, path: str, nonce: str) -> str:
    """Return the path and query that the request asks for; `nonce` is 12 hex digits of this run."""
    if get.key is not None:
        return on_nonce_key(path, nonce, get.key)
    if get.bait is None:
        return path
    page = path.partition("?")[0]
    bait = get.bait.format(nonce=nonce)
    return (page.rstrip("/") if bait.startswith("/") else page) + bait


def own_headers(get: Get, nonce: str) -> tuple[tuple[str, str], ...]:
    """Return the headers that the request has beside a browser's."""
    return tuple((name, value.format(nonce=nonce)) for name, value in get.headers)


def in_words(get: Get) -> str:
    """Return the request as a reader of the table sees it: `A /page?__crc=…-1`."""
    who = "anybody" if get.who is None else "AB"[get.who]
    page = address(get, "/page", "…")
    sent = "".join(f", {name}: {value}" for name, value in own_headers(get, "…"))
    return f"{who} {page}{sent}"
