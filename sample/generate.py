"""Write the raw tables of a made-up company, of any size, the same for the same seed.

    python -m sample.generate --out sample/data --truth sample/truth              the sample of this project
    python -m sample.generate --out /data/bench --format parquet --events 10000000 \\
        --accounts 20000 --contacts 100000 --days 730                            a benchmark

Every account has a hidden buying intent, a number of about 0 to 1.5 that rises and falls in waves. It drives how often
and in which way the account's people engage, and whether opportunities are created and won. The truth is written to
the folder of `--truth`; no model reads it. Everything random is a hash of the seed and the row's own numbers, so any part can be
made by itself: large sizes are written account range by account range, in bounded memory.
"""

import argparse
import datetime as dt
import shutil
import sys
from pathlib import Path

import duckdb

from sample.hard_cases import GOLDEN_ACCOUNTS, hard_case_rows, golden_rows

# event kind: raw table, event type, weight in an account without intent, weight at intent 1, details
EVENT_KINDS = [
    ("email_events", "sent", 20.0, 14.0, None),
    ("email_events", "delivered", 19.0, 13.5, None),
    ("email_events", "open", 9.0, 12.0, None),
    ("email_events", "click", 1.0, 4.0, None),
    ("email_events", "reply", 0.1, 0.8, None),
    ("email_events", "soft_bounce", 0.3, 0.1, None),
    ("email_events", "unsubscribe", 0.06, 0.02, None),
    ("web_events", "page_view", 5.0, 3.0, "/"),
    ("web_events", "page_view", 7.0, 6.0, "/blog/"),
    ("web_events", "page_view", 2.0, 2.0, "/docs/"),
    ("web_events", "page_view", 1.5, 0.5, "/careers/"),
    ("web_events", "page_view", 1.0, 3.0, "/customers/"),
    ("web_events", "page_view", 1.5, 6.0, "/product/"),
    ("web_events", "page_view", 0.15, 3.5, "/pricing"),
    ("web_events", "document_download", 0.3, 1.5, "/resources/"),
    ("web_events", "form_submit", 0.05, 0.7, "/contact"),
    ("web_events", "video_view", 0.5, 0.9, "/product/"),
    ("web_events", "identify", 0.3, 0.6, "/login"),
    ("content_events", "webinar_registered", 0.4, 1.3, "webinar"),
    ("content_events", "webinar_attended", 0.2, 1.0, "webinar"),
    ("content_events", "ebook_download", 0.3, 1.2, "ebook"),
    ("content_events", "case_study_request", 0.03, 0.5, "case study"),
    ("content_events", "demo_request", 0.01, 0.8, "demo"),
    ("linkedin_events", "profile_view", 0.8, 1.0, None),
    ("linkedin_events", "post_engagement", 0.8, 1.4, None),
    ("linkedin_events", "connection_accepted", 0.3, 0.5, None),
    ("linkedin_events", "message_response", 0.05, 0.5, None),
    ("ad_events", "impression", 9.0, 7.0, None),
    ("ad_events", "click", 0.7, 0.9, None),
    ("ad_events", "landing_page_visit", 0.5, 0.8, None),
    ("ad_events", "video_view", 0.4, 0.4, None),
    ("crm_activities", "call_attempt", 0.5, 1.2, None),
    ("crm_activities", "call", 0.08, 1.0, None),
    ("crm_activities", "meeting_scheduled", 0.02, 0.4, None),
    ("crm_activities", "meeting_held", 0.01, 0.35, None),
    ("intent_events", "surge", 0.5, 1.0, None),
    ("product_events", "feature_used", 0.6, 0.9, None),
    ("product_events", "teammate_invited", 0.02, 0.2, None),
    ("product_events", "trial_started", 0.01, 0.3, None),
]

INTENT_LEVELS = 20
DICE_SIDES = 4000

