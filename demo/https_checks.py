"""HTTPS at the gateway as a walk tries it: a certificate made for it, old TLS refused, port 80 redirecting."""

import ssl
import time
import warnings
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from demo.scene import Check, Finding, Scene

DOMAIN = "demo.example"
HOST = f"bookinfo.{DOMAIN}"
_DAYS = 7
_OPEN_SECONDS = 30.0
"""How long a port that was closed before may take to open at every gateway pod: nobody relies on it yet."""


def hidden(key: str) -> Check:
    """Whether the key is nowhere in plain text: not in the stack file, not in the state, not in the outputs."""

    def look(scene: Scene) -> Finding:
        lines = [line for line in key.splitlines() if "PRIVATE" not in line]
        encoded = b64encode(key.strip().encode()).decode()
        places = {
            "stack file": scene.file.path.read_text(),
            "state": "".join(
                file.read_text(errors="replace")
                for file in scene.cluster.place.pulumi_state.rglob(f"{scene.stack.name}.json*")
            ),
            "outputs": str(scene.outputs()),
        }
        found = [p for p, text in places.items() if any(w in text for w in (*lines, encoded[:60]))]
        wrong = tuple(f"the key is in the {place} as plain text" for place in found)
        return Finding(f"looked for in {', '.join(places)}", wrong)

    return Check("key in plain text", look)


def served(path: str, certificate: str, host: str = HOST) -> Check:
    """Whether the page comes by HTTPS with that certificate, and not with TLS older than 1.2."""

    def look(scene: Scene) -> Finding:
        answer = _get_once_open(scene.cluster.gateway_https_url + path, certificate, host)
        old = speaks_old_tls(scene.cluster.https_port)
        said = (
            f"https://{host}{path}: {answer.status_code}; TLS 1.1: {'taken' if old else 'refused'}"
        )
        wrong = () if answer.is_success and not old else (said,)
        return Finding(said, wrong)

    return Check("HTTPS", look)


def _get_once_open(url: str, certificate: str, host: str) -> httpx.Response:
    """The first answer of the host. Raises httpx.TransportError when there is none in `_OPEN_SECONDS`."""
    context = ssl.create_default_context(cadata=certificate)
    deadline = time.monotonic() + _OPEN_SECONDS
    while True:
        try:
            with httpx.Client(verify=context, trust_env=False) as client:
                sni = {"sni_hostname": host}
                return client.get(url, headers={"Host": host}, extensions=sni)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def redirected(path: str) -> Check:
    """Whether port 80 answers with nothing but the way to HTTPS."""

    def look(scene: Scene) -> Finding:
        with httpx.Client(trust_env=False) as client:
            url = f"{scene.cluster.gateway_url}{path}"
            answer = client.get(url, headers={"Host": HOST}, follow_redirects=False)
        location = answer.headers.get("location", "")
        said = f"http://{HOST}{path}: {answer.status_code} {location}"
        right = answer.is_redirect and location == f"https://{HOST}{path}"
        return Finding(said, () if right else (said,))

    return Check("port 80", look)


def make_certificate(domain: str) -> tuple[str, str]:
    """A self-signed certificate for all hosts below `domain`, and its key; PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(domain), x509.DNSName(f"*.{domain}")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return made.public_bytes(pem).decode(), plain


def speaks_old_tls(port: int) -> bool:
    """Whether the gateway takes TLS 1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # that is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with httpx.Client(verify=context, trust_env=False) as client:
        try:
            client.get(f"https://127.0.0.1:{port}/", extensions={"sni_hostname": HOST})
        except httpx.TransportError:
            return False
        return True
