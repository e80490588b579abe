"""The wait between writing a subset or a route and relying on it: proxies hear of it a moment later."""

import asyncio

import pulumi

PROPAGATION_SECONDS = 2.0
"""How long `wait_for_proxies` waits, always: its bound and its length are the same.

istiod collects changes for 0.1 s of quiet (at most 10 s while changes keep coming) and pushes them
at once; a change was seen in a proxy after 0.11 s. Source: PILOT_DEBOUNCE_AFTER, PILOT_DEBOUNCE_MAX
of istiod 1.31; measured here.
"""


async def wait_for_proxies(_: pulumi.ResourceHookArgs) -> None:
    """Returns when proxies can be taken to have heard what was written last."""
    await asyncio.sleep(PROPAGATION_SECONDS)


def heard_by_proxies(release: str) -> pulumi.ResourceHookBinding:
    """A binding that makes whatever depends on a resource wait until proxies have heard of its change.

    A hook runs when its resource was created or changed, not when it stayed as it was, and never in
    a preview. Its name is registered with the engine, so this may be called once for each
    `release`.
    """
    hook = pulumi.ResourceHook(f"wait-for-proxies-{release}", wait_for_proxies)
    return pulumi.ResourceHookBinding(after_create=[hook], after_update=[hook])
