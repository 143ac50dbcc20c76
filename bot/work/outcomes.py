"""What the outside things report of a walk over keys, as the work sees it."""

from __future__ import annotations

from typing import Protocol


class Batch(Protocol):
    """How far a walk over keys is."""

    @property
    def done(self) -> int:
        """Return the keys dealt with."""
        ...

    @property
    def total(self) -> int:
        """Return the keys expected, 0 where unknown."""
        ...

    @property
    def held_back(self) -> str:
        """Return in a few words why it is slower than asked for, empty where it is not."""
        ...


class PurgeOutcome(Protocol):
    """What a purge did."""

    @property
    def taken(self) -> int:
        """Return the keys taken out by this snapshot, earlier runs of it included."""
        ...

    @property
    def quarantined(self) -> int:
        """Return the large keys set aside on the server."""
        ...

    @property
    def bytes(self) -> int:
        """Return the bytes captured."""
        ...


class RestoreOutcome(Protocol):
    """What a restore did."""

    @property
    def restored(self) -> int:
        """Return the keys written back."""
        ...

    @property
    def kept_fresher(self) -> int:
        """Return the keys the app had written again already."""
        ...

    @property
    def expired(self) -> int:
        """Return the keys whose time was over."""
        ...

    @property
    def failed(self) -> int:
        """Return the keys the server refused."""
        ...


class VerifyOutcome(Protocol):
    """What a comparison of snapshot and server found."""

    @property
    def equal(self) -> int:
        """Return the keys with the same content and expiry."""
        ...

    @property
    def different(self) -> int:
        """Return the keys with other content or expiry."""
        ...

    @property
    def fresher(self) -> int:
        """Return those of the different keys that hold other content; the rest has another expiry."""
        ...

    @property
    def missing(self) -> int:
        """Return the keys that should be there and are not."""
        ...

    @property
    def expired(self) -> int:
        """Return the keys whose time was over."""
        ...


class Copied(Protocol):
    """The copies that a drill works on."""

    @property
    def pattern(self) -> str:
        """Return what matches them and nothing else."""
        ...

    @property
    def keys(self) -> int:
        """Return how many there are."""
        ...

    @property
    def skipped(self) -> int:
        """Return the keys that were too large, or gone, when they were to be copied."""
        ...


class Proof(Protocol):
    """What a check of a snapshot's checksums found."""

    @property
    def keys(self) -> int:
        """Return the keys in it."""
        ...

    @property
    def bytes(self) -> int:
        """Return its size on disk."""
        ...

    @property
    def problem(self) -> str | None:
        """Return what is wrong, None where it is whole."""
        ...
