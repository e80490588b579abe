"""Whether a gateway takes old TLS, asked of servers that do and do not."""

import contextlib
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.https_checks import DOMAIN, make_certificate, speaks_old_tls

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@contextlib.contextmanager
def serving(folder: Path, oldest: str) -> Iterator[int]:
    """The port of a server that takes `oldest` and every newer TLS."""
    certificate, key = make_certificate(DOMAIN)
    (folder / "crt").write_text(certificate)
    (folder / "key").write_text(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion[oldest]
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_once, args=(server, context))
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def answer_once(server: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = server.accept()
    with (
        contextlib.suppress(OSError),
        connection,
        context.wrap_socket(connection, server_side=True) as secure,
    ):
        secure.recv(1000)
        secure.sendall(ANSWER)


@pytest.mark.parametrize(("oldest", "taken"), [("TLSv1", True), ("TLSv1_2", False)])
def test_old_tls_is_told_from_new(tmp_path: Path, oldest: str, taken: bool) -> None:
    with serving(tmp_path, oldest) as port:
        assert speaks_old_tls(port) is taken