FIRST_WORDS = (
    "North South East West Blue Green Silver Golden Bright Clear Quick Steady Solid Prime Nova Vertex Apex Summit Harbor"
    " River Stone Cedar Maple Aspen Falcon Heron Otter Lumen Orbit Delta Sigma Atlas Titan Ember Frost Cobalt Crimson"
    " Amber Ivory Polar Lunar Solar Terra Aqua Pixel Vector Matrix Cipher Quantum Fusion Žižka Øresund Łódź Århus Göteborg"
    " España Köln Zürich Ångström Мир"
).split()
SECOND_WORDS = (
    "Systems Logistics Foods Bank Insurance Energy Robotics Health Labs Retail Media Partners Motors Software Analytics"
    " Mining Textiles Pharma Airways Networks"
).split()
GIVEN_NAMES = (
    "Ana Ben Chloé Dmitri Elif Farid Grace Hiro Inés Jonas Kateryna Léa Miguel Nadia Óscar Priya Quentin Rosa Søren Tomáš"
    " Uma Víctor Wen Ximena Yusuf Zoë Łukasz 李 محمد Ольга"
).split()
FAMILY_NAMES = (
    "Adams Becker Castillo Dubois Eriksen Fischer García Haddad Ito Jensen Kowalski Larsen Müller Novák O'Brien Petrov"
    " Quist Rossi Şahin Tanaka Usman Virtanen Weiß Xu Yılmaz Zhang"
).split()
JOB_TITLES = [
    "Chief Executive Officer", "CFO", "CTO", "Vice President of Sales", "VP Marketing", "Head of Operations",
    "Director of IT", "Marketing Director", "Marketing Manager", "Sales Operations Manager", "Engineering Lead",
    "Software Engineer", "Data Engineer", "Business Analyst", "Data Analyst", "IT Specialist", "Web Developer",
    "Executive Assistant to the CEO", "Marketing Intern", "Consultant",
]
INDUSTRIES = [
    "Software", "Financial Services", "Manufacturing", "Retail", "Healthcare", "Logistics", "Education", "Energy",
]
COUNTRIES = ["United States", "Germany", "United Kingdom", "France", "Sweden", "Spain", "Canada", "Japan"]
CAMPAIGNS = [
    "spring-launch", "security-webinar", "product-news", "roi-guide", "customer-stories", "autumn-roadshow",
]
TOPICS = ["account-based marketing", "lead scoring", "sales engagement", "data warehouse", "intent data"]
BROWSERS = ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0", "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Safari/605.1"]

OPPORTUNITY_COLUMNS = (
    "opportunity_id, account_id, opportunity_name, amount_usd, stage, is_closed, is_won, false as is_deleted, created_at, closed_at, loaded_at"
)


