from __future__ import annotations

import datetime
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.effects.http.exchange import Exchange, exchange
from bot.effects.http.pinned_adapter import PinnedAdapter

HOST = "shop.example"


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(0.02)
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"page")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "shop.crt", folder / "shop.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


@contextmanager
def _served(pem: Path, secret: Path) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    server.daemon_threads = True
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(pem, secret)
    server.socket = trust.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Exchange, Exchange]:
    """Two answers over one connection to a pinned address, the certificate's name checked."""
    pem, secret = _certificate(tmp_path_factory.mktemp("shop"))
    with _served(pem, secret) as port, requests.Session() as session:
        session.trust_env = False
        session.verify = str(pem)
        session.mount("https://", PinnedAdapter(("127.0.0.1",)))
        seen = []
        for _ in range(2):
            prepared = session.prepare_request(
                requests.Request("GET", f"https://{HOST}:{port}/page")
            )
            prepared.headers["Accept-Encoding"] = "identity"
            seen.append(
                exchange(
                    session,
                    prepared,
                    timeout_s=5.0,
                    keep_body=True,
                    timer=time.perf_counter,
                    dns_s=0.001,
                )
            )
    return seen[0], seen[1]


def test_the_handshake_of_a_new_connection_is_a_phase_of_its_own(
    answers: tuple[Exchange, Exchange],
) -> None:
    new, _ = answers
    assert (new.error, new.body) == (None, "page")
    assert new.phases is not None
    assert not new.phases.reused
    assert new.phases.dns == 1.0
    assert new.phases.tcp > 0.0
    assert new.phases.tls > 0.1
    assert 20.0 <= new.phases.first_byte <= new.phases.total
    parts = new.phases.dns + new.phases.tcp + new.phases.tls + new.phases.wait
    assert parts <= new.phases.first_byte + 0.01


def test_a_reused_connection_has_no_handshake(answers: tuple[Exchange, Exchange]) -> None:
    _, again = answers
    assert again.phases is not None
    assert again.phases.reused
    assert (again.phases.dns, again.phases.tcp, again.phases.tls) == (0.0, 0.0, 0.0)
    assert again.phases.first_byte >= 20.0
