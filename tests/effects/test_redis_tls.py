"""TLS is checked, never skipped; unix sockets and passwords with odd characters work."""

from __future__ import annotations

import datetime
import ipaddress
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.release.refusal import Code, Refusal
from tests.effects.conftest import DEADLINE_S, free_port
from tests.effects.keyspaces import SCOPE, plant_many, purge, restore, snapshots_in
from tests.effects.servers import binaries

PASSWORD = "p@ss:w/rd?#%"


@dataclass(frozen=True, kw_only=True)
class Secure:
    """A server that speaks TLS on a port and plain text on a socket; `certificate` is the only one to trust."""

    port: int
    socket: Path
    certificate: Path

    def url(self, *, trusted: bool) -> str:
        trust = f"?ssl_ca_certs={self.certificate}" if trusted else ""
        return f"rediss://:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/0{trust}"


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "redis")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "redis.crt", folder / "redis.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    folder = tmp_path_factory.mktemp("tls")
    pem, secret = _certificate(folder)
    port, socket = free_port(), folder / "redis.sock"
    words = ["--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", ""]
    tls = ["--tls-cert-file", str(pem), "--tls-key-file", str(secret), "--tls-auth-clients", "no"]
    more = ["--unixsocket", str(socket), "--requirepass", PASSWORD, "--dir", str(folder)]
    process = subprocess.Popen(
        [str(binaries()["redis-7"]), *words, *tls, "--tls-ca-cert-file", str(pem), *more],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + DEADLINE_S
    while not socket.exists():
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.02)
    yield Secure(port=port, socket=socket, certificate=pem)
    process.terminate()
    process.wait(timeout=DEADLINE_S)


def test_a_purge_and_its_undo_over_tls(secure: Secure, tmp_path: Path) -> None:
    keyspace, files = RedisKeyspace(secure.url(trusted=True)), snapshots_in(tmp_path)
    with Redis(unix_socket_path=str(secure.socket), password=PASSWORD) as client:
        client.flushall()
        plant_many(client, 500)
        assert keyspace.describe().startswith("redis 7.")
        assert purge(keyspace, files).taken == 500
        assert client.dbsize() == 0
        assert restore(keyspace, files).restored == 500
        assert client.dbsize() == 500


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Secure) -> None:
    with pytest.raises(Refusal) as refused:
        RedisKeyspace(secure.url(trusted=False)).count(SCOPE)
    assert refused.value.code is Code.REDIS_UNREACHABLE
    assert "certificate verify failed" in refused.value.failed
    assert PASSWORD not in str(refused.value)


def test_a_unix_socket_is_an_address(secure: Secure) -> None:
    url = f"unix://:{quote(PASSWORD, safe='')}@{secure.socket}?db=0"
    with Redis(unix_socket_path=str(secure.socket), password=PASSWORD) as client:
        client.flushall()
        plant_many(client, 30)
    assert RedisKeyspace(url).count(SCOPE)[0][0].keys == 30