class Generator:
    """Builds the raw tables inside one DuckDB connection. Times are UTC; `end` is the last day with data."""

    def __init__(self, *, accounts, contacts, events, days, end, seed, memory_limit="4GB"):
        self.accounts, self.contacts, self.events = accounts, contacts, events
        self.days, self.seed = days, seed
        self.start, self.end = end - dt.timedelta(days=days - 1), end
        self.db = duckdb.connect()
        self.db.execute(f"set memory_limit = '{memory_limit}'; set preserve_insertion_order = false; set TimeZone = 'UTC'")
        # u(salt, a, b, c): a number from 0 to 1 (exclusive) that depends on nothing but the seed and its arguments
        self.db.execute(
            f"create macro u(salt, a, b, c) as (hash({seed}, salt, a, b, c) >> 11)::double / 9007199254740992.0"
        )
        self.db.execute("create macro pick(list, x) as list[1 + floor(x * len(list))::int]")
        for name, values in {
            "first_words": FIRST_WORDS, "second_words": SECOND_WORDS, "given_names": GIVEN_NAMES,
            "family_names": FAMILY_NAMES, "job_titles": JOB_TITLES, "industries": INDUSTRIES, "countries": COUNTRIES,
            "campaigns": CAMPAIGNS, "topics": TOPICS, "browsers": BROWSERS,
        }.items():
            self.db.execute(f"set variable {name} = ?", [values])
        self._make_accounts()
        self._make_contacts()
        self._make_intent()
        self._make_opportunities()
        self._make_dice()

    def _make_accounts(self):
        """accounts: one row per account, with its waves of intent (center in days, height, width in days)."""
        golden, names = len(GOLDEN_ACCOUNTS), len(FIRST_WORDS)
        self.db.execute(f"""
            create table accounts as
            select
                i,
                'A' || lpad((i + 1)::varchar, 6, '0') as account_id,
                getvariable('first_words')[1 + i % {names}] || ' '
                    || getvariable('second_words')[1 + (7 * i + i // {names}) % {len(SECOND_WORDS)}]
                    || case when i >= {names * len(SECOND_WORDS)} then ' ' || i::varchar else '' end as account_name,
                'company' || (i + 1)::varchar || '.example' as domain,
                1 + floor(u('tier', i, 0, 0) * 3)::int as account_tier,
                pick(getvariable('industries'), u('industry', i, 0, 0)) as industry,
                round(exp(3.5 + 5 * u('employees', i, 0, 0)))::bigint as employee_count,
                pick(getvariable('countries'), u('country', i, 0, 0)) as country,
                'rep' || (1 + i % 8)::varchar || '@seller.example' as owner_email,
                -- one enormous account; five without any event; the golden ones are written by hand
                case
                    when i < {golden} or i between {golden + 1} and {golden + 5} then 0
                    when i = {golden} then 60
                    else exp(1.1 * (u('size', i, 0, 0) + u('size', i, 1, 0) + u('size', i, 2, 0) - 1.5) * 2)
                end as size,
                case when i >= {golden} then floor(u('waves', i, 0, 0) * {max(2, self.days // 130)})::int else 0 end as waves
            from range({self.accounts}) as numbers(i)
        """)
        self.db.execute(f"""
            create table waves as
            select
                i, wave,
                u('center', i, wave, 0) * {self.days} as center,
                0.3 + 1.1 * u('height', i, wave, 0) as height,
                12 + 25 * u('width', i, wave, 0) as width
            from accounts, range(waves) as numbers(wave)
        """)

    def _make_contacts(self):
        """contacts: one row per contact; `n` numbers the people of an account from 0."""
        self.db.execute(f"""
            create table contacts as
            with shares as (
                select
                    i,
                    1 + floor(
                        {max(self.contacts - self.accounts, 0)} * least(sqrt(size), 5) / sum(least(sqrt(size), 5)) over ()
                        + u('contacts', i, 0, 0)
                    )::int as people
                from accounts
                where i >= {len(GOLDEN_ACCOUNTS)}
            )
            select
                i, n, people,
                'C' || lpad((i + 1)::varchar, 6, '0') || '-' || n::varchar as contact_id,
                'person' || n::varchar || '@company' || (i + 1)::varchar || '.example' as email,
                pick(getvariable('given_names'), u('given', i, n, 0)) || ' '
                    || pick(getvariable('family_names'), u('family', i, n, 0)) as full_name,
                pick(getvariable('job_titles'), u('title', i, n, 0)) as job_title
            from shares, range(people) as numbers(n)
        """)

    def _make_intent(self):
        """intent: one row per account and week: the hidden buying intent at the middle of that week."""
        weeks = (self.days + 6) // 7
        self.db.execute(f"""
            create table intent as
            select
                accounts.i, week,
                coalesce(sum(height * exp(-power((week * 7 + 3.5 - center) / width, 2))), 0) as intent
            from accounts
            cross join range({weeks}) as numbers(week)
            left join waves on accounts.i = waves.i
            group by accounts.i, week
        """)
        total = self.db.execute("select sum(size * (0.15 + intent)) from intent join accounts using (i)").fetchone()[0]
        self.events_per_weight = self.events / (total or 1)

    def _make_opportunities(self):
        """opportunities: a wave of intent may create one; its height also decides how often it is won."""
        self.db.execute(f"""
            create table opportunities as
            with chances as (
                select i, wave, center, height from waves
                union all
                select i, 99, u('cold', i, 0, 0) * {self.days}, 0 from accounts where i >= {len(GOLDEN_ACCOUNTS)}
            ),
            created as (
                select
                    i, wave, height,
                    center + 5 + 20 * u('lag', i, wave, 0) as created_day,
                    20 + 90 * u('cycle', i, wave, 0) as cycle_days
                from chances
                where u('opportunity', i, wave, 0) < case
                    when wave = 99 then 0.04 else 1 / (1 + exp(3.0 - 4.0 * height))
                end
            ),
            closed as (
                select
                    *,
                    u('won', i, wave, 0) < 0.15 + 0.3 * height as is_won,
                    created_day + cycle_days <= {self.days - 1} as is_closed,
                    timestamp '{self.start}' + to_seconds((created_day * 86400)::bigint) as created_at,
                    timestamp '{self.start}' + to_seconds(((created_day + cycle_days) * 86400)::bigint) as closed_at
                from created
                where created_day < {self.days - 1}
            )
            select
                i, wave, created_day, cycle_days, height,
                'O' || lpad((i + 1)::varchar, 6, '0') || '-' || wave::varchar as opportunity_id,
                account_id,
                account_name || ' ' || strftime(created_at, '%Y-%m') as opportunity_name,
                round(employee_count * (40 + 80 * u('amount', i, wave, 0)), -2)::bigint as amount_usd,
                case
                    when is_closed and is_won then 'Closed Won'
                    when is_closed then 'Closed Lost'
                    else pick(['Discovery', 'Qualification', 'Proposal', 'Negotiation'], u('stage', i, wave, 0))
                end as stage,
                is_closed, is_closed and is_won as is_won, created_at, closed_at,
                {self._loaded_at("case when is_closed then closed_at else created_at end", "i, wave, 0")} as loaded_at
            from closed
            join accounts using (i)
        """)

    def _make_dice(self):
        """dice: for each level of intent, which event kind each of DICE_SIDES sides stands for."""
        self.db.execute(
            "create table kinds (kind int, raw_table varchar, event_type varchar, cold double, hot double, detail varchar)"
        )
        self.db.executemany(
            "insert into kinds values (?, ?, ?, ?, ?, ?)", [(n, *kind) for n, kind in enumerate(EVENT_KINDS)]
        )
        self.db.execute(f"""
            create table dice as
            with weights as (
                select level, kind, cold + (hot - cold) * least(level / 10.0, 1.0) as weight
                from kinds, range({INTENT_LEVELS + 1}) as numbers(level)
            ),
            bounds as (
                select
                    level, kind,
                    sum(weight) over (partition by level order by kind) / sum(weight) over (partition by level) as upper,
                    lag(sum_before, 1, 0) over (partition by level order by kind) as lower
                from (
                    select *, sum(weight) over (partition by level order by kind)
                        / sum(weight) over (partition by level) as sum_before
                    from weights
                )
            )
            select level, side::int as side, kind, raw_table, event_type, detail
            from range({DICE_SIDES}) as numbers(side)
            join bounds on (side + 0.5) / {DICE_SIDES} >= lower and (side + 0.5) / {DICE_SIDES} < upper
            join kinds using (kind)
        """)

    def _loaded_at(self, happened_at, keys):
        """Loaded within six hours, one row in fifty up to ten days late, and never after the last day."""
        return (
            f"least({happened_at} + to_seconds((u('load', {keys}) * 21600)::bigint)"
            f" + to_days(case when u('late', {keys}) < 0.02 then 1 + (u('days late', {keys}) * 9)::int else 0 end),"
            f" timestamp '{self.end} 23:59:59')"
        )

    def make_events(self, first, last):
        """events: one row per event of accounts first to last - 1, with whoever did it."""
        self.db.execute("drop table if exists events")
        self.db.execute(f"""
            create temp table events as
            with cells as (
                select
                    i, week,
                    least(floor(intent * 10), {INTENT_LEVELS})::int as level,
                    floor(
                        {self.events_per_weight!r} * size * (0.15 + intent) + u('count', i, week, 0)
                    )::int as event_count
                from intent join accounts using (i)
                where i >= {first} and i < {last}
            ),
            rolled as (
                select
                    i, week, k, level,
                    floor(u('side', i, week, k) * {DICE_SIDES})::int as side,
                    week * 604800 + floor(u('day', i, week, k) * 7)::int * 86400
                        + (28800 + 43200 * u('second', i, week, k))::int as second
                from cells, range(event_count) as numbers(k)
            ),
            placed as (
                select rolled.*, timestamp '{self.start}' + to_seconds(second) as occurred_at
                from rolled
                where second < {self.days} * 86400
            )
            select
                placed.i, week, k, dice.raw_table, dice.event_type, dice.detail,
                'E' || placed.i::varchar || '-' || week::varchar || '-' || k::varchar as event_id,
                occurred_at,
                {self._loaded_at("occurred_at", "placed.i, week, k")} as loaded_at,
                contacts.contact_id, contacts.email, contacts.n,
                'company' || (placed.i + 1)::varchar || '.example' as domain,
                'A' || lpad((placed.i + 1)::varchar, 6, '0') as account_id,
                u('campaign', placed.i, week, k) as campaign_dice,
                u('detail', placed.i, week, k) as detail_dice,
                u('who', placed.i, week, k) as who_dice
            from placed
            join dice on placed.level = dice.level and placed.side = dice.side
            join (select i, max(people) as people from contacts group by i) as sizes on placed.i = sizes.i
            join contacts
                on
                    placed.i = contacts.i
                    and contacts.n = floor(power(u('person', placed.i, week, k), 1.6) * sizes.people)::int
        """)

    def selects(self, first=0, last=None):
        """The select of each raw table; the event tables hold what make_events made, CRM rows accounts first to last - 1."""
        last = self.accounts if last is None else last
        opening = f"timestamp '{self.start}' - to_days(400)"
        campaign = "case when campaign_dice < 0.7 then pick(getvariable('campaigns'), campaign_dice / 0.7) end"
        # a few addresses are unknown to the CRM, and some of those are private
        email = (
            "case when who_dice < 0.02 then 'guest' || n::varchar || '@' || domain"
            " when who_dice < 0.03 then 'guest' || (k % 7)::varchar || '.' || n::varchar || '@gmail.com'"
            " when who_dice < 0.08 then upper(email) else email end"
        )
        visitor = "'V' || i::varchar || '-' || n::varchar || '-' || (k % 3)::varchar"
        web_email = (
            f"case when event_type in ('identify', 'form_submit', 'document_download') and hash(i, n) % 10 < 7 then {email} end"
        )
        company = "case when hash(i, n, k % 3) % 10 < 4 then domain end"
        return {
            "crm_accounts": f"""
                select
                    account_id, account_name, domain,
                    case when i % 24 = 23 then 'A' || lpad(i::varchar, 6, '0') end as parent_account_id,
                    null::varchar as merged_into_account_id, false as is_deleted, account_tier, industry, employee_count,
                    employee_count * (90000 + 1000 * (i % 60)) as annual_revenue_usd,
                    country, owner_email,
                    case when i % 5 = 0 then 'opportunity' else 'lead' end as lifecycle_stage,
                    {opening} + to_hours(i % 9000) as created_at,
                    {opening} + to_hours(i % 9000 + 2) as loaded_at
                from accounts where i >= {max(first, len(GOLDEN_ACCOUNTS))} and i < {last}""",
            "account_domains": f"""
                select account_id, replace(domain, '.example', '-group.example') as domain, {opening} + to_hours(i % 9000 + 2) as loaded_at
                from accounts where i % 40 = 39 and i >= {first} and i < {last}""",
            "crm_contacts": f"""
                select
                    contact_id, 'A' || lpad((i + 1)::varchar, 6, '0') as account_id, email, full_name, job_title,
                    null::varchar as merged_into_contact_id, false as is_deleted,
                    {opening} + to_hours((i + n) % 9000) as created_at,
                    {opening} + to_hours((i + n) % 9000 + 2) as loaded_at
                from contacts where i >= {first} and i < {last}""",
            "crm_opportunities": f"""
                select {OPPORTUNITY_COLUMNS} from opportunities where i >= {first} and i < {last}""",
            "crm_activities": f"""
                select
                    event_id as activity_id, account_id, contact_id, null::varchar as email, event_type as activity_type,
                    case
                        when event_type in ('call', 'meeting_held') then case
                            when detail_dice < 0.04 then 'not_interested' when detail_dice < 0.14 then 'no_show'
                            when detail_dice < 0.25 then 'negative' when detail_dice < 0.6 then 'neutral' else 'positive'
                        end
                    end as outcome,
                    occurred_at, loaded_at
                from events where raw_table = 'crm_activities'
                union all
                -- what sales does once there is an opportunity
                select
                    opportunity_id || '-' || step.name, account_id,
                    'C' || lpad((i + 1)::varchar, 6, '0') || '-0', null, step.name,
                    case when step.name = 'demo_attended' and u('outcome', i, wave, 0) < 0.5 then 'positive' end,
                    created_at + to_seconds((cycle_days * step.share * 86400)::bigint) as occurred_at,
                    least(
                        created_at + to_seconds((cycle_days * step.share * 86400)::bigint + 7200),
                        timestamp '{self.end} 23:59:59'
                    ) as loaded_at
                from opportunities,
                    unnest([
                        {{'name': 'demo_scheduled', 'share': 0.05, 'odds': 0.9}}, {{'name': 'demo_attended', 'share': 0.15, 'odds': 0.8}},
                        {{'name': 'rfp_issued', 'share': 0.25, 'odds': 0.2}}, {{'name': 'proposal_sent', 'share': 0.4, 'odds': 0.7}},
                        {{'name': 'pricing_discussion', 'share': 0.6, 'odds': 0.6}}, {{'name': 'legal_review', 'share': 0.85, 'odds': 0.3}}
                    ]) as steps(step)
                where
                    i >= {first} and i < {last}
                    and u(step.name, i, wave, 0) < step.odds
                    and created_day + cycle_days * step.share < {self.days - 1}""",
            "email_events": f"""
                select
                    event_id, {email} as email, event_type, {campaign} as campaign,
                    case when event_type = 'click' then 'https://www.seller.example/product/' || (k % 6)::varchar end as link_url,
                    case
                        when event_type not in ('open', 'click') then null
                        when event_type = 'open' and detail_dice < 0.15 then
                            'Mozilla/5.0 (compatible; Barracuda Sentinel (EE))'
                        when event_type = 'open' and detail_dice < 0.3 then 'Mozilla/5.0'
                        when detail_dice < 0.7 then 'Outlook/16.0'
                        else 'Thunderbird/128.0'
                    end as user_agent,
                    occurred_at, loaded_at
                from events where raw_table = 'email_events'""",
            "web_events": f"""
                select
                    event_id, {visitor} as visitor_id, {web_email} as email, {company} as company_domain, event_type,
                    'https://www.seller.example' || detail
                        || case when detail like '%/' and detail <> '/' then (floor(detail_dice * 12)::int)::varchar else '' end
                        || case when k % 4 = 0 then '?utm_source=mail' else '' end as page_url,
                    case when event_type in ('page_view', 'video_view') then (5 + 300 * power(detail_dice, 3))::int end
                        as duration_seconds,
                    pick(getvariable('browsers'), detail_dice) as user_agent, {campaign} as campaign, occurred_at, loaded_at
                from events where raw_table = 'web_events'""",
            "content_events": f"""
                select
                    event_id, {email} as email, event_type, detail || ' ' || (1 + floor(detail_dice * 5)::int)::varchar as asset,
                    {campaign} as campaign, occurred_at, loaded_at
                from events where raw_table = 'content_events'""",
            "linkedin_events": f"""
                select
                    event_id, case when detail_dice < 0.6 then {email} end as email,
                    case when detail_dice >= 0.5 then domain end as company_domain, event_type,
                    {campaign} as campaign, occurred_at, loaded_at
                from events where raw_table = 'linkedin_events'""",
            "ad_events": f"""
                select
                    event_id, {visitor} as visitor_id, null::varchar as email, {company} as company_domain, event_type,
                    pick(['linkedin', 'google', 'display'], detail_dice) as platform, {campaign} as campaign,
                    occurred_at, loaded_at
                from events where raw_table = 'ad_events'""",
            "intent_events": """
                select
                    event_id, domain as company_domain, pick(getvariable('topics'), detail_dice) as topic,
                    (40 + 60 * campaign_dice)::int as surge_score, occurred_at, loaded_at
                from events where raw_table = 'intent_events'""",
            "product_events": f"""
                select event_id, {email} as email, account_id, event_type, occurred_at, loaded_at
                from events where raw_table = 'product_events'""",
        }

    def write_truth(self, folder):
        """The hidden intent by account and week, and what it does to each kind of event."""
        folder.mkdir(parents=True, exist_ok=True)
        self.db.execute(f"""
            copy (
                select
                    'A' || lpad((i + 1)::varchar, 6, '0') as account_id,
                    date '{self.start}' + week::int * 7 as week_starts_on, round(intent, 4) as intent
                from intent where intent >= 0.0001 order by i, week
            ) to '{folder}/account_intent.csv' (header)
        """)
        self.db.execute(f"""
            copy (
                select raw_table, event_type, detail, cold as weight_without_intent, hot as weight_at_intent_1
                from kinds order by kind
            ) to '{folder}/event_kinds.csv' (header)
        """)


