"""What a new theme file holds: a small theme that works, with a comment beside whatever has to be decided."""

from __future__ import annotations

from screener.errors import UsageError
from screener.taxonomy.rules import THEME_ID

_TEMPLATE = """\
# yaml-language-server: $schema=theme.schema.json
# Editors that read the line above complete and check this file. Write the schema beside it once:
#   screener themes schema > theme.schema.json
# Then: screener themes check {id}.yaml

id: {id}
title: Title of the theme
title_ko: 테마 제목
summary: >-
  What happened, and who is expected to lose and to win by it.
summary_ko: >-
  무슨 일이 있었고, 그로 인해 누가 지고 누가 이길 것으로 보는지 적는다.

event:
  # the instant at which the news became known, with its time zone: the last close before it is the base
  moment: 2025-01-26T12:00Z
  timeline:
    - date: 2025-01-27
      time_zone: America/New_York
      # trigger, reaction, claim, policy, confounder, capex, earnings, calendar, reference or article
      kind: reaction
      title: First session after the news
      title_ko: 소식 이후 첫 거래일

windows:
  # last date before something else moved the market; leave it out if nothing did
  clean_until: 2025-03-31

# Fix categories and members before looking at prices, and leave those that move the other way where they are.
categories:
  - id: hardware
    side: loser
    title: Chip makers
    title_ko: 반도체
    # stated: the article says it; inferred: it gives no direction; extension: carried further than it goes
    basis: stated
    thesis: Why these should fall against their market.
    thesis_ko: 이 종목들이 시장보다 부진할 이유를 적는다.
    members:
      # symbols in Yahoo's writing: NVDA, BRK-B, 005930.KS, 7203.T, 0700.HK
      - symbol: NVDA
        name: NVIDIA
        name_ko: 엔비디아
        # named: in the article; category: it fits the category; extension: beyond the article
        basis: named
        why: Why it belongs here
        # high, medium or low
        confidence: high
        source: https://example.org/where-to-read-it
      - symbol: AMD
        name: Advanced Micro Devices
        why: Why it belongs here
        # another category that could be argued for; it counts in this one only
        also_in: software

  - id: software
    side: winner
    title: Software
    title_ko: 소프트웨어
    thesis: Why these should rise against their market.
    thesis_ko: 이 종목들이 시장보다 나을 이유를 적는다.
    members:
      - symbol: NET
        name: Cloudflare
      - symbol: CRM
        name: Salesforce

# Statements that `screener claims` holds against prices; leave them out if there are none. A claim holds when all of
# its tests do that have a threshold.
claims:
  - id: nvda_fell
    title: Nvidia falls by more than 10 % at once
    title_ko: 엔비디아가 하루 만에 10% 넘게 내린다
    tests:
      - of: NVDA
        # most figures of `screener columns`; without it, return_since
        measure: event_return
        # a threshold in quotes, with <, <=, > or >=; a close may be held against base_close or pre_high
        expect: "<= -10%"

  - id: winners_lead
    title: The expected winners beat the expected losers
    title_ko: 예상 수혜주가 예상 피해주를 앞선다
    # what else moved these prices
    note: Other news of the week moved both groups.
    note_ko: 그 주의 다른 소식도 두 집단을 움직였다.
    tests:
      # where there are several tests, each needs a label
      - label: mean return, winners less losers
        label_ko: 평균 수익률, 수혜주 − 피해주
        # symbols, categories such as software, or winners, losers, members; several in a list: [NET, CRM]
        of: winners
        # the same figure of these is taken off; excess_return is over the market's own benchmark already
        minus: losers
        # from which close: base, event (that of the event session) or a date
        since: base
        # up to where: day, week, clean, all, a length such as 5 sessions, or a date
        window: week
        expect: "> 0"
      - label: share of winners that rose
        label_ko: 오른 수혜주의 비율
        of: winners
        # mean, median, share > 0, or rank of NET
        take: share > 0
        window: week
        expect: "> 50%"
        # judged and shown, but the claim's verdict does not rest on it
        decides: false
"""


def new_theme_text(name: str) -> str:
    """Text of a new theme file with the id `name`. Raises UsageError for a name that cannot be an id."""
    if not THEME_ID.fullmatch(name):
        raise UsageError(
            f"theme name {name!r}: expected small letters, digits, '-' and '_' such as rate-shock"
        )
    return _TEMPLATE.format(id=name)
