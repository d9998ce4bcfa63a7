"""`screener alerts` as cron calls it: each alert once, silent otherwise; closes themselves say what is expected."""

import csv
import http.server
import io
import json
import sys
import threading
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

import screener
from tests.closes import Day, closes

FIRST, LAST = date(2025, 1, 24), date(2025, 4, 30)

#: the shipped rules on prices, in plain arithmetic on a Day
HOLDS = {
    "new_low": lambda day, side: day.low and day.low[0] == day.last_date and day.low[1] < day.base,
    "winner_below_base": lambda day, side: side == "winner" and day.below,
    "half_recovered": lambda day, side: (
        day.low and day.low[1] < day.base and (day.path[-1][1] - day.low[1]) / (day.base - day.low[1]) >= 0.5
    ),
    "base_regained": lambda day, side: day.regained,
    "new_high": lambda day, side: day.path and day.new_high,
}
ONLY = [word for rule in HOLDS for word in ("--rule", rule)]


@pytest.fixture
def config(tmp_path):
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


@pytest.fixture
def alerts(run, tmp_path, config):
    """Run `screener alerts --source sample ARGS` with a state and a configuration of its own."""

    def runner(*args, env=None, **how):
        folders = {"SCREENER_STATE_DIR": str(tmp_path / "state"), "SCREENER_CONFIG_DIR": str(config)}
        return run("alerts", "--source", "sample", *args, env=folders | (env or {}), **how)

    return runner


@dataclass
class Receiver:
    """A web server that keeps what is posted to it."""

    port: int
    code: int = 200
    got: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self):
        return f"json://user:secret@127.0.0.1:{self.port}/hook"


