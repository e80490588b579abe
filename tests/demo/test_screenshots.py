"""The browser of `make screenshots`, and that the documentation shows what it makes."""

from pathlib import Path

from demo.screenshots import FOLDER, SHOTS, TRACE, browser_command

PAGE = Path(__file__).parents[2] / "docs" / "add-ons.md"
LARGEST = 200_000


def test_the_browser_finds_hosts_at_the_gateway_and_none_elsewhere() -> None:
    command = browser_command("http://a.demo.example/", Path("a.png"), "10,10", 1234, "profile")

    assert command[0] == "chromium"
    assert "--headless" in command
    assert "--user-data-dir=profile" in command
    assert (
        "--host-resolver-rules=MAP *.demo.example 127.0.0.1:1234, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        in command
    )
    assert command[-2:] == ["--screenshot=a.png", "http://a.demo.example/"]


def test_every_picture_is_there_shown_and_of_modest_size() -> None:
    page = PAGE.read_text()

    for name in (*SHOTS.values(), TRACE):
        assert f"screenshots/{name}" in page
        assert 10_000 < (FOLDER / name).stat().st_size < LARGEST
