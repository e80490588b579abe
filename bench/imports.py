"""How long a fresh interpreter takes for the imports of the program's `__main__.py`."""

import ast
import subprocess
import sys
from pathlib import Path

_TIMED = "import time; began = time.perf_counter()\n{}\nprint(time.perf_counter() - began)"


def import_seconds(clone: Path, env: dict[str, str]) -> float:
    """Seconds for the import statements alone, the interpreter's own start not counted.

    What functions of the program import later is not in it.
    """
    code = _TIMED.format(imports_of((clone / "__main__.py").read_text()))
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=clone, env=env, capture_output=True, text=True, check=True)
    return float(ran.stdout)


def imports_of(source: str) -> str:
    """The import statements at the top level of a source, one a line."""
    body = ast.parse(source).body
    return "\n".join(ast.unparse(n) for n in body if isinstance(n, ast.Import | ast.ImportFrom))
