"""What is wrong with a certificate or a key that an operator pasted, without quoting any of it.

`cryptography` reads them; it is loaded only by a stack that has a certificate.
"""

from typing import TYPE_CHECKING

from mesh_canary.settings.problems import Problem

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

LEAST_RSA_BITS = 2048
CURVES = {"secp256r1", "secp384r1", "secp521r1"}
"""What Envoy 1.40 takes for a server's key. Source: its source/common/tls/context_impl.cc."""
LONGEST_LINE = 76
"""Of PEM, in characters. Source: RFC 7468 writes 64 and reads 76."""
_CERTIFICATE, _KEY = "-----BEGIN CERTIFICATE-----", "PRIVATE KEY-----"


def check_certificate(pem: str | None) -> list[Problem]:
    """`pem` is one certificate or a chain of them."""
    if pem is None:
        hint = "add the certificate that belongs to `key`, as PEM"
        return [Problem("certificate", "", "needed here", hint)]
    if _KEY in pem:
        hint = "put only certificates here, and the key into `key`; then make a new key: this one may have been read"
        return [Problem("certificate", "", "a private key stands here", hint)]
    try:
        _load_certificates(pem)
    except ValueError:
        return [_no_pem("certificate", "a PEM certificate", _CERTIFICATE)]
    return []


def check_key(pem: str | None) -> list[Problem]:
    """`pem` is one private key, not locked by a passphrase, of a kind that the gateway takes."""
    if pem is None:
        hint = "the key of the certificate: pulumi config set --secret --path mesh-canary:gateway.https.key < key.pem"
        return [Problem("key", "", "needed here", hint)]
    if _CERTIFICATE in pem:
        hint = "put only the key here, and certificates into `certificate`"
        return [Problem("key", "", "a certificate stands here", hint)]
    if "ENCRYPTED" in pem:
        hint = "take the passphrase off: openssl pkey -in key.pem; Pulumi encrypts it"
        return [Problem("key", "", "locked by a passphrase, which a gateway cannot ask for", hint)]
    try:
        key = _load_key(pem)
    except ValueError:
        return [_no_pem("key", "a PEM private key", "-----BEGIN PRIVATE KEY-----")]
    if _is_taken(key):
        return []
    rule = f"the gateway's proxy takes RSA keys from {LEAST_RSA_BITS} bits on, and EC keys of P-256, P-384, P-521"
    return [Problem("key", "", rule, "make a key of one of these kinds, and a certificate for it")]


def check_pair(certificate: str, key: str) -> list[Problem]:
    """The first certificate is of this key."""
    if _load_certificates(certificate)[0].public_key() == _load_key(key).public_key():
        return []
    rule = "not the key of the first certificate in `certificate`"
    hint = "put the server's own certificate first, or give the key that belongs to it"
    return [Problem("key", "", rule, hint)]


def _no_pem(key: str, what: str, head: str) -> Problem:
    hint = f"it begins with {head} and keeps its line breaks: pulumi config set --path ... < file"
    return Problem(key, "", f"has to be {what}, and cannot be read as one", hint)


def _load_certificates(pem: str) -> "list[x509.Certificate]":
    from cryptography import x509

    _require_lines(pem)
    return x509.load_pem_x509_certificates(pem.encode())


def _load_key(pem: str) -> "PrivateKeyTypes":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    _require_lines(pem)
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError from error


def _require_lines(pem: str) -> None:
    """Raises ValueError where line breaks are lost: `cryptography` reads on, and the gateway's proxy does not."""
    if max(map(len, pem.splitlines()), default=0) > LONGEST_LINE:
        raise ValueError


def _is_taken(key: "PrivateKeyTypes") -> bool:
    """Whether Envoy serves with it: RSA from 2048 bits on, or an elliptic curve of NIST's."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    match key:
        case rsa.RSAPrivateKey():
            return key.key_size >= LEAST_RSA_BITS
        case ec.EllipticCurvePrivateKey():
            return key.curve.name in CURVES
    return False
