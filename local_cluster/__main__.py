"""`python -m local_cluster COMMAND`."""

import sys

from local_cluster.commands import run

sys.exit(run())
