"""The server: endpoints that yfinance uses, faults on demand, a log of every request.

Two ways in: as a plain HTTP proxy for a client that writes http for https (`client.py`), and as an HTTPS
proxy that ends TLS itself with a throw-away authority (`FakeYahoo(tls=True).env()`), for unpatched programs.
"""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakeyahoo import chart

if TYPE_CHECKING:
    from tests.fakeyahoo.series import Series

#: every fault that can be asked for: of the transport, then of the body
FAULTS = chart.FAULTS | {"429", "404", "500", "503html", "null", "truncated", "slow", "hang", "reset"}


class FakeYahoo(ThreadingHTTPServer):
    """`with FakeYahoo(series) as server`: serves until the block ends."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self, series: dict[str, Series], *, now: datetime, latency: float = 0.0, tls: bool = False
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.series = dict(series)
        self.now = now
        self.latency = latency
        self.slow = 3.0
        #: more requests a second than this are answered 429
        self.limit_per_s: float | None = None
        #: chart requests without a crumb are answered 401
        self.require_crumb = False
        self.lock = threading.Lock()
        self.faults: dict[str, list[list[Any]]] = defaultdict(list)
        self.log: list[dict[str, Any]] = []
        self.inflight = self.max_inflight = 0
        self.closing = threading.Event()
        self._recent: list[float] = []
        self._folder = tempfile.TemporaryDirectory(prefix="fakeyahoo-")
        self.tls = self._make_tls() if tls else None
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> FakeYahoo:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        self._folder.cleanup()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up on the faults; that is no news."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def env(self) -> dict[str, str]:
        """Environment that sends an unpatched program here (needs `tls=True`)."""
        authority = str(Path(self._folder.name) / "ca.pem")
        return {
            "HTTPS_PROXY": self.url,
            "https_proxy": self.url,
            "CURL_CA_BUNDLE": authority,
            "REQUESTS_CA_BUNDLE": authority,
            "SSL_CERT_FILE": authority,
            "NO_PROXY": "",
            "no_proxy": "",
        }

    def fault(self, key: str, name: str, times: int | None = None) -> None:
        """Spoil answers for a symbol, '*', '@crumb', '@cookie' or '@consent'; `times=None` is for ever."""
        if name not in FAULTS:
            raise ValueError(name)
        with self.lock:
            self.faults[key].append([name, times])

    def clear(self) -> None:
        """Forget faults and log."""
        with self.lock:
            self.faults.clear()
            self.log.clear()
            self.max_inflight = 0

    def take_faults(self, *keys: str) -> set[str]:
        """Faults of this request; each counts down."""
        taken = set()
        with self.lock:
            for fault in (fault for key in keys for fault in self.faults.get(key, [])):
                if fault[1] is None or fault[1] > 0:
                    taken.add(fault[0])
                if fault[1]:
                    fault[1] -= 1
        return taken

    def counts(self) -> Counter[str]:
        """Requests by kind: chart, cookie, crumb, consent, tz, quote, other."""
        with self.lock:
            return Counter(entry["kind"] for entry in self.log)

    def over_limit(self) -> bool:
        """Whether this request is one too many in its second."""
        if self.limit_per_s is None:
            return False
        with self.lock:
            now = time.monotonic()
            self._recent = [*(then for then in self._recent if now - then < 1.0), now]
            return len(self._recent) > self.limit_per_s

    def _make_tls(self) -> ssl.SSLContext:
        folder = Path(self._folder.name)

        def openssl(line: str) -> None:
            subprocess.run(["openssl", *line.split()], cwd=folder, check=True, capture_output=True)

        openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=fake")
        openssl("req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=yahoo.com")
        names = "subjectAltName=DNS:yahoo.com,DNS:*.yahoo.com,DNS:*.finance.yahoo.com\n"
        (folder / "names").write_text(names)
        openssl(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 "
            "-extfile names"
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        context.set_alpn_protocols(["http/1.1"])
        return context


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: FakeYahoo
    tunnel_host: str | None = None

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def finish(self) -> None:
        """Close what TLS was wrapped around the connection in, which the standard library does not know of."""
        try:
            super().finish()
        finally:
            self.rfile.close()
            self.wfile.close()
            self.connection.close()

    def log_message(self, *_: object) -> None:
        """The log is the server's list."""

    def do_CONNECT(self) -> None:
        if self.server.tls is None:
            self.send_error(501)
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()
        self.tunnel_host = self.path.split(":")[0]
        self.connection = self.request = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def do_GET(self) -> None:
        server, began = self.server, time.monotonic()
        parts = urlsplit(self.path)
        host = parts.hostname or self.tunnel_host or self.headers.get("Host", "").split(":")[0]
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        entry = {"t": time.time(), "host": host, "path": parts.path, "query": query, "kind": "other"}
        with server.lock:
            server.log.append(entry)
            server.inflight += 1
            server.max_inflight = max(server.max_inflight, server.inflight)
        try:
            server.closing.wait(server.latency)
            self.route(host, parts.path, query, entry)
        finally:
            with server.lock:
                server.inflight -= 1
            entry["seconds"] = time.monotonic() - began

    def reply(self, entry: dict[str, Any], status: int, body: Any, **headers: str) -> None:
        """Send a status with a text or a JSON body."""
        raw = (body if isinstance(body, str) else json.dumps(body)).encode()
        if headers.pop("cut", None):
            raw = raw[: len(raw) // 2]
        entry["status"] = status
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
        self.send_header("Content-Length", str(len(raw)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)

    def refuse(self, entry: dict[str, Any], status: int, code: str, description: str) -> None:
        """Send Yahoo's own kind of error."""
        error = {"code": code, "description": description}
        self.reply(entry, status, {"chart": {"result": None, "error": error}})

    def transport_fault(self, entry: dict[str, Any], faults: set[str]) -> bool:
        """Faults below the body; True when there is nothing left to answer."""
        if "slow" in faults:
            self.server.closing.wait(self.server.slow)
        if "hang" in faults:
            self.server.closing.wait(120)
        if "reset" in faults:
            entry["status"] = -1
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif "429" in faults or self.server.over_limit():
            self.reply(entry, 429, "Too Many Requests\r\n", Retry_After="1")
        elif "500" in faults:
            self.refuse(entry, 500, "Internal Server Error", "internal error")
        elif "503html" in faults:
            self.reply(entry, 503, "<html><body>Will be right back...</body></html>")
        return "status" in entry

    def route(self, host: str, path: str, query: dict[str, str], entry: dict[str, Any]) -> None:
        """Find the endpoint."""
        if path.startswith("/v8/finance/chart/"):
            self.chart(unquote(path.rsplit("/", 1)[1]), query, entry)
            return
        kinds = {"fc.yahoo.com": "cookie", "guce.yahoo.com": "consent", "consent.yahoo.com": "consent"}
        entry["kind"] = "crumb" if path == "/v1/test/getcrumb" else kinds.get(host, "other")
        if self.transport_fault(entry, self.server.take_faults(f"@{entry['kind']}")):
            return
        if entry["kind"] == "crumb":
            self.reply(entry, 200, "fAkEcRuMb01")
        elif entry["kind"] == "cookie":
            self.cookie(entry)
        elif entry["kind"] == "consent":
            self.reply(entry, 200, '<input name="csrfToken" value="t"><input name="sessionId" value="s">')
        else:
            self.reply(entry, 404, "not found")

    def cookie(self, entry: dict[str, Any]) -> None:
        """The real fc.yahoo.com answers 404, too, and sets its cookie all the same."""
        expires = (datetime.now(UTC) + timedelta(days=365)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        secure = "; Secure; SameSite=None" if self.tunnel_host else ""
        value = f"A3=d=fake&S=fake; Expires={expires}; Domain=.yahoo.com; Path=/; HttpOnly{secure}"
        self.reply(entry, 404, "not found", Set_Cookie=value)

    def chart(self, symbol: str, query: dict[str, str], entry: dict[str, Any]) -> None:
        """Daily bars, or the request for a time zone."""
        entry["symbol"] = symbol
        entry["kind"] = "chart" if "events" in query else "tz"
        faults = self.server.take_faults(symbol, "*")
        if self.transport_fault(entry, faults):
            return
        series = self.server.series.get(symbol)
        if self.server.require_crumb and not query.get("crumb"):
            self.refuse(entry, 401, "Unauthorized", "Invalid Crumb")
        elif series is None or "404" in faults:
            self.refuse(entry, 404, "Not Found", "No data found, symbol may be delisted")
        elif "null" in faults:
            self.reply(entry, 200, {"chart": {"result": None, "error": None}})
        else:
            try:
                body = chart.body(series, query, self.server.now, faults)
            except chart.NoBars as none:
                self.refuse(entry, 400, "Bad Request", str(none))
            else:
                cut = {"cut": "yes"} if "truncated" in faults else {}
                self.reply(entry, 200, body, **cut)
