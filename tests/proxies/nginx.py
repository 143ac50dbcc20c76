"""A real nginx that caches what stands behind it, set up for each test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_S = 30.0
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True, kw_only=True)
class Caching:
    """How the cache is set up, each field in nginx's own words.

    `key` is proxy_cache_key; `bypass` are the variables of proxy_cache_bypass, and of proxy_no_cache
    unless `keeps_bypassed`;
    `ignored` are the headers of proxy_ignore_headers; `valid` the lines of proxy_cache_valid;
    `forced` are patterns of paths that are kept for a minute whatever their headers say;
    `stale` the words of proxy_cache_use_stale; `indicator` is the header that tells hit from miss.
    """

    key: str = "$scheme$host$request_uri"
    bypass: tuple[str, ...] = ()
    keeps_bypassed: bool = False
    ignored: tuple[str, ...] = ()
    valid: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    indicator: str | None = "X-Cache-Status"


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A running nginx; `url` is what visitors ask, `kept` the folder of its cache."""

    url: str
    kept: Path

    def keys(self) -> dict[str, Path]:
        """Return every key that is kept, and its file: nginx writes the key into each."""
        found = {}
        for file in (path for path in self.kept.rglob("*") if path.is_file()):
            _, named, rest = file.read_bytes().partition(b"\nKEY: ")
            if named:
                found[rest.partition(b"\n")[0].decode()] = file
        return found

    def purge(self, part: str) -> int:
        """Delete what is kept under keys that hold `part`; return how many. nginx asks anew then."""
        files = [file for key, file in self.keys().items() if part in key]
        for file in files:
            file.unlink()
        return len(files)


def find_nginx() -> str | None:
    """Return nginx's program, NGINX names another one; None where this machine has none."""
    named = os.environ.get("NGINX") or "nginx"
    return shutil.which(named) or shutil.which(named, path="/usr/sbin:/usr/local/sbin")


def _lines(caching: Caching) -> str:
    words = [f"proxy_cache_key {caching.key}"]
    if caching.bypass:
        variables = " ".join(caching.bypass)
        words.append(f"proxy_cache_bypass {variables}")
        words += [] if caching.keeps_bypassed else [f"proxy_no_cache {variables}"]
    if caching.ignored:
        words.append(f"proxy_ignore_headers {' '.join(caching.ignored)}")
    words += [f"proxy_cache_valid {line}" for line in caching.valid]
    if caching.stale:
        words.append(f"proxy_cache_use_stale {' '.join(caching.stale)}")
    if caching.indicator is not None:
        words.append(f"add_header {caching.indicator} $upstream_cache_status always")
    return "".join(f"    {line};\n" for line in words)


def configuration(caching: Caching, *, port: int, origin: str) -> str:
    """Return nginx.conf; its folders are below the prefix that nginx is started with."""
    forced = "".join(
        f"    location ~ {pattern} {{ proxy_pass {origin}; proxy_cache_valid any 1m;\n"
        "      proxy_cache_bypass 0; proxy_no_cache 0;\n"
        "      proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires; }\n"
        for pattern in caching.forced
    )
    temporary = "".join(f"  {name}_temp_path temporary/{name};\n" for name in _TEMPORARY)
    return (
        "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log error.log warn;\n"
        "events { worker_connections 64; }\n"
        "http {\n"
        f"  access_log off;\n{temporary}"
        "  proxy_cache_path kept levels=1 keys_zone=pages:1m inactive=10m use_temp_path=off;\n"
        "  proxy_http_version 1.1;\n"
        f"  server {{\n    listen 127.0.0.1:{port};\n    proxy_cache pages;\n"
        "    proxy_set_header Host $http_host;\n"
        f"{_lines(caching)}{forced}"
        f"    location / {{ proxy_pass {origin}; }}\n"
        "  }\n}\n"
    )


@contextmanager
def running_nginx(caching: Caching, *, origin: str, folder: Path) -> Iterator[Proxy]:
    """Run nginx before an origin on a free port of 127.0.0.1; everything it writes is in the folder."""
    (folder / "temporary").mkdir(parents=True)
    process, port = _start(caching, origin, folder)
    try:
        yield Proxy(url=f"http://127.0.0.1:{port}", kept=folder / "kept")
    finally:
        process.terminate()
        process.wait(timeout=START_S)


def _start(caching: Caching, origin: str, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start it and wait until it answers; another port where somebody else took the free one."""
    program = find_nginx()
    assert program is not None, "these tests are deselected where there is no nginx"
    for _ in range(3):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = int(listener.getsockname()[1])
        (folder / "nginx.conf").write_text(configuration(caching, port=port, origin=origin))
        process = subprocess.Popen(
            [program, "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if _answers(process, port):
            return process, port
    raise RuntimeError(f"nginx does not run: {(folder / 'error.log').read_text()[-500:]}")


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.01)
    process.kill()
    process.wait()
    return False
