"""The certificates, and the kubeconfig that carries them."""

import base64
import stat
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.x509.oid import NameOID

from local_cluster.kubeconfig import write_kubeconfig
from local_cluster.pki import make_pki


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cluster") / "pki"
    make_pki(folder)
    return folder


def certificate(pki: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((pki / f"{name}.crt").read_bytes())


@pytest.mark.parametrize("name", ["server", "admin"])
def test_every_certificate_is_signed_by_the_authority(pki: Path, name: str) -> None:
    certificate(pki, name).verify_directly_issued_by(certificate(pki, "ca"))


def test_the_administrator_belongs_to_the_group_that_may_do_everything(pki: Path) -> None:
    subject = certificate(pki, "admin").subject

    (group,) = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert group.value == "system:masters"


def test_the_server_is_known_by_every_address_it_is_called_at(pki: Path) -> None:
    extension = certificate(pki, "server").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    addresses = {str(address) for address in extension.value.get_values_for_type(x509.IPAddress)}

    assert {"127.0.0.1", "10.99.0.1", "10.96.0.1"} == addresses


def test_keys_are_closed_to_others(pki: Path) -> None:
    assert stat.S_IMODE(pki.stat().st_mode) & 0o077 == 0


def test_a_kubeconfig_names_the_server_and_carries_the_credentials(
    pki: Path, tmp_path: Path
) -> None:
    path = tmp_path / "kubeconfig"
    write_kubeconfig(path, server="127.0.0.1:1234", pki=pki)

    config = yaml.safe_load(path.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    assert config["current-context"] == "local"
    assert cluster["server"] == "https://127.0.0.1:1234"
    assert (pki / "admin.crt").read_bytes() == base64.b64decode(user["client-certificate-data"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
