"""A small fake of the Yahoo Finance HTTP endpoints which yfinance 1.7.0 uses.

Standard library only (pandas is imported only by ``load_parquet``).  Three ways in:

1. Plain HTTP proxy, for a client whose session rewrites ``https://HOST/path`` into
   ``http://HOST/path`` and uses this server as its HTTP proxy, so that cookie domains
   stay those of yahoo.com (see ``client.py``).
2. Plain HTTP with the real paths (``/v8/finance/chart/AAPL``), for patched base URLs.
3. As an HTTPS proxy (``CONNECT``) ending TLS itself with a throw-away CA, for an
   unpatched client in another process: set ``HTTPS_PROXY`` and ``CURL_CA_BUNDLE``.

Faults are queued per symbol (or ``*``), or per endpoint (``@crumb``, ``@cookie``,
``@consent``): ``server.fault("AAPL", "429", times=2)``.
Every request is recorded in ``server.log``.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import math
import random
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

UTC = dt.UTC

# suffix -> (time zone, short tz, currency, exchange, open, close, price hint)
MARKETS = {
    "": ("America/New_York", "EST", "USD", "NMS", (9, 30), (16, 0), 2),
    ".KS": ("Asia/Seoul", "KST", "KRW", "KSC", (9, 0), (15, 30), 2),
    ".KQ": ("Asia/Seoul", "KST", "KRW", "KOE", (9, 0), (15, 30), 2),
    ".HK": ("Asia/Hong_Kong", "HKT", "HKD", "HKG", (9, 30), (16, 0), 3),
    ".T": ("Asia/Tokyo", "JST", "JPY", "JPX", (9, 0), (15, 30), 2),
    ".TW": ("Asia/Taipei", "CST", "TWD", "TAI", (9, 0), (13, 30), 2),
}
INDICES = {"^GSPC": "", "^KS11": ".KS", "^KQ11": ".KQ"}
VALID_RANGES = ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"]
FAULTS = {
    "429",
    "404",
    "400",
    "500",
    "503html",
    "empty",
    "emptyquote",
    "null",
    "truncated",
    "slow",
    "hang",
    "reset",
    "nan_last",
    "nan_middle",
    "null_volume",
    "split",
    "dividend",
    "dup_last",
    "shuffled",
    "missing_last",
    "x100_last",
    "no_meta_tz",
    "no_adjclose",
    "wrong_symbol",
}


def market_of(symbol: str):
    if symbol in INDICES:
        return MARKETS[INDICES[symbol]]
    dot = symbol.rfind(".")
    return MARKETS.get(symbol[dot:] if dot > 0 else "", MARKETS[""])


@dataclass
class Row:
    day: dt.date
    open: float | None
    high: float | None
    low: float | None
    close: float | None  # split-adjusted, as Yahoo serves it
    volume: int | None
    adj: float | None = None  # None -> computed from dividends


@dataclass
class Series:
    symbol: str
    rows: list[Row]
    dividends: dict[dt.date, float] = field(default_factory=dict)  # split-adjusted amounts
    splits: dict[dt.date, tuple[float, float]] = field(default_factory=dict)

    def adjusted(self) -> list[float | None]:
        """Yahoo's Adj Close: every close before an ex-date times (1 - div/previous close)."""
        out, factor, nxt = [], 1.0, None
        for row in reversed(self.rows):
            if nxt in self.dividends and row.close:
                factor *= 1 - self.dividends[nxt] / row.close
            out.append(row.adj if row.adj is not None else None if row.close is None else row.close * factor)
            nxt = row.day
        return out[::-1]


# --------------------------------------------------------------------------- data
def random_series(symbol: str, last: dt.date, n: int = 300, seed: int = 7) -> Series:
    rng = random.Random(f"{seed}:{symbol}")
    days, day = [], last
    while len(days) < n:
        if day.weekday() < 5:
            days.append(day)
        day -= dt.timedelta(days=1)
    price, rows = rng.uniform(20, 400) * (1000 if market_of(symbol)[2] == "KRW" else 1), []
    for day in reversed(days):
        opn = price * math.exp(rng.gauss(0, 0.004))
        price = opn * math.exp(rng.gauss(0.0003, 0.015))
        high = max(opn, price) * (1 + abs(rng.gauss(0, 0.004)))
        low = min(opn, price) * (1 - abs(rng.gauss(0, 0.004)))
        rows.append(
            Row(
                day,
                round(opn, 4),
                round(high, 4),
                round(low, 4),
                round(price, 4),
                rng.randrange(10_000, 9_000_000),
            )
        )
    return Series(symbol, rows)


