"""Takes the pictures of the sample's dashboard for docs/pictures, from the published marts: python -m sample.pictures"""

import shutil
import sys
import tempfile
from pathlib import Path

from engagement import warehouse
from engagement.dashboard.folder import write_dashboard
from engagement.paths import ROOT

FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1280, 860
LAST_DAY = "2026-05-31"
# {picture: (page, part of it)}
PICTURES = {
    "accounts": ("index.html", HEIGHT),
    "today": ("today.html#owner=rep1%40seller.example", HEIGHT),
    "account": ("account.html#id=acme", 1180),
    "review": ("review.html", 1180),
}


def main() -> int:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        print("Chromium is not installed.", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        page, _ = write_dashboard(warehouse.current(), Path(place))
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, (address, height) in PICTURES.items():
            window = browser.new_page(viewport={"width": WIDTH, "height": height})
            # the sample's last day, so that its scores are not old
            window.clock.set_fixed_time(LAST_DAY)
            window.goto(f"file://{page.parent}/{address}")
            window.wait_for_selector("html[data-ready]", state="attached")
            window.wait_for_timeout(500)  # charts are drawn once their width is known
            window.screenshot(path=FOLDER / f"{name}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
