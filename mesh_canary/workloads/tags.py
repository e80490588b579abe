"""The operator's tags on objects and pods, as labels and as annotations of the same names.

As labels they can be selected by, and reach metrics; as annotations they are where tools look that read no labels, and
there the version stands beside them. What an object or pod says itself wins. Without tags nothing is touched: no pod is
restarted for a key that is not used.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from mesh_canary.routing.route import Manifest

Anything = TypeVar("Anything")


def with_tags(value: Anything, tags: Mapping[str, str]) -> Anything:
    """`value` with every manifest in it tagged, however deep in lists and dictionaries; the rest stays as it is."""
    return cast(Anything, _tagged(value, tags)) if tags else value


def _tagged(value: Any, tags: Mapping[str, str]) -> Any:
    match value:
        case {"apiVersion": str(), "kind": str(), "metadata": dict()}:
            return _tagged_object(value, tags)
        case dict():
            return {key: _tagged(below, tags) for key, below in value.items()}
        case list():
            return [_tagged(below, tags) for below in value]
    return value


def _tagged_object(manifest: Manifest, tags: Mapping[str, str]) -> Manifest:
    made = {**manifest, "metadata": _tagged_metadata(manifest["metadata"], tags)}
    template = manifest.get("spec", {}).get("template")
    if template is not None:
        metadata = _tagged_metadata(template.get("metadata", {}), tags)
        made["spec"] = {**manifest["spec"], "template": {**template, "metadata": metadata}}
    return made


def _tagged_metadata(metadata: Manifest, tags: Mapping[str, str]) -> Manifest:
    labels, annotations = metadata.get("labels", {}), metadata.get("annotations", {})
    version = {"version": labels["version"]} if "version" in labels else {}
    return {
        **metadata,
        "labels": {**tags, **labels},
        "annotations": {**tags, **version, **annotations},
    }
