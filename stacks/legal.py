"""What the state forbids of a stack file, releases aside: everything that is wrong is told at once."""

from mesh_canary.settings import StackSettings
from stacks.config import require_none
from stacks.identities import check_identities
from stacks.istio_crds import check_crds_stay
from stacks.left_out import check_left_out, check_unfinished_in
from stacks.linkerd import check_trust
from stacks.records import State
from stacks.without_mesh import check_mesh_stays

CHECKS = (
    check_left_out,
    check_unfinished_in,
    check_crds_stay,
    check_trust,
    check_identities,
    check_mesh_stays,
)


def require_legal(settings: StackSettings, state: State) -> None:
    """Raises pulumi.RunError with everything that may not follow what the state holds."""
    require_none(problem for check in CHECKS for problem in check(settings, state))
