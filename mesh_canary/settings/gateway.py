"""The gateways: the way in for requests from outside, with HTTPS where it is asked for, and the way out."""

from typing import Literal

from mesh_canary.settings.fields import K8sName, Replicas, Secret, Settings, Switch
from mesh_canary.settings.pem import check_certificate, check_key, check_pair
from mesh_canary.settings.problems import Problem

SET_KEY = "pulumi config set --secret --path mesh-canary:gateway.https.key < key.pem"
"""The command that puts the key into the stack file, encrypted."""


class HttpsSettings(Settings):
    """HTTPS on port 443, TLS 1.2 or newer, for every host of the gateway: one certificate and its key."""

    certificate: str | None = None
    """PEM, the server's own first, then those that signed it."""
    key: Secret | None = None
    """PEM without a passphrase; only ever from encrypted configuration."""
    secret: K8sName | None = None
    """A Secret of type kubernetes.io/tls that is in the gateway's namespace already, instead of the two."""
    redirect: Switch = False
    """Port 80 answers every request with a redirect to HTTPS."""

    def contradictions(self) -> list[Problem]:
        """The certificate is given once and whole, and key and certificate are a pair."""
        given = self.certificate is not None or self.key is not None
        if given == (self.secret is not None):
            how = "both a Secret and a certificate" if given else "neither certificate nor Secret"
            hint = "give `certificate` and `key`, or the name of a Secret that is there: `secret`"
            return [Problem("", "", f"HTTPS needs a certificate, given once; here is {how}", hint)]
        if not given:
            return []
        key = self.key.get_secret_value() if self.key else None
        problems = [*check_certificate(self.certificate), *check_key(key)]
        return problems or check_pair(self.certificate or "", key or "")


class GatewaySettings(Settings):
    """The ingress gateway: one Helm release and the Gateway object that apps bind their hosts to."""

    install: Switch = True
    """False for a gateway that is there already; `name` and `namespace` then say where."""
    name: K8sName = "istio-ingressgateway"
    namespace: K8sName = "istio-ingress"
    replicas: Replicas = 1
    service_type: Literal["LoadBalancer", "NodePort", "ClusterIP"] = "LoadBalancer"
    https: HttpsSettings | None = None

    @property
    def reference(self) -> str:
        """The Gateway object as a VirtualService names it: namespace/name."""
        return f"{self.namespace}/{self.name}"

    @property
    def certificate_secret(self) -> str:
        """The Secret with certificate and key, ours or one that is there; empty without HTTPS."""
        if self.https is None:
            return ""
        return self.https.secret or f"{self.name}-certificate"

    def contradictions(self) -> list[Problem]:
        """A gateway of another stack has its certificate from there."""
        if self.install or self.https is None or self.https.secret:
            return []
        rule = "install: false says that another stack sets the gateway up"
        hint = "name the Secret that it has: https: {secret: ...}"
        return [Problem("https.certificate", "", rule, hint)]


class EgressGatewaySettings(Settings):
    """The egress gateway: a way out of the mesh that can be watched. Nothing is sent through it by itself."""

    install: Switch = True
    name: K8sName = "istio-egressgateway"
    namespace: K8sName = "istio-egress"
    replicas: Replicas = 2
