"""The vocabulary of a stack file: one constrained type per idea.

`RULES` says each rule in words, with an example; an error message quotes it instead of a regular expression.
"""

from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from mesh_canary.settings.problems import Contradiction, Problem, require_none

FIELDS_ONLY = "fields only"
"""Validation context that leaves `contradictions` unasked."""


class Settings(BaseModel):
    """What every settings class shares: unknown keys are refused, values never change, inputs are not printed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def contradictions(self) -> list[Problem]:
        """What cannot stand together although each key is fine; key paths are relative to this model."""
        return []

    @model_validator(mode="after")
    def _has_no_contradictions(self, info: ValidationInfo) -> Self:
        if info.context != FIELDS_ONLY:
            require_none(self.contradictions())
        return self


K8S_NAME = r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"
VERSION = r"^[a-z0-9]([-a-z0-9.]{0,30}[a-z0-9])?$"
IMAGE = (
    r"^[a-z0-9][-a-z0-9._:/]*[a-z0-9](:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(@sha256:[0-9a-f]{64})?$"
)
HEADER = r"^[a-z][-a-z0-9]*$"
HOST = r"^(\*|(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$"
DOMAIN_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
PASSWORD = r"^.{8,128}$"
SIGNING_KEY = r"^([!-~]{16}|[!-~]{24}|[!-~]{32})$"
QUANTITY = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|Ki|Mi|Gi)?$"
PATH = r"^/[^\s?#]*$"
PORT_NAME = r"^[a-z]([-a-z0-9]{0,13}[a-z0-9])?$"
ENV_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
FILE_NAME = r"^[-A-Za-z0-9._]{1,253}$"
SECRET_NAME = r"^[a-z][a-z0-9_]{0,62}$"
ADDRESS = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?:[0-9]{1,5}$"
LABEL_KEY = (
    r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
)
LABEL_VALUE = r"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"

RULES = {
    K8S_NAME: "a Kubernetes name: lower-case letters, digits and '-', starting with a letter, at most 63 (reviews)",
    VERSION: "a version: lower-case letters, digits, '-' and '.', at most 32 (v2)",
    IMAGE: "a container image: lower case, no spaces, a tag or digest at the end (docker.io/team/cart:1.4.2)",
    HEADER: "a header name as proxies compare it, in lower case (end-user)",
    HOST: "a host name, '*.' in front for all below it, or '*' for any (shop.example.com)",
    DOMAIN_NAME: "a host name, without '*' and without a scheme (demo.example.com)",
    PASSWORD: "a password of 8 to 128 characters (two words and a number)",
    SIGNING_KEY: "16, 24 or 32 characters without spaces (what `openssl rand -hex 16` prints)",
    QUANTITY: "a Kubernetes quantity (250m, 128Mi)",
    PATH: "a path that starts with '/', without '?' and '#' (/health)",
    PORT_NAME: "a port name: lower-case letters, digits and '-', at most 15, the protocol first (tcp-sql)",
    ENV_NAME: "a variable name: letters, digits and '_', not starting with a digit (LOG_LEVEL)",
    FILE_NAME: "a file name: letters, digits, '-', '.' and '_' (rabbitmq.conf)",
    SECRET_NAME: "a name: lower-case letters, digits and '_', starting with a letter (database_password)",
    ADDRESS: "a host and a port (rabbitmq:5672)",
    LABEL_KEY: "the name of a label: letters, digits, '-', '_' and '.', at most 63, a domain and '/' in front or not"
    " (project)",
    LABEL_VALUE: "the value of a label: letters, digits, '-', '_' and '.', at most 63, no spaces (shop)",
}


def _no_number(value: object) -> object:
    """Refuses `1.10`, which YAML reads as the number 1.1, with the reason that operators need."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        rule = "has to be text, and YAML reads a number here (1.10 becomes 1.1)"
        raise Contradiction(Problem("", f"{value}", rule, 'put it in quotes: "1.10"'))
    return value


def _between_nothing_and_all(weight: int) -> int:
    """Refuses 0 and 100, which are stages of their own."""
    if weight in range(1, 100):
        return weight
    hint = "for 0 % set stage: dark, for 100 % stage: promoted"
    raise Contradiction(Problem("", f"{weight}", "a weight of the canary is from 1 to 99", hint))


Text = Annotated[str, StringConstraints(min_length=1)]
K8sName = Annotated[str, StringConstraints(pattern=K8S_NAME)]
Version = Annotated[str, BeforeValidator(_no_number), StringConstraints(pattern=VERSION)]
ImageRef = Annotated[str, StringConstraints(pattern=IMAGE)]
HeaderName = Annotated[str, StringConstraints(pattern=HEADER)]
HeaderValue = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Host = Annotated[str, StringConstraints(pattern=HOST)]
DomainName = Annotated[str, StringConstraints(pattern=DOMAIN_NAME)]
Password = Annotated[str, StringConstraints(pattern=PASSWORD)]
SigningKey = Annotated[str, StringConstraints(pattern=SIGNING_KEY)]
Quantity = Annotated[str, StringConstraints(pattern=QUANTITY)]
UrlPath = Annotated[str, StringConstraints(pattern=PATH)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Replicas = Annotated[int, Field(strict=True, ge=1, le=100)]
Percent = Annotated[int, Field(strict=True, ge=1, le=100)]
CanaryWeight = Annotated[int, Field(strict=True), AfterValidator(_between_nothing_and_all)]
Seconds = Annotated[float, Field(strict=True, ge=0.001, le=3600)]  # Istio: whole milliseconds
ReadySeconds = Annotated[int, Field(strict=True, ge=5, le=3600)]
Switch = Annotated[bool, Field(strict=True)]
SecretName = Annotated[str, StringConstraints(pattern=SECRET_NAME)]
Secret = Annotated[SecretStr, Field(min_length=1)]
"""A value that is never shown."""


def label_of(version: str) -> str:
    """`version` as a DNS label, as it stands in names: 1.0 is 1-0."""
    return version.replace(".", "-")
