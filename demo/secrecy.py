"""Looks for what must not be readable: secrets of a walk in all that Pulumi keeps and says, and in every log."""

import json
from base64 import b64encode
from collections.abc import Iterable

from demo.pulumi_stack import PROJECT
from demo.scene import Check, Finding, Scene


def keeps_to_itself(secrets: Iterable[str]) -> Check:
    """State, outputs, stack file, the last preview and the logs of processes and pods hold none of `secrets`.

    Nor as a Secret's data has them, in base64.
    """
    plain = tuple(dict.fromkeys(secrets))
    values = (*plain, *(b64encode(value.encode()).decode() for value in plain))

    def look(scene: Scene) -> Finding:
        texts = _texts_of(scene)
        found = [where for where, text in texts.items() if any(value in text for value in values)]
        logs = sum(where.endswith(".log") for where in texts)
        said = f"{len(plain)} secrets looked for in state, outputs, preview, stack file and {logs} logs"
        return Finding(said, tuple(f"a secret can be read in: {where}" for where in found))

    return Check("secrets", look)


def _texts_of(scene: Scene) -> dict[str, str]:
    stack = ("--stack", scene.stack.name)
    return {
        "state": scene.run("pulumi", "stack", "export", *stack),
        "history": scene.run("pulumi", "stack", "history", "--json", *stack),
        "outputs": json.dumps(scene.outputs()),
        "preview": json.dumps(dict(scene.preview)),
        f"{PROJECT} stack file": scene.file.path.read_text(),
        **{
            str(path): path.read_text(errors="replace")
            for path in scene.cluster.place.run_dir.rglob("*.log")
        },
    }
