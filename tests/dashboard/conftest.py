"""The sample's marts, published once; dashboards of them; and a browser to look at these with."""

import os
import shutil
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest

from engagement import publish
from engagement.dashboard.folder import write_dashboard
from harness import alone, environment
from small_warehouse import place


@pytest.fixture(scope="session")
def serving(built_sample, shared_folder, tmp_path_factory):
    """The folder that the sample's marts are published into."""
    folder = tmp_path_factory.mktemp("published") / "serving"
    # one publication at a time
    with alone(shared_folder / "built_sample.lock"), environment(ENGAGEMENT_DB=built_sample.database, ENGAGEMENT_SERVING=folder):
        assert publish.main([]) == 0
    return folder


@pytest.fixture(scope="session")
def marts(serving):
    """{sql: rows} of the published marts."""
    with duckdb.connect(str(serving / "marts.duckdb"), read_only=True) as connection:
        yield lambda sql, *values: connection.execute(sql, list(values)).fetchall()


@pytest.fixture(scope="session")
def write(tmp_path_factory):
    """Writes a dashboard of a serving folder; its folder."""
    def write(serving, owner=None):
        page, _ = write_dashboard(place(serving), tmp_path_factory.mktemp("dashboard") / "dashboard", owner)
        return page.parent
    return write


@pytest.fixture(scope="session")
def site(serving, write):
    """The dashboard of the sample, which no test changes."""
    return write(serving)


def missing(what):
    """Skips the test, unless the checks were asked to have a browser."""
    reason = f"{what} is not installed; .ci/run installs what these tests need"
    pytest.fail(reason) if os.environ.get("ENGAGEMENT_TEST_BROWSER") == "required" else pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


# Playwright's clock would also stop the one that measures how fast a page is
DAY = """
    window.Date = class extends Date {
        constructor(...given) { super(...(given.length ? given : ["%s"])); }
    };
"""


class Visit:
    """A window that looks at one dashboard on a day, by default the sample's last one. What the console complains of and what was
    asked of other hosts is kept."""

    def __init__(self, browser, folder, on="2026-05-31", **options):
        self.folder = Path(folder)
        self.page = browser.new_context(viewport={"width": 1440, "height": 900}, **options).new_page()
        self.page.add_init_script(DAY % on)
        self.complaints, self.foreign = [], []
        self.page.set_default_timeout(10000)
        self.page.on("console", lambda message: message.type in ("error", "warning") and self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: request.url.startswith(("file:", "data:", "blob:", "about:")) or self.foreign.append(request.url))

    def open(self, page, address=""):
        """Opens a page of the folder, once it is ready."""
        self.page.goto("about:blank")
        self.page.goto(f"file://{quote(str(self.folder))}/{page}.html{address}")
        self.page.wait_for_selector("html[data-ready]", state="attached")
        return self.page

    def account(self, account_id):
        return self.open("account", f"#id={quote(account_id, safe='')}")

    def texts(self, selector):
        return self.page.locator(selector).all_inner_texts()

    def ids(self):
        """The accounts in the table, from the links of its first column."""
        return self.page.evaluate("[...document.querySelectorAll('.card.table tbody a')].map(a => decodeURIComponent(a.hash.slice(4)))")


@pytest.fixture
def visit(chromium):
    """Opens dashboards. Afterwards checks that there were no errors and no requests to other hosts."""
    visits = []

    def begin(folder, **options):
        visits.append(Visit(chromium, folder, **options))
        return visits[-1]

    yield begin
    for one in visits:
        one.page.context.close()
        assert one.complaints == [] and one.foreign == []
