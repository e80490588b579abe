"""Linkerd's certificates: as Linkerd takes them, made once, and renewed when the stack file says so."""

import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from components.certificates import ANCHOR_DAYS, IssuerProvider, TrustAnchorProvider
from components.x509 import make_authority, make_issuer
from mesh_canary.workloads.linkerd import ISSUER_NAME, ROOT_NAME

YEAR = datetime.timedelta(days=365)
ROOT = make_authority(ROOT_NAME, 10 * YEAR)
ISSUER = make_issuer(ISSUER_NAME, YEAR, ROOT.outputs["certificate"], ROOT.outputs["key"])
ASKED = {"subject": ISSUER_NAME, "anchor": ROOT.outputs["certificate"], "number": 1, "days": 365}


def names_of(certificate: x509.Certificate) -> tuple[str, str]:
    """Subject and issuer."""
    return certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()


def constraints_of(certificate: x509.Certificate) -> tuple[bool, int | None]:
    """Whether it may sign, and how many authorities may follow."""
    found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert found.critical
    return found.value.ca, found.value.path_length


def issued(**changes: Any) -> dict[str, Any]:
    """What the provider makes of an issuer's inputs."""
    asked = {**ASKED, "anchor_key": ROOT.outputs["key"], **changes}
    outs = IssuerProvider().create(asked).outs
    assert outs
    return outs


def test_the_anchor_signs_itself_and_the_issuer() -> None:
    root = f"CN={ROOT_NAME}"

    assert names_of(ROOT.certificate) == (root, root)
    assert names_of(ISSUER.certificate) == (f"CN={ISSUER_NAME}", root)
    ROOT.certificate.verify_directly_issued_by(ROOT.certificate)
    ISSUER.certificate.verify_directly_issued_by(ROOT.certificate)


def test_the_issuer_signs_certificates_of_proxies_and_no_further_authority() -> None:
    assert constraints_of(ROOT.certificate) == (True, 1)
    assert constraints_of(ISSUER.certificate) == (True, 0)


@pytest.mark.parametrize("made", [ROOT, ISSUER], ids=["anchor", "issuer"])
def test_keys_are_ecdsa_on_p256_and_fit_their_certificates(made: Any) -> None:
    """What Linkerd's control plane accepts, in the PEM form that it reads."""
    key = load_pem_private_key(made.outputs["key"].encode(), password=None)
    usage = made.certificate.extensions.get_extension_for_class(x509.KeyUsage).value

    assert made.outputs["key"].startswith("-----BEGIN EC PRIVATE KEY-----")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert key.public_key() == made.certificate.public_key()
    assert usage.key_cert_sign


def test_the_issuer_has_its_name_where_go_looks_for_it() -> None:
    found = ISSUER.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)

    assert found.value.get_values_for_type(x509.DNSName) == [ISSUER_NAME]


def test_the_issuer_is_valid_as_long_as_it_says_and_no_longer_than_its_anchor() -> None:
    short = make_authority(ROOT_NAME, datetime.timedelta(days=40))
    issuer = make_issuer(ISSUER_NAME, YEAR, short.outputs["certificate"], short.outputs["key"])
    valid = ISSUER.certificate.not_valid_after_utc - ISSUER.certificate.not_valid_before_utc

    assert valid - YEAR < datetime.timedelta(minutes=6)
    assert issuer.certificate.not_valid_after_utc <= short.certificate.not_valid_after_utc


def test_an_anchor_lives_for_ten_years() -> None:
    outs = TrustAnchorProvider().create({"subject": ROOT_NAME}).outs
    assert outs
    left = datetime.datetime.fromisoformat(outs["expires"]) - datetime.datetime.now(datetime.UTC)

    assert left.days in (ANCHOR_DAYS - 1, ANCHOR_DAYS)


def test_no_two_certificates_are_alike() -> None:
    assert issued()["key"] != issued()["key"]
    assert IssuerProvider().create({**ASKED, "anchor_key": ROOT.outputs["key"]}).id


@pytest.mark.parametrize(
    ("changes", "anew"),
    [
        ({}, False),
        ({"days": 90}, False),
        ({"number": 2}, True),
        ({"anchor": "another anchor"}, True),
    ],
)
def test_a_certificate_is_made_anew_for_another_number_or_anchor_alone(
    changes: dict[str, Any], anew: bool
) -> None:
    """A changed lifetime waits for the next renewal."""
    outputs = {**issued(), "__provider": "another version of Python"}
    answer = IssuerProvider().diff("id", outputs, {**ASKED, **changes})

    assert answer.changes is anew
    assert bool(answer.replaces) is anew
    assert not answer.delete_before_replace
