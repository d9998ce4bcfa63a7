"""A real browser (Debian's Chromium, driven by Playwright) that opens reports from disk."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

import pytest

#: how Chromium runs as root, without a screen, and without calling home
ARGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Visit:
    """A page with what it asked for and complained of."""

    page: object
    requests: list = field(default_factory=list)
    complaints: list = field(default_factory=list)


@pytest.fixture(scope="session")
def chromium():
    """The browser; the tests are skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    binary = shutil.which("chromium")
    if binary is None:
        pytest.skip("no chromium on this machine; apt-get install chromium fonts-noto-cjk")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=list(ARGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def reports(tmp_path_factory, cache_folder, empty_config):
    """Reports on the bundled sample by language, written as cron does: the second of two, with changes."""
    folder = tmp_path_factory.mktemp("reports")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCREENER_")}
    env = kept | {"SCREENER_CACHE_DIR": str(cache_folder), "SCREENER_CONFIG_DIR": str(empty_config)}
    written = {}
    for lang in ("en", "ko"):
        for as_of in ("2025-04-07", "2025-04-30"):
            file = folder / f"{lang}.html"
            command = [sys.executable, "-m", "screener", "report", "-o", str(file), "--lang", lang]
            command += ["--source", "sample", "--as-of", as_of, "--quiet"]
            subprocess.run(command, check=True, env=env | {"SCREENER_STATE_DIR": str(folder / lang)})
        written[lang] = file
    return written


@pytest.fixture
def visit(chromium, reports):
    """Return a function that opens a report in a window of its own and watches it."""
    contexts = []

    def opened(lang="en", *, width=1360, scheme="light", scripts=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        seen = Visit(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.goto(reports[lang].as_uri())
        return seen

    yield opened
    for context in contexts:
        context.close()