@pytest.fixture
def receivers():
    """Return a function that starts receivers."""
    servers = []

    def start():
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.code)
                self.end_headers()
                if receiver.code == 200:
                    receiver.got.append(json.loads(body))

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        receiver = Receiver(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return receiver

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def heads(text):
    """Date, rule and subject of each line."""
    return [tuple(line.split()[:3]) for line in text.splitlines()]


def test_replayed_day_by_day_each_alert_is_told_on_the_day_on_which_closes_make_it_true(alerts):
    series = closes()
    side_of = {
        m.symbol: c.side for c, m in screener.load_theme("deepseek-r1").members() if m.symbol in series
    }
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    held, seen = dict.fromkeys(((rule, symbol) for rule in HOLDS for symbol in side_of), False), set()
    for day in days:
        now = {symbol: Day(series[symbol], day) for symbol in side_of}
        holds = {(rule, symbol): bool(HOLDS[rule](now[symbol], side_of[symbol])) for rule, symbol in held}
        due = {
            (str(now[symbol].last_date), rule, symbol)
            for (rule, symbol), true in holds.items()
            if true and not held[rule, symbol]
        }
        told = heads(alerts(*ONLY, "--as-of", day).out)
        assert set(told) == due, day
        assert len(told) == len(due), day
        seen |= {rule for _, rule, _ in told}
        held = holds
    assert seen == set(HOLDS)


def test_a_line_is_date_rule_symbol_name_and_figures(alerts):
    told = alerts("--rule", "new_low", "--as-of", "2025-04-03").out.splitlines()
    # 101.80 / 142.62 - 1, closes as published
    assert "2025-04-03 new_low NVDA NVIDIA fall -28.62% last_close 101.80" in told


def test_the_same_day_again_is_silent_and_ends_with_0(alerts):
    first = alerts("--as-of", "2025-04-04")
    assert first.out
    second = alerts("--as-of", "2025-04-04", "--exit-code")
    assert (second.code, second.out, second.err) == (0, "", "")


def test_the_first_run_is_held_against_the_session_before(alerts):
    first = alerts("--as-of", "2025-04-04", "--dry-run").out
    assert first
    assert alerts("--as-of", "2025-04-04", "--since", "2025-04-03", "--dry-run").out == first
    # a Sunday's newest session is Friday's
    assert alerts("--as-of", "2025-04-06", "--dry-run").out == first


def test_a_run_after_a_gap_tells_what_became_true_in_it(alerts):
    alerts("--as-of", "2025-02-28", *ONLY)
    gap = alerts("--as-of", "2025-04-04", *ONLY).out
    assert gap == alerts("--as-of", "2025-04-04", "--since", "2025-02-28", *ONLY).out
    assert ("2025-04-04", "new_low", "MSFT") in heads(gap)


def test_dry_run_and_since_remember_nothing(alerts):
    for args in (["--dry-run"], ["--since", "2025-04-03"]):
        once = alerts("--as-of", "2025-04-04", *args).out
        assert once == alerts("--as-of", "2025-04-04", *args).out != ""


def test_a_look_back_neither_uses_nor_spoils_what_is_remembered(alerts):
    alerts("--as-of", "2025-04-30")
    back = alerts("--as-of", "2025-02-03", *ONLY).out
    assert back == alerts("--as-of", "2025-02-03", "--since", "2025-02-02", *ONLY).out != ""
    assert alerts("--as-of", "2025-04-30").out == ""


def test_runs_for_one_market_each_tell_everything_once(alerts):
    alerts("--as-of", "2025-04-03", *ONLY)
    korea = heads(alerts("--as-of", "2025-04-04", "--market", "KR", *ONLY).out)
    america = heads(alerts("--as-of", "2025-04-04", "--market", "US", *ONLY).out)
    assert {symbol[-3:] for _, _, symbol in korea} == {".KS", ".KQ"}
    assert america
    assert not {symbol for _, _, symbol in america} & {symbol for _, _, symbol in korea}
    assert alerts("--as-of", "2025-04-04", *ONLY).out == ""


def test_a_market_looked_at_later_with_an_earlier_close_is_not_forgotten(alerts):
    alerts("--as-of", "2025-04-02", *ONLY)
    alerts("--as-of", "2025-04-04", "--market", "KR", *ONLY)
    late = alerts("--as-of", "2025-04-03", "--market", "US", *ONLY).out
    assert ("2025-04-03", "new_low", "NVDA") in heads(late)
    assert alerts("--as-of", "2025-04-03", "--market", "US", *ONLY).out == ""


def test_exit_code_tells_that_something_fired(alerts):
    assert alerts("--as-of", "2025-04-04", "--exit-code").code == 5
    assert alerts("--as-of", "2025-04-07").code == 0


def test_formats_hold_the_same_alerts(alerts):
    def told(form):
        return alerts("--as-of", "2025-04-04", "--since", "2025-04-03", "-f", form).out

    rows = list(csv.DictReader(io.StringIO(told("csv"))))
    keys = [(row["date"], row["rule"], row["subject"]) for row in rows]
    answer = json.loads(told("json"))
    assert answer["meta"]["since"] == "2025-04-03"
    for records in (answer["rows"], list(map(json.loads, told("jsonl").splitlines()))):
        assert [(row["date"], row["rule"], row["subject"]) for row in records] == keys
    palantir = next(row for row in answer["rows"] if row["rule"] == "winner_below_base")
    # 74.01 / 78.98 - 1
    assert palantir["values"] == {"return_since": round(74.01 / 78.98 - 1, 6)}
    table = told("table")
    assert all(subject in table for _, _, subject in keys)


def test_a_format_that_alerts_do_not_have_is_refused(alerts, tmp_path):
    for args in (["-f", "html"], ["-o", tmp_path / "a.parquet"]):
        result = alerts("--as-of", "2025-04-04", *args)
        assert (result.code, result.out) == (2, "")
        assert "expected table, csv, tsv, json, jsonl" in result.err


def test_a_file_gets_lines_or_is_emptied(alerts, tmp_path):
    file = tmp_path / "alerts.txt"
    alerts("--as-of", "2025-04-04", "-o", file)
    assert "winner_below_base PLTR" in file.read_text("utf-8")
    alerts("--as-of", "2025-04-04", "-o", file)
    assert file.read_text("utf-8") == ""


def test_korean_has_korean_names_and_titles(alerts):
    args = ("--as-of", "2025-04-04", "--since", "2025-04-03", "--rule", "winner_below_base", "--lang", "ko")
    assert alerts(*args).out == "2025-04-04 winner_below_base PLTR 팰런티어 return_since -6.29%\n"
    assert "예상 수혜주가 기준가 아래로 마감" in alerts(*args, "-f", "table").out


RULES = """\
rules:
  - id: deep
    title: Deep fall
    where: market == US and fall < -60%
  - id: new_low
    title: Mine
    where: symbol == MRVL and fall < 0
  - id: new_high
    title: Off
    where: new_high_on is not empty
    enabled: false
  - id: other
    title: Of another theme
    where: fall < 0
    theme: another
"""


def test_own_rules_are_added_and_stand_in_for_shipped_ones(alerts, config):
    (config / "alerts.yaml").write_text(RULES, "utf-8")
    rules = {row["id"]: row for row in csv.DictReader(io.StringIO(alerts("--list", "-f", "csv").out))}
    assert rules["new_low"]["title"] == "Mine"
    assert rules["deep"]["condition"] == "market == US and fall < -60%"
    assert "half_recovered" in rules
    assert not {"new_high", "other"} & set(rules)
    # 48.88 / 124.77 - 1 fell below -60 % on 04-04; columns of the condition are told where there is no show:
    told = alerts("--as-of", "2025-04-04", "--rule", "deep").out
    assert told.startswith("2025-04-04 deep MRVL Marvell Technology market US fall -60.14%")


def test_a_rule_rewritten_begins_anew(alerts, config, tmp_path):
    alerts("--as-of", "2025-04-04", "--rule", "half_recovered")
    (config / "alerts.yaml").write_text(
        "rules:\n  - {id: half_recovered, title: T, where: symbol == NVDA and fall < -30%}\n", "utf-8"
    )
    # not seen yet under this condition, so held against the session before: -28.62 % on 04-03
    told = heads(alerts("--as-of", "2025-04-04", "--rule", "half_recovered").out)
    assert told == [("2025-04-04", "half_recovered", "NVDA")]


FAULTY = """\
rules:
  - id: Bad Id
    title: one
    where: recovry < 50%
  - id: two
    title: "=two"
    where: fall <
    claim: x
  - id: three
    title: three
    claim: any
  - id: three
    titel: four
    where: fall < 0
    show: [fal]
  - id: five
    title: five
    claim: any
    verdict: hold
"""


def test_faults_of_the_rules_are_told_all_at_once_with_their_place(alerts, config):
    path = config / "alerts.yaml"
    path.write_text(FAULTY, "utf-8")
    result = alerts("--as-of", "2025-04-04")
    assert (result.code, result.out) == (2, "")
    for place in (
        f"{path}:2: rules[0].id: 'Bad Id' does not fit",
        f"{path}:4: rules[0].where: no column recovry, did you mean recovery?",
        f"{path}:5: rules[1]: expected either where: (a condition on the columns) or claim:",
        f"{path}:6: rules[1].title: begins with '='",
        f"{path}:7: rules[1].where: ",
        f"{path}:9: rules[2].verdict: a claim needs the verdict to wait for",
        f"{path}:12: rules[3].id: rule three stands already in line 9",
        f"{path}:13: rules[3].titel: unknown key, did you mean title?",
        f"{path}:15: rules[3].show[0]: no column 'fal', did you mean fall?",
        f"{path}:19: rules[4].verdict: unknown word 'hold', did you mean holds?",
    ):
        assert place in result.err, place
    caret = result.err.splitlines()
    at = next(n for n, line in enumerate(caret) if line.strip() == "recovry < 50%")
    assert caret[at + 1].index("^") == caret[at].index("recovry")


def test_an_unknown_rule_is_refused(alerts):
    result = alerts("--rule", "new_lo")
    assert result.code == 2
    assert "did you mean new_low?" in result.err


def test_since_must_lie_before_the_as_of_date(alerts):
    result = alerts("--as-of", "2025-04-04", "--since", "2025-04-04")
    assert result.code == 2
    assert "expected a date before 2025-04-04" in result.err


def test_a_torn_memory_is_set_aside_and_said(alerts, tmp_path):
    alerts("--as-of", "2025-04-04")
    memory = tmp_path / "state" / "alerts" / "deepseek-r1.json"
    memory.write_text(memory.read_text("utf-8")[:100], "utf-8")
    again = alerts("--as-of", "2025-04-04")
    assert again.code == 0
    assert str(memory) in again.err
    assert heads(again.out)
    assert alerts("--as-of", "2025-04-04").out == ""


def test_a_notification_carries_the_lines(alerts, receivers):
    receiver = receivers()
    told = alerts("--as-of", "2025-04-04", "--rule", "new_low", "--notify", receiver.url)
    assert told.code == 0
    (message,) = receiver.got
    assert message["message"].splitlines() == told.out.splitlines()
    assert message["title"] == f"{len(told.out.splitlines())} new: DeepSeek R1 shock"
    alerts("--as-of", "2025-04-04", "--rule", "new_low", "--notify", receiver.url)
    assert len(receiver.got) == 1


def test_addresses_come_from_the_environment(alerts, receivers):
    one, two = receivers(), receivers()
    alerts("--as-of", "2025-04-04", env={"SCREENER_NOTIFY": f"{one.url} {two.url}"})
    assert len(one.got) == len(two.got) == 1


def test_what_was_not_delivered_is_said_and_sent_next_time_even_if_no_longer_true(alerts, receivers):
    receiver = receivers()
    receiver.code = 500
    failed = alerts("--as-of", "2025-04-04", "--rule", "new_low", "--notify", receiver.url, "-q")
    assert failed.code == 1
    assert "not delivered" in failed.err
    assert "500" in failed.err
    assert "secret" not in failed.err
    receiver.code = 200
    # on 04-05, a Saturday, nothing new became true
    again = alerts("--as-of", "2025-04-05", "--rule", "new_low", "--notify", receiver.url)
    assert (again.code, again.out) == (0, failed.out)
    assert [message["message"].strip() for message in receiver.got] == [failed.out.strip()]
    assert alerts("--as-of", "2025-04-05", "--rule", "new_low", "--notify", receiver.url).out == ""


def test_an_address_that_got_it_does_not_get_it_twice_when_another_failed(alerts, receivers, tmp_path):
    good, bad = receivers(), receivers()
    bad.code = 500
    args = ("--rule", "new_low", "--notify", good.url, "--notify", bad.url)
    assert alerts("--as-of", "2025-04-04", *args).code == 1
    assert "secret" not in (tmp_path / "state" / "alerts" / "deepseek-r1.json").read_text("utf-8")
    bad.code = 200
    assert alerts("--as-of", "2025-04-04", *args).code == 0
    assert len(good.got) == len(bad.got) == 1
    assert good.got == bad.got


def test_a_dry_run_sends_nothing(alerts, receivers):
    receiver = receivers()
    assert alerts("--as-of", "2025-04-04", "--dry-run", "--notify", receiver.url).out
    assert receiver.got == []


def test_without_apprise_it_says_what_to_install_and_forgets_nothing(alerts, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    result = alerts("--as-of", "2025-04-04", "--notify", "json://127.0.0.1/")
    assert (result.code, result.out) == (2, "")
    assert "pip install 'shock-screener[notify]'" in result.err
    assert alerts("--as-of", "2025-04-04").out


def test_an_address_of_no_service_is_refused_without_showing_it(alerts):
    result = alerts("--as-of", "2025-04-04", "--notify", "nosuch://user:secret@example.org")
    assert (result.code, result.out) == (2, "")
    assert "nosuch://" in result.err
    assert "secret" not in result.err


THEME = """\
id: one-claim
title: One claim
title_ko: 주장 하나
event:
  moment: 2025-01-26T12:00Z
categories:
  - id: chips
    side: loser
    title: Chips
    members:
      - {symbol: NVDA, name: NVIDIA}
  - id: korea
    side: loser
    title: Korea
    members:
      - {symbol: 000660.KS, name: SK hynix}
claims:
  - id: chips_hurt
    title: Nvidia stays a tenth below
    title_ko: 엔비디아 10% 아래
    tests:
      - of: NVDA
        measure: return_since
        expect: "<= -10%"
"""


@pytest.mark.parametrize("market", [[], ["--market", "KR"]])
def test_a_claim_is_told_whenever_its_verdict_turns_whatever_markets_are_screened(alerts, tmp_path, market):
    theme = tmp_path / "one-claim.yaml"
    theme.write_text(THEME, "utf-8")
    path = [point for point in closes()["NVDA"] if date(2025, 1, 24) <= point[0] <= date(2025, 3, 31)]
    base = path[0][1]
    due, verdict = [], "open"
    for day, close in path[1:]:
        now = "holds" if close / base - 1 <= -0.1 else "refuted"
        if now != verdict:
            due.append(f"{day} claim_{now} chips_hurt Nvidia stays a tenth below")
        verdict = now
    told = []
    rules = ("--rule", "claim_holds", "--rule", "claim_refuted")
    for day, _ in path:
        told += alerts("--theme", theme, "--as-of", day, *rules, *market).out.splitlines()
    assert told == due
    assert len(due) > 4


def test_a_rule_on_a_claim_that_the_theme_lacks_is_refused(alerts, config, tmp_path):
    rule = "rules:\n  - {id: mine, title: Mine, claim: chip_hurt, verdict: holds}\n"
    (config / "alerts.yaml").write_text(rule, "utf-8")
    theme = tmp_path / "one-claim.yaml"
    theme.write_text(THEME, "utf-8")
    result = alerts("--theme", theme, "--as-of", "2025-04-04")
    assert (result.code, result.out) == (2, "")
    assert "did you mean chips_hurt?" in result.err
