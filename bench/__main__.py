"""`python -m bench` lists the benchmarks; `python -m bench NAME` runs one.

Standard output holds nothing but lines `figure value unit`; progress goes to standard error.
"""

import sys

from bench import demo, local_cluster, stage_change
from bench.figures import Benchmark
from demo.ground import GroundError
from demo.pulumi_stack import PulumiError
from local_cluster.api import Progress
from local_cluster.errors import ImpossibleHereError, LocalClusterError

BENCHMARKS: dict[str, Benchmark] = {
    benchmark.name: benchmark
    for benchmark in (
        local_cluster.BENCHMARK,
        stage_change.BENCHMARK,
        stage_change.ALL_IN_ONE,
        demo.BENCHMARK,
    )
}

FAILED, IMPOSSIBLE_HERE, STOPPED = 1, 2, 130


def main(arguments: list[str]) -> int:
    """Exit status: 0 done, 1 failed, 2 no such benchmark or impossible on this machine."""
    if not arguments:
        for known in BENCHMARKS.values():
            print(f"{known.name:<26} {known.summary}")
        return 0
    benchmark = BENCHMARKS.get(arguments[0])
    if benchmark is None or len(arguments) > 1:
        _complain(f"one name of: {', '.join(BENCHMARKS)}")
        return IMPOSSIBLE_HERE
    try:
        for figure in benchmark.run(Progress()):
            print(figure, flush=True)
    except ImpossibleHereError as error:
        _complain(str(error))
        return IMPOSSIBLE_HERE
    except (GroundError, LocalClusterError, PulumiError, OSError, RuntimeError) as error:
        _complain(str(error))
        return FAILED
    except KeyboardInterrupt:
        return STOPPED
    return 0


def _complain(text: str) -> None:
    print(f"mesh-canary: {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
