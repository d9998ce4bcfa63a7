"""Messages to phones, mail and chats through apprise, the one module that knows it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screener.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes. Its URL may hold a password, so it is never shown whole."""

    url: str
    target: Any

    @property
    def shown(self) -> str:
        """Its kind and host only."""
        scheme, _, rest = self.url.partition("://")
        host = rest.rpartition("@")[2].partition("/")[0].partition("?")[0]
        return (
            f"{scheme}://{host}"
            if scheme in {"json", "jsons", "xml", "xmls", "form", "forms"}
            else f"{scheme}://…"
        )

    @property
    def fingerprint(self) -> str:
        """What stands for it in files."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]

    def send(self, title: str, body: str) -> str:
        """Send a message; return why it did not get there, or nothing."""
        import logging

        import apprise

        # typed by apprise in a comment only
        capture: Any = apprise.LogCapture
        with capture(level=logging.WARNING, name="apprise", fmt="%(message)s") as said:
            delivered = self.target.notify(title=title, body=body, body_format="text")
            reasons = said.getvalue().strip().splitlines()
        if delivered:
            return ""
        return reasons[-1].replace(self.url, self.shown) if reasons else "refused"


def addresses(urls: Sequence[str]) -> tuple[Address, ...]:
    """Read --notify. Raises UsageError where apprise is not installed or does not know an address."""
    if not urls:
        return ()
    try:
        import apprise
    except ImportError:
        raise UsageError(
            "--notify: needs apprise, which is not installed; pip install 'shock-screener[notify]'"
        ) from None
    found = []
    for url in dict.fromkeys(urls):
        target = apprise.Apprise()
        if not target.add(url):
            scheme, separator, _ = url.partition("://")
            raise UsageError(
                f"--notify {scheme + separator if separator else '(no scheme)'}…: apprise cannot use this address; "
                "expected one such as mailto://user:password@example.org (see apprise's list of services)"
            )
        found.append(Address(url, target))
    return tuple(found)