def _series_from_records(records) -> dict[str, Series]:
    """records: dicts with symbol,date,open,high,low,close,volume[,adj_close,dividend,split]."""
    out: dict[str, Series] = {}

    def num(v):
        if v in (None, "") or (isinstance(v, float) and math.isnan(v)):
            return None
        return float(v)

    for r in records:
        day = dt.date.fromisoformat(str(r["date"])[:10])
        s = out.setdefault(r["symbol"], Series(r["symbol"], []))
        vol = num(r.get("volume"))
        s.rows.append(
            Row(
                day,
                num(r.get("open")),
                num(r.get("high")),
                num(r.get("low")),
                num(r["close"]),
                None if vol is None else int(vol),
                num(r.get("adj_close")),
            )
        )
        if num(r.get("dividend")):
            s.dividends[day] = num(r["dividend"])
        if num(r.get("split")):
            s.splits[day] = (num(r["split"]), 1.0)
    return out


def load_csv(path) -> dict[str, Series]:
    with open(path, newline="") as fh:
        return _series_from_records(csv.DictReader(fh))


def load_parquet(path) -> dict[str, Series]:
    import pandas as pd

    return _series_from_records(pd.read_parquet(path).to_dict("records"))


# --------------------------------------------------------------------------- server
class FakeYahoo(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self,
        series: dict[str, Series] | None = None,
        *,
        now: dt.datetime | None = None,
        latency: float = 0.0,
        slow: float = 3.0,
        limit_per_s: float | None = None,
        port: int = 0,
        tls: bool = False,
    ):
        super().__init__(("127.0.0.1", port), Handler)
        self.series = dict(series or {})
        self.now = now  # frozen clock for "live" rows and ranges
        self.latency, self.slow = latency, slow
        self.limit_per_s = limit_per_s  # answer 429 to requests above this rate
        self.require_crumb = False  # 401 "Invalid Crumb" on chart calls without one
        self.lock = threading.Lock()
        self.faults: dict[str, list[list]] = defaultdict(list)
        self.log: list[dict] = []
        self.inflight = self.max_inflight = self.connections = 0
        self._recent: list[float] = []
        self.dir = Path(tempfile.mkdtemp(prefix="fakeyahoo-"))
        self.tls = self._make_tls() if tls else None
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    # -- life cycle
    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self.shutdown()
        self.server_close()

    def get_request(self):
        self.connections += 1
        return super().get_request()

    def handle_error(self, request, client_address):
        pass  # clients hang up in the fault modes

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def env(self) -> dict[str, str]:
        """Environment which points an unpatched client process at this server (tls=True)."""
        ca = str(self.dir / "ca.pem")
        return {
            "HTTPS_PROXY": self.url,
            "https_proxy": self.url,
            "CURL_CA_BUNDLE": ca,
            "REQUESTS_CA_BUNDLE": ca,
            "SSL_CERT_FILE": ca,
            "NO_PROXY": "",
        }

    def _make_tls(self) -> ssl.SSLContext:
        d = self.dir

        def run(*a):
            subprocess.run(["openssl", *a], cwd=d, check=True, capture_output=True)

        run(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "2",
            "-subj",
            "/CN=fake yahoo CA",
        )
        run(
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "srv.key",
            "-out",
            "srv.csr",
            "-subj",
            "/CN=yahoo.com",
        )
        (d / "ext").write_text("subjectAltName=DNS:yahoo.com,DNS:*.yahoo.com,DNS:*.finance.yahoo.com\n")
        run(
            "x509",
            "-req",
            "-in",
            "srv.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-out",
            "srv.pem",
            "-days",
            "2",
            "-extfile",
            "ext",
        )
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(d / "srv.pem", d / "srv.key")
        ctx.set_alpn_protocols(["http/1.1"])
        return ctx

    # -- control
    def fault(self, key: str, name: str, times: int | None = None):
        """Queue a fault for a symbol, '*' or '@crumb'/'@cookie'/'@consent'; times=None is for ever."""
        if name not in FAULTS:
            raise ValueError(name)
        with self.lock:
            self.faults[key].append([name, times])

    def clear(self):
        with self.lock:
            self.faults.clear()
            self.log.clear()
            self.max_inflight = self.connections = 0

    def take_faults(self, *keys) -> set[str]:
        out = set()
        with self.lock:
            for key in keys:
                for entry in self.faults.get(key, []):
                    if entry[1] is None:
                        out.add(entry[0])
                    elif entry[1] > 0:
                        entry[1] -= 1
                        out.add(entry[0])
        return out

    def counts(self) -> Counter:
        with self.lock:
            return Counter(e["kind"] for e in self.log)

    def over_limit(self) -> bool:
        if self.limit_per_s is None:
            return False
        with self.lock:
            t = time.monotonic()
            self._recent = [x for x in self._recent if t - x < 1.0]
            self._recent.append(t)
            return len(self._recent) > self.limit_per_s

    def clock(self) -> dt.datetime:
        return self.now or dt.datetime.now(UTC)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeYahoo

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *a):
        pass

    # -- plumbing
    def do_CONNECT(self):
        if self.server.tls is None:
            return self.send_error(501)
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()
        self.tunnel_host = self.path.split(":")[0]
        self.connection = self.request = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def do_GET(self):
        srv, t0 = self.server, time.monotonic()
        parts = urlsplit(self.path)
        path = parts.path
        host = getattr(self, "tunnel_host", None) or self.headers.get("Host", "").split(":")[0]
        if parts.hostname:  # absolute URI: we are an HTTP proxy
            host = parts.hostname
        query = {k: v[0] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
        entry = {
            "t": time.time(),
            "method": self.command,
            "host": host,
            "path": path,
            "query": query,
            "cookie": "A3=" in (self.headers.get("Cookie") or ""),
            "crumb": query.get("crumb"),
            "kind": "other",
            "status": None,
        }
        with srv.lock:
            srv.log.append(entry)
            srv.inflight += 1
            srv.max_inflight = max(srv.max_inflight, srv.inflight)
        try:
            if srv.latency:
                time.sleep(srv.latency)
            self.route(host, path, query, entry)
        finally:
            with srv.lock:
                srv.inflight -= 1
            entry["seconds"] = time.monotonic() - t0

    def reply(self, entry, status, body, ctype="application/json;charset=utf-8", headers=(), cut=None):
        raw = (
            body
            if isinstance(body, bytes)
            else (body if isinstance(body, str) else json.dumps(body)).encode()
        )
        entry["status"] = status
        self.send_response(status)
        self.send_header("Content-Type", ctype)
        if cut is not None:
            raw = raw[:cut]  # well-formed HTTP, cut JSON
        self.send_header("Content-Length", str(len(raw)))
        for k, v in headers:
            self.send_header(k, v)
        self.end_headers()
        self.wfile.write(raw)

    def error(self, entry, status, code, description):
        self.reply(
            entry, status, {"chart": {"result": None, "error": {"code": code, "description": description}}}
        )

    def common_fault(self, entry, faults) -> bool:
        """Transport and status faults; True when the answer is already given."""
        if "slow" in faults:
            time.sleep(self.server.slow)
        if "hang" in faults:
            time.sleep(120)
        if "reset" in faults:
            entry["status"] = -1
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return True
        if "429" in faults or self.server.over_limit():
            self.reply(entry, 429, "Too Many Requests\r\n", "text/html", [("Retry-After", "1")])
            return True
        if "500" in faults:
            self.error(entry, 500, "Internal Server Error", "internal error")
            return True
        if "503html" in faults:
            self.reply(entry, 503, "<html><body>Will be right back...</body></html>", "text/html")
            return True
        return False

    # -- routes
    def route(self, host, path, query, entry):
        srv = self.server
        if path.startswith("/__fake__/"):
            entry["kind"] = "admin"
            return self.reply(
                entry,
                200,
                {
                    "counts": dict(srv.counts()),
                    "max_inflight": srv.max_inflight,
                    "connections": srv.connections,
                },
            )
        if path.startswith("/v8/finance/chart/"):
            return self.chart(unquote(path.rsplit("/", 1)[1]), query, entry)
        if path in ("/v8/finance/spark", "/v7/finance/spark"):
            return self.spark(query, entry)
        if path == "/v1/test/getcrumb":
            entry["kind"] = "crumb"
            if self.common_fault(entry, srv.take_faults("@crumb")):
                return None
            return self.reply(entry, 200, "fAkEcRuMb01", "text/plain;charset=utf-8")
        if host == "fc.yahoo.com":
            entry["kind"] = "cookie"
            if self.common_fault(entry, srv.take_faults("@cookie")):
                return None
            exp = (dt.datetime.now(UTC) + dt.timedelta(days=365)).strftime("%a, %d %b %Y %H:%M:%S GMT")
            # the real fc.yahoo.com answers 404 and sets the A3 cookie
            return self.reply(
                entry,
                404,
                "not found",
                "text/html",
                [
                    (
                        "Set-Cookie",
                        f"A3=d=fake&S=fake; Expires={exp}; Domain=.yahoo.com; Path=/; HttpOnly"
                        + ("; Secure; SameSite=None" if hasattr(self, "tunnel_host") else ""),
                    )
                ],
            )
        if host.startswith(("guce.", "consent.")):
            entry["kind"] = "consent"
            if self.common_fault(entry, srv.take_faults("@consent")):
                return None
            return self.reply(
                entry,
                200,
                '<form><input name="csrfToken" value="t"><input name="sessionId" value="s"></form>',
                "text/html",
            )
        if path.startswith(("/v10/finance/quoteSummary", "/v7/finance/quote")):
            entry["kind"] = "quote"
            return self.reply(
                entry,
                404,
                {
                    "quoteSummary": {
                        "result": None,
                        "error": {"code": "Not Found", "description": "Quote not found"},
                    }
                },
            )
        return self.reply(entry, 404, "not found", "text/plain")

    # -- chart
    def window(self, query, rows, tz, opn):
        """Timestamps are session opens; both ends as Yahoo treats them (start inclusive)."""
        now = self.server.clock()
        stamps = [
            int(dt.datetime(r.day.year, r.day.month, r.day.day, *opn, tzinfo=tz).timestamp()) for r in rows
        ]
        if "period1" in query:
            lo, hi = int(float(query["period1"])), int(float(query["period2"]))
        else:
            rng = query.get("range", "1mo")
            hi = int(now.timestamp())
            if rng == "max":
                lo = 0
            elif rng == "ytd":
                lo = int(dt.datetime(now.year, 1, 1, tzinfo=tz).timestamp())
            else:
                unit, n = rng.lstrip("0123456789"), int("".join(c for c in rng if c.isdigit()))
                if unit == "d":
                    past = [s for s in stamps if s <= hi]
                    lo = past[-n] if len(past) >= n else 0
                else:
                    lo = hi - int({"wk": 7, "mo": 30.5, "y": 365.25}[unit] * n * 86400)
        hi = min(hi, int(now.timestamp()))
        return [(s, r, i) for i, (s, r) in enumerate(zip(stamps, rows)) if lo <= s < hi or s == lo], lo, hi

    def chart(self, symbol, query, entry):
        srv = self.server
        entry["symbol"] = symbol
        entry["kind"] = (
            "tz"
            if query.get("range") == "1d" and query.get("interval") == "1d" and "events" not in query
            else "chart"
        )
        faults = srv.take_faults(symbol, "*")
        if self.common_fault(entry, faults):
            return None
        if srv.require_crumb and not query.get("crumb"):
            return self.reply(
                entry,
                401,
                {
                    "finance": {
                        "result": None,
                        "error": {"code": "Unauthorized", "description": "Invalid Crumb"},
                    }
                },
            )
        series = srv.series.get(symbol)
        if series is None or "404" in faults:
            return self.error(entry, 404, "Not Found", "No data found, symbol may be delisted")
        if "null" in faults:
            return self.reply(entry, 200, {"chart": {"result": None, "error": None}})
        tzname, tzshort, currency, exchange, opn, cls, hint = market_of(symbol)
        tz, now = ZoneInfo(tzname), srv.clock()
        picked, lo, hi = self.window(query, series.rows, tz, opn)
        adj = series.adjusted()
        off = int(now.astimezone(tz).utcoffset().total_seconds())
        today = now.astimezone(tz).date()

        def stamp(hm):
            return int(dt.datetime(today.year, today.month, today.day, *hm, tzinfo=tz).timestamp())

        past = [r for r in series.rows if r.close is not None]
        period = {"timezone": tzshort, "start": stamp(opn), "end": stamp(cls), "gmtoffset": off}
        last_close_time = int(
            dt.datetime(past[-1].day.year, past[-1].day.month, past[-1].day.day, *cls, tzinfo=tz).timestamp()
        )
        meta = {
            "currency": currency,
            "symbol": "WRONG" if "wrong_symbol" in faults else symbol,
            "exchangeName": exchange,
            "fullExchangeName": exchange,
            "instrumentType": "INDEX" if symbol.startswith("^") else "EQUITY",
            "firstTradeDate": int(
                dt.datetime(
                    series.rows[0].day.year, series.rows[0].day.month, series.rows[0].day.day, *opn, tzinfo=tz
                ).timestamp()
            ),
            "regularMarketTime": min(last_close_time, int(now.timestamp())),
            "hasPrePostMarketData": currency == "USD",
            "gmtoffset": off,
            "timezone": tzshort,
            "exchangeTimezoneName": tzname,
            "regularMarketPrice": past[-1].close,
            "chartPreviousClose": past[-2].close if len(past) > 1 else None,
            "priceHint": hint,
            "currentTradingPeriod": {"pre": dict(period), "regular": dict(period), "post": dict(period)},
            "dataGranularity": "1d",
            "range": query.get("range", ""),
            "validRanges": VALID_RANGES,
        }
        if "no_meta_tz" in faults:
            del meta["exchangeTimezoneName"]
        if "missing_last" in faults:
            picked = picked[:-1]
        if "empty" in faults:  # 200, meta only
            return self.reply(
                entry,
                200,
                {
                    "chart": {
                        "result": [{"meta": meta, "indicators": {"quote": [{}], "adjclose": [{}]}}],
                        "error": None,
                    }
                },
            )
        if "400" in faults or (not picked and "period1" in query):
            return self.error(
                entry, 400, "Bad Request", f"Data doesn't exist for startDate = {lo}, endDate = {hi}"
            )
        cols = {c: [getattr(r, c) for _, r, _ in picked] for c in ("open", "high", "low", "close", "volume")}
        stamps, adjc = [s for s, _, _ in picked], [adj[i] for _, _, i in picked]
        if "emptyquote" in faults:  # rows, but every value null
            cols, adjc = {c: [None] * len(stamps) for c in cols}, [None] * len(stamps)

        def blank(i):
            for c in ("open", "high", "low", "close"):
                cols[c][i] = None
            adjc[i] = None

        if stamps:
            if "nan_last" in faults:
                blank(-1)
            if "nan_middle" in faults:
                blank(len(stamps) // 2)
                cols["volume"][len(stamps) // 2] = None
            if "null_volume" in faults:
                cols["volume"][-1] = None
            if "x100_last" in faults:
                for c in ("open", "high", "low", "close"):
                    cols[c][-1] *= 100
                adjc[-1] *= 100
        events = {"dividends": {}, "splits": {}}
        divs, splits = dict(series.dividends), dict(series.splits)
        if picked and "dividend" in faults:
            divs[picked[len(picked) // 2][1].day] = round(picked[0][1].close * 0.01, 4)
        if picked and "split" in faults:
            splits[picked[len(picked) // 2][1].day] = (4, 1)
        for s, r, _ in picked:
            if r.day in divs:
                events["dividends"][str(s)] = {"amount": divs[r.day], "date": s}
            if r.day in splits:
                n, d = splits[r.day]
                events["splits"][str(s)] = {
                    "date": s,
                    "numerator": n,
                    "denominator": d,
                    "splitRatio": f"{n:g}:{d:g}",
                }
        if stamps and "dup_last" in faults:  # the live quote as a row of its own
            stamps.append(stamps[-1] + 6 * 3600 + 1801)
            for c in cols:
                cols[c].append(cols[c][-1])
            cols["volume"][-1] = (cols["volume"][-1] or 0) + 1234
            cols["close"][-1] = round(cols["close"][-1] * 1.01, 4)
            adjc.append(cols["close"][-1])
        if "shuffled" in faults:
            order = list(range(len(stamps)))
            random.Random(1).shuffle(order)
            stamps, adjc = [stamps[i] for i in order], [adjc[i] for i in order]
            cols = {c: [v[i] for i in order] for c, v in cols.items()}
        result = {
            "meta": meta,
            "timestamp": stamps,
            "indicators": {"quote": [cols], "adjclose": [{"adjclose": adjc}]},
        }
        if "no_adjclose" in faults:
            del result["indicators"]["adjclose"]
        events = {k: v for k, v in events.items() if v}
        if events and "events" in query:
            result["events"] = events
        body = {"chart": {"result": [result], "error": None}}
        self.reply(entry, 200, body, cut=len(json.dumps(body)) // 2 if "truncated" in faults else None)

    def spark(self, query, entry):
        """Many symbols, closes only; over 20 symbols is refused, as Yahoo does."""
        entry["kind"] = "spark"
        if self.common_fault(entry, self.server.take_faults("@spark", "*")):
            return None
        symbols = query.get("symbols", "").split(",")
        if len(symbols) > 20:
            return self.reply(
                entry,
                400,
                {
                    "spark": {
                        "result": None,
                        "error": {"code": "Bad Request", "description": "Number of symbols exceeds 20"},
                    }
                },
            )
        out = {}
        for symbol in symbols:
            series = self.server.series.get(symbol)
            if series is None:
                continue
            tzname, _, _, _, opn, _, _ = market_of(symbol)
            picked, _, _ = self.window(query, series.rows, ZoneInfo(tzname), opn)
            out[symbol] = {
                "symbol": symbol,
                "timestamp": [s for s, _, _ in picked],
                "close": [r.close for _, r, _ in picked],
                "dataGranularity": 300,
                "previousClose": None,
                "chartPreviousClose": None,
                "start": None,
                "end": None,
            }
        self.reply(entry, 200, out)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument(
        "data",
        nargs="?",
        help="CSV or parquet: symbol,date,open,high,low,close,volume[,adj_close,dividend,split]",
    )
    ap.add_argument("--port", type=int, default=8799)
    ap.add_argument("--tls", action="store_true", help="also work as an HTTPS proxy for *.yahoo.com")
    ap.add_argument("--latency", type=float, default=0.0)
    ap.add_argument("--fault", action="append", default=[], metavar="SYMBOL=NAME[:TIMES]")
    a = ap.parse_args()
    if a.data:
        series = load_parquet(a.data) if a.data.endswith(".parquet") else load_csv(a.data)
    else:
        series = {
            s: random_series(s, dt.date.today())
            for s in ("AAPL", "005930.KS", "0700.HK", "7203.T", "2330.TW", "^GSPC", "^KS11", "^KQ11")
        }
    srv = FakeYahoo(series, port=a.port, tls=a.tls, latency=a.latency)
    for spec in a.fault:
        key, _, rest = spec.partition("=")
        name, _, times = rest.partition(":")
        srv.fault(key, name, int(times) if times else None)
    print(srv.url, *(f"{k}={v}" for k, v in (srv.env() if a.tls else {}).items()), sep="\n", flush=True)
    srv.serve_forever()


if __name__ == "__main__":
    main()
