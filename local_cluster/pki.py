"""Certificates and keys for a cluster's life: one authority, one server, one administrator."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local_cluster.place import HOST_ADDRESS

_VALID = datetime.timedelta(days=365)
_SERVER_ADDRESSES = ("127.0.0.1", HOST_ADDRESS, "10.96.0.1")
_SERVER_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")


def make_pki(folder: Path) -> None:
    """The folder holds ca, server, admin (.crt, .key), and sa.key for service account tokens."""
    folder.mkdir(mode=0o700)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _name(common_name="local-cluster")
    authority = (
        _certificate(authority_name, authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    _write(folder, "ca", authority_key, authority)

    server = x509.SubjectAlternativeName(
        [
            *(x509.IPAddress(ipaddress.ip_address(address)) for address in _SERVER_ADDRESSES),
            *(x509.DNSName(name) for name in _SERVER_NAMES),
        ]
    )
    client = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    subjects = {
        "server": (_name(common_name="kube-apiserver"), server),
        "admin": (_name(common_name="admin", organization="system:masters"), client),
    }
    for file, (subject, extension) in subjects.items():
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _certificate(subject, authority_name, key.public_key())
            .add_extension(extension, critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        _write(folder, file, key, certificate)
    _write(folder, "sa", rsa.generate_private_key(public_exponent=65537, key_size=2048))


def _name(*, common_name: str, organization: str | None = None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(attributes)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + _VALID)
    )


def _write(
    folder: Path,
    name: str,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    certificate: x509.Certificate | None = None,
) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    (folder / f"{name}.key").write_bytes(private)
    if certificate:
        (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
