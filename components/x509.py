"""Two kinds of certificate authority as PEM texts: one that signs itself, and one that another one signs.

ECDSA on P-256, which is what Linkerd takes. Valid from five minutes ago, for clocks that differ.
"""

import datetime
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

SKEW = datetime.timedelta(minutes=5)


@dataclass(frozen=True)
class Made:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def serial(self) -> str:
        """Hexadecimal; no two are alike."""
        return f"{self.certificate.serial_number:x}"

    @property
    def outputs(self) -> dict[str, str]:
        """PEM texts, and when the certificate is over."""
        private = self.key.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
        return {
            "certificate": self.certificate.public_bytes(Encoding.PEM).decode(),
            "key": private.decode(),
            "expires": self.certificate.not_valid_after_utc.isoformat(),
        }


def make_authority(subject: str, valid: datetime.timedelta) -> Made:
    """A root: it signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(subject)
    builder = _builder(name, name, key.public_key(), valid)
    basic = x509.BasicConstraints(ca=True, path_length=1)
    signed = builder.add_extension(basic, critical=True).sign(key, hashes.SHA256())
    return Made(signed, key)


def make_issuer(
    subject: str, valid: datetime.timedelta, authority: str, authority_key: str
) -> Made:
    """An authority below the one whose PEM texts are given: it does not outlive it, and signs no authorities itself."""
    above = x509.load_pem_x509_certificate(authority.encode())
    signing = load_pem_private_key(authority_key.encode(), password=None)
    if not isinstance(signing, ec.EllipticCurvePrivateKey):
        message = f"the key of {above.subject.rfc4514_string()} is not ECDSA"
        raise TypeError(message)
    key = ec.generate_private_key(ec.SECP256R1())
    left = above.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    builder = _builder(_name(subject), above.subject, key.public_key(), min(valid, left))
    alternative = x509.SubjectAlternativeName([x509.DNSName(subject)])
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    signed = (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            alternative, critical=False
        )  # Go compares names with it, not with the subject
        .add_extension(signer, critical=False)
        .sign(signing, hashes.SHA256())
    )
    return Made(signed, key)


def _name(subject: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    valid: datetime.timedelta,
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + valid)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