def write_csv(generator, out, truth):
    """One CSV per raw table, with the golden accounts and the labelled hard cases among the rows."""
    generator.make_events(0, generator.accounts)
    for table, select in generator.selects().items():
        generator.db.execute(f"create table {table} as {select}")
    extra = golden_rows(generator.end) + hard_case_rows(generator.end)
    for table, row, _, _ in extra:
        # the cases also hold what is no time and no number, so every column becomes text first
        for column, kind in generator.db.execute(
            f"select column_name, data_type from information_schema.columns where table_name = '{table}'"
        ).fetchall():
            if kind == "TIMESTAMP":
                generator.db.execute(
                    f"alter table {table} alter {column} type varchar using strftime({column}, '%Y-%m-%d %H:%M:%S')"
                )
            elif kind != "VARCHAR":
                generator.db.execute(f"alter table {table} alter {column} type varchar")
        columns = ", ".join(row)
        marks = ", ".join("?" for _ in row)
        generator.db.execute(f"insert into {table} ({columns}) values ({marks})", list(row.values()))
    for table in generator.selects():
        generator.db.execute(f"copy (select * from {table} order by all) to '{out}/{table}.csv' (header)")
    if truth is None:
        return
    generator.write_truth(truth)
    generator.db.execute("create table hard_cases (case_name varchar, raw_table varchar, record_key varchar, expected varchar)")
    for table, row, case, expected in extra:
        generator.db.execute("insert into hard_cases values (?, ?, ?, ?)", [case, table, next(iter(row.values())), expected])
    generator.db.execute(
        f"copy (select * from hard_cases order by all) to '{truth}/hard_cases.csv' (header)"
    )


