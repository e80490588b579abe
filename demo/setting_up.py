"""The starting point of a walk: the stack, its file, and the first `pulumi up`."""

import time

from demo.gateway_requests import answers
from demo.scene import Scene
from demo.service import Target
from demo.story import Story
from local_cluster.api import add_image

_ANSWER_SECONDS = 60
_STANDIN = ["standin", "serve", "--image", "$(IMAGE)"]
_USER = 1000


def set_up(story: Story, scene: Scene) -> None:
    """Everything is there without a release, and what the load will ask answers.

    Raises PulumiError, TimeoutError.
    """
    for image in story.images:
        add_image(scene.cluster.place.images, image, _STANDIN, user=_USER)
    file = scene.file
    file.edit(story.starts_with)
    for place, value in story.secrets.items():
        scene.stack.set_secret(place, value)
    file.read_again()
    scene.stack.up()
    for target in (story.page, *story.loads) if story.page else ():
        wait_for_answer(scene.cluster.gateway_url, target)


def wait_for_answer(gateway: str, target: Target) -> None:
    """The target answers through the gateway. Raises TimeoutError when it does not in a minute."""
    deadline = time.monotonic() + _ANSWER_SECONDS
    while not answers(gateway, target):
        if time.monotonic() > deadline:
            message = (
                f"{gateway}, {target} did not answer within {_ANSWER_SECONDS} s of `pulumi up`"
            )
            raise TimeoutError(message)
        time.sleep(0.1)
