"""In how many waves a purge goes, and how far it is, in words."""

from __future__ import annotations

from bot.release.catalog import Environment

# A look between two waves takes seconds. A purge this small is over before the first could end, and its snapshot
# is back as fast.
SMALL = 1_000
CAUTIOUS = (1.0, 10.0, 100.0)
AT_ONCE = (100.0,)


def shares_of(name: str, environment: Environment, planned_keys: int) -> tuple[float, ...]:
    """Return the rising shares of the keys, in percent, that the waves of a purge reach."""
    if planned_keys < SMALL:
        return AT_ONCE
    if environment.waves is not None:
        return environment.waves
    return CAUTIOUS if name == "production" else AT_ONCE


def pulse(
    done: int, total: int, *, keys_per_s: float, wave: int, waves: int, what: str = "keys taken out"
) -> str:
    """Return what stands after `480 of 1,204`: share, wave, keys a second, time left."""
    parts = [what]
    if total > 0:
        parts[0] += f" ({min(100, 100 * done // total)} %)"
    if waves > 1:
        parts.append(f"wave {wave} of {waves}")
    if keys_per_s > 0:
        parts.append(f"{keys_per_s:,.0f} keys/s")
        if total > done:
            parts.append(f"{_time((total - done) / keys_per_s)} left")
    return ", ".join(parts)


def came_back(left: int, old: int | None) -> str:
    """Return what the second pass found, with what to do about it."""
    if left == 0:
        return "0 keys left."
    keys = "1 key" if left == 1 else f"{left:,} keys"
    if old is None:
        return f"{keys} came back; their content was not compared."
    if old == 0:
        return f"{keys} came back, none of them with old content."
    return (
        f"{keys} came back, {old:,} of them with old content: look whether an old version still runs, "
        "or whether those pages did not change."
    )


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60):,} min"