def write_parquet(generator, out, truth):
    """A folder of Parquet files per raw table, written account range by account range."""
    per_account = generator.events / max(generator.accounts, 1)
    step = max(1, int(2_000_000 / max(per_account, 1)))
    for part, first in enumerate(range(0, generator.accounts, step)):
        last = min(first + step, generator.accounts)
        generator.make_events(first, last)
        for table, select in generator.selects(first, last).items():
            folder = out / table
            folder.mkdir(parents=True, exist_ok=True)
            generator.db.execute(f"copy ({select}) to '{folder}/part-{part:05d}.parquet' (format parquet)")
        print(f"accounts {first + 1} to {last} of {generator.accounts} written", file=sys.stderr)
    if truth is not None:
        generator.write_truth(truth)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; its raw tables are replaced")
    parser.add_argument("--truth", type=Path, help="folder for the hidden intent and the list of hard cases; default: neither is written")
    parser.add_argument("--format", choices=["csv", "parquet"], default="csv",
                        help="csv (with golden accounts and hard cases) or folders of parquet (without)")
    parser.add_argument("--accounts", type=int, default=240)
    parser.add_argument("--contacts", type=int, default=1200)
    parser.add_argument("--events", type=int, default=39500, help="about how many, up to 100 million")
    parser.add_argument("--days", type=int, default=457)
    parser.add_argument("--end", type=dt.date.fromisoformat, default=dt.date(2026, 5, 31), help="last day with data")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    if options.accounts <= len(GOLDEN_ACCOUNTS) + 5:
        parser.error(f"--accounts must be more than {len(GOLDEN_ACCOUNTS) + 5}")

    generator = Generator(
        accounts=options.accounts, contacts=options.contacts, events=options.events, days=options.days,
        end=options.end, seed=options.seed,
    )
    options.out.mkdir(parents=True, exist_ok=True)
    for table in generator.selects():
        (options.out / f"{table}.csv").unlink(missing_ok=True)
        shutil.rmtree(options.out / table, ignore_errors=True)
    (write_csv if options.format == "csv" else write_parquet)(generator, options.out, options.truth)


if __name__ == "__main__":
    main()
