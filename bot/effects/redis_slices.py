"""One slice of a staged capture: a short look at the keyspace that renames what it copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from redis.exceptions import NoScriptError, ResponseError

from bot.effects.redis_abilities import Abilities
from bot.effects.redis_connect import RedisLink, refusal_of
from bot.effects.redis_wanted import Wanted
from bot.effects.snapshot_frames import Captured, SetAside
from bot.release.refusal import Refusal
from bot.release.scope import show_key
from bot.release.waves import PARTS

START = b"0"
BIG = 1_000_000
MOST_BYTES = 256_000

# The clock: `os.clock` where it exists (there TIME stands still inside a script), TIME on older servers.
# A page that is left half way is looked at again: what was renamed is not found there twice.
SCRIPT = b"""
local has_clock = pcall(function() return os.clock() end)
local function now()
  if has_clock then return os.clock() * 1000000 end
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end
local cursor, glob, stage = ARGV[1], ARGV[2], ARGV[3]
local budget, most, big, absolute = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7] == '1'
local begun, taken, aside, wrong = now(), {}, {}, {}
local bytes, again, unlinked, scanned, pages, done, left = 0, 0, 0, 0, 0, false, false
local function refused(answer, key)
  if type(answer) ~= 'table' or not answer.err then return false end
  wrong[#wrong + 1] = key
  wrong[#wrong + 1] = answer.err
  return true
end
local wave_first, wave_last, parts = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local last = 11 + tonumber(ARGV[11])
local function meant(key)
  if wave_first > 0 or wave_last < parts then
    local part = tonumber(string.sub(redis.sha1hex(key), 1, 7), 16) % parts
    if part < wave_first or part >= wave_last then return false end
  end
  for i = 12, last do
    if string.find(key, ARGV[i]) then return true end
  end
  return last == 11
end
for i = last + 1, #ARGV do
  if refused(redis.pcall('UNLINK', stage .. ARGV[i]), ARGV[i]) then break end
  unlinked = unlinked + 1
  if now() - begun >= budget / 2 then break end
end
local function expiry(key)
  if absolute then return redis.pcall('PEXPIRETIME', key) end
  local rest = redis.pcall('PTTL', key)
  if type(rest) ~= 'number' or rest < 0 then return rest end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000) + rest
end
local function take(key)
  local size = redis.pcall('MEMORY', 'USAGE', key)
  if refused(size, key) or not size then return false end
  local dump = false
  if size <= big then dump = redis.pcall('DUMP', key) end
  if refused(dump, key) or (size <= big and not dump) then return false end
  local at = expiry(key)
  if refused(at, key) then return false end
  local moved = redis.pcall('RENAMENX', key, stage .. key)
  if refused(moved, key) then return false end
  if moved == 0 then again = again + 1 return false end
  if dump then
    local n = #taken
    taken[n + 1] = key
    taken[n + 2] = at
    taken[n + 3] = dump
    bytes = bytes + #dump
  else
    aside[#aside + 1] = key
    aside[#aside + 1] = at
  end
  return true
end
local step = 16
while #wrong == 0 do
  pages = pages + 1
  local page = redis.call('SCAN', cursor, 'MATCH', glob, 'COUNT', step)
  local found, got, hits = page[2], false, 0
  for i = 1, #found do
    if meant(found[i]) then
      hits = hits + 1
      got = take(found[i]) or got
    end
    left = got and i < #found and (bytes >= most or now() - begun >= budget)
    if left then break end
  end
  if left then break end
  scanned = scanned + step
  cursor = page[1]
  done = cursor == '0'
  if done or pages >= 100 or bytes >= most or now() - begun >= budget then break end
  if hits > 8 then step = math.max(8, math.floor(step / 2)) elseif step < 128 then step = step * 2 end
end
return {cursor, done and 1 or 0, taken, aside, wrong, again, unlinked, scanned, math.floor(now() - begun)}
"""


@dataclass(frozen=True, kw_only=True)
class Slice:
    """What one slice did. `aside` are keys too large to dump; `again` counts keys whose staged name was taken.

    `unlinked` is how many of the durable keys that were handed in are gone; `micros` is the server's own time.
    `wrong` is what the server refused: nothing more was taken after it.
    """

    cursor: bytes
    done: bool
    taken: tuple[Captured, ...]
    aside: tuple[SetAside, ...]
    again: int
    unlinked: int
    scanned: int
    micros: int
    wrong: Refusal | None = None


class Slicer(Protocol):
    """How slices are taken on this server: each is sent, and received before anything else is asked."""

    def send(self, cursor: bytes, wanted: Wanted, durable: Sequence[bytes]) -> None:
        """UNLINK the staged copies of `durable`, then copy and rename wanted keys from the cursor on."""
        ...

    def receive(self) -> Slice:
        """Return what the slice that was sent did."""
        ...


class ScriptSlicer:
    """Slices by a script that watches its own clock."""

    def __init__(self, link: RedisLink, found: Abilities, stage: bytes, budget_us: int) -> None:
        """Take the staged names' prefix and the microseconds that one slice may keep the server."""
        self._link = link
        self._stage = stage
        self._fixed = (stage, budget_us, MOST_BYTES, BIG, int(found.absolute_expiry))
        digest = link.ask("SCRIPT", "LOAD", SCRIPT)
        self._digest: bytes | None = None if isinstance(digest, ResponseError) else digest
        self._words: tuple[bytes | int, ...] = ()

    def send(self, cursor: bytes, wanted: Wanted, durable: Sequence[bytes]) -> None:
        """Start the script once."""
        meant, wave = wanted.expressions, (wanted.wave.first, wanted.wave.last, PARTS)
        self._words = (cursor, wanted.glob, *self._fixed, *wave, len(meant), *meant, *durable)
        if self._digest is None:
            self._link.post("EVAL", SCRIPT, 0, *self._words)
        else:
            self._link.post("EVALSHA", self._digest, 0, *self._words)

    def receive(self) -> Slice:
        """Return what the script did."""
        answer = self._answer()
        at, done, taken, aside, wrong, again, unlinked, scanned, micros = answer
        captured = zip(taken[::3], taken[1::3], taken[2::3], strict=True)
        return Slice(
            cursor=at,
            done=bool(done),
            taken=tuple(Captured(key=k, expires_at=max(t, 0), dump=d) for k, t, d in captured),
            aside=tuple(
                SetAside(key=key, staged=self._stage + key, expires_at=max(moment, 0))
                for key, moment in zip(aside[::2], aside[1::2], strict=True)
            ),
            again=again,
            unlinked=unlinked,
            scanned=scanned,
            micros=micros,
            wrong=wrong_of(self._link, wrong[0], _text(wrong[1])) if wrong else None,
        )

    def _answer(self) -> list[Any]:
        answer = self._link.collect()
        if isinstance(answer, NoScriptError):
            answer = self._link.ask("EVAL", SCRIPT, 0, *self._words)
        if isinstance(answer, ResponseError):
            raise refusal_of(answer, "the capture script stopped", self._link.place)
        return list(answer)


def wrong_of(link: RedisLink, key: bytes, said: str) -> Refusal:
    """Return the Refusal for a key that the server would not let us take."""
    return refusal_of(ResponseError(said), f"key {show_key(key)} was refused", link.place)


def _text(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer
