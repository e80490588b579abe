"""Certificate and key of a gateway: a pair, whole, of a kind that Envoy takes, and only ever encrypted."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from mesh_canary.settings import explain_problems, read_settings
from mesh_canary.settings.problems import Contradiction
from tests.builders import stack_config
from tests.certificates import a_pair, an_rsa_key, certificate_for, pem_of

CERTIFICATE, KEY = a_pair()


def refusal_of(https: Any, secret: frozenset[str] = frozenset({"gateway"})) -> str:
    """What an operator reads whose gateway has `https`; empty where all is well."""
    mesh = {"kind": "istio", "install": True, "version": "1.31.1"}
    try:
        read_settings(stack_config(mesh=mesh, gateway={"https": https}), secret)
    except Contradiction as contradiction:
        return explain_problems(contradiction.problems)
    return ""


def pair_of(key: Any) -> dict[str, str]:
    """A key and a certificate for it."""
    return {"certificate": certificate_for(key, "demo.example"), "key": pem_of(key)}


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1()), an_rsa_key(2048)])
def test_a_pair_is_taken(key: Any) -> None:
    assert refusal_of(pair_of(key)) == ""


def test_a_chain_is_taken_with_the_servers_own_certificate_first() -> None:
    other = certificate_for(ec.generate_private_key(ec.SECP256R1()), "ca.example")

    assert refusal_of({"certificate": CERTIFICATE + other, "key": KEY}) == ""
    assert "not the key of the first certificate" in refusal_of(
        {"certificate": other + CERTIFICATE, "key": KEY}
    )


@pytest.mark.parametrize(
    ("https", "said"),
    [
        ({"certificate": CERTIFICATE}, "gateway.https.key - needed here"),
        ({"key": KEY}, "gateway.https.certificate - needed here"),
        ({"certificate": CERTIFICATE.replace("\n", " "), "key": KEY}, "keeps its line breaks"),
        ({"certificate": CERTIFICATE[:200], "key": KEY}, "has to be a PEM certificate"),
        ({"certificate": KEY, "key": KEY}, "a private key stands here"),
        ({"certificate": CERTIFICATE, "key": CERTIFICATE}, "a certificate stands here"),
        ({"certificate": CERTIFICATE, "key": KEY[:100]}, "has to be a PEM private key"),
        (
            {
                "certificate": CERTIFICATE,
                "key": pem_of(ec.generate_private_key(ec.SECP256R1()), b"x"),
            },
            "locked by a passphrase",
        ),
        (pair_of(an_rsa_key(1024)), "RSA keys from 2048 bits on"),
        (
            {"certificate": CERTIFICATE, "key": pem_of(ed25519.Ed25519PrivateKey.generate())},
            "EC keys of P-256, P-384, P-521",
        ),
        ({"redirect": True}, "neither certificate nor Secret"),
        ({"secret": "mine", "certificate": CERTIFICATE, "key": KEY}, "both a Secret and a cert"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_gateway_could_not_serve_with_is_refused(https: Any, said: str) -> None:
    assert said in refusal_of(https)


def test_the_certificate_of_a_gateway_of_another_stack_is_named_and_not_given() -> None:
    gateway = {"install": False, "https": {"certificate": CERTIFICATE, "key": KEY}}
    with pytest.raises(Contradiction) as refused:
        read_settings(stack_config(gateway=gateway), frozenset({"gateway"}))

    assert "name the Secret that it has" in explain_problems(refused.value.problems)
    read_settings(stack_config(gateway={"install": False, "https": {"secret": "mine"}}))


def test_no_message_has_a_line_of_the_key() -> None:
    lines = [line for line in KEY.splitlines() if "PRIVATE" not in line]
    broken = {"certificate": KEY, "key": KEY[:150]}

    for https in (broken, {"certificate": KEY, "key": 4711}, {"key": KEY}):
        assert not [line for line in lines if line in refusal_of(https)]
        assert not [line for line in lines if line in refusal_of(https, frozenset())]


def test_a_key_in_plain_text_is_refused() -> None:
    said = refusal_of({"certificate": CERTIFICATE, "key": KEY}, frozenset())

    assert "gateway.https.key - in plain text in the stack file" in said
    assert "pulumi config set --secret --path mesh-canary:gateway.https.key" in said
