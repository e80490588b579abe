"""Certificates and keys for tests, made anew each time: none lies in the repository."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID


@cache
def a_pair(host: str = "demo.example") -> tuple[str, str]:
    """A self-signed certificate for a host and all below it, and its key; PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return certificate_for(key, host), pem_of(key)


def certificate_for(key: CertificateIssuerPrivateKeyTypes, host: str) -> str:
    """A certificate for a host and all below it, signed by its own key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    names = [x509.DNSName(host), x509.DNSName(f"*.{host}")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def pem_of(key: CertificateIssuerPrivateKeyTypes, passphrase: bytes | None = None) -> str:
    """The key as PEM, locked where there is a passphrase."""
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        lock = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock
    ).decode()


def an_rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """A key of that size."""
    return rsa.generate_private_key(65537, bits)
