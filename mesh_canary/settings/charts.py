"""Where the charts of a mesh come from: a public repository at a version, or a folder."""

from mesh_canary.settings.problems import Problem


def check_one_source(version: str | None, charts: str | None) -> list[Problem]:
    """An installed mesh has one source of charts."""
    if (version is None) != (charts is None):
        return []
    given = "both" if version else "neither"
    hint = "`version` takes the public charts, `charts` a folder; set one, or `install: false`"
    rule = f"an installed mesh has one source: {given} of version and charts is given"
    return [Problem("", "", rule, hint)]
