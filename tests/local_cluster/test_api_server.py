"""The API server's client, against a server that is not up yet."""

import socket
import struct
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from local_cluster.api_server import ApiServer
from local_cluster.pki import make_pki

ATTEMPTS = 400
"""About one reset in fifty comes early enough to leave a socket behind: all 400 miss it once in 3000 runs."""


@pytest.fixture
def resetting_port() -> Iterator[int]:
    """A port whose every connection is reset at once, as a server's that is about to start."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=reset_everybody, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def reset_everybody(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def test_a_server_that_resets_connections_is_not_ready_and_nothing_warns(
    resetting_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", warned.append)
    make_pki(tmp_path / "pki")
    cluster = SimpleNamespace(
        place=SimpleNamespace(pki_dir=tmp_path / "pki"), api_port=resetting_port
    )

    with ApiServer(cluster) as api:  # type: ignore[arg-type]
        assert not any(api.is_ready() for _ in range(ATTEMPTS))

    assert warned == []
