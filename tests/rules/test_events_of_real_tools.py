"""What tools, machines and people really write. Each test is named after its kind, with a case worked out by hand."""

import csv
import datetime as dt
import io

import pytest

from harness import ROOT, read_csv

AS_OF = dt.date(2026, 5, 31)
TIMES = {"loaded_at": "2026-05-31 06:00:00", "created_at": "2026-01-01"}
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
TITLES = {"C1": "Analyst", "C2": "Analyst"}


def rows(text):
    """The rows of a CSV text; an empty cell is None."""
    return [
        TIMES | {name: value or None for name, value in row.items()} for row in csv.DictReader(io.StringIO(text.strip()), skipinitialspace=True)
    ]


def acme(titles=None, **tables):
    """Raw tables of the account acme with the contacts C1, ana, and C2, bo, and events as CSV texts."""
    titles = TITLES | (titles or {})
    return {
        "crm_accounts": [TIMES | {"account_id": "acme", "account_name": "Acme", "domain": "acme.com"}],
        "crm_contacts": [
            TIMES | {"contact_id": contact, "account_id": "acme", "email": f"{name}@acme.com", "full_name": name, "job_title": titles[contact]}
            for contact, name in (("C1", "ana"), ("C2", "bo"))
        ],
    } | {table: rows(text) for table, text in tables.items()}


def score(compiled, raw, as_of=AS_OF, seeds=None):
    """(score, engaged people) of acme."""
    return compiled.run(raw, seeds, as_of).execute(
        "select score, engaged_contacts from main.account_score_history where account_id = 'acme' and scoring_model = 'decayed'"
        " and score_date = (select as_of_date from intermediate.int_as_of_date)"
    ).fetchone()


def emails(*lines):
    """CSV text of email events: type, link, campaign, user agent, time of 2026-05-30; ana's unless a line says bo."""
    text = "event_id,email,event_type,link_url,campaign,user_agent,occurred_at\n"
    for number, (event_type, link, campaign, agent, time, *name) in enumerate(lines):
        text += f"e{number},{name[0] if name else 'ana'}@acme.com,{event_type},{link},{campaign},\"{agent}\",2026-05-30 {time}\n"
    return text


def clicks_at_delivery(name):
    return [("delivered", "", "", "", "10:00:00", name)] + [
        ("click", f"https://us.com/p{n}", "", BROWSER, f"10:00:0{n + 2}", name) for n in range(4)
    ]


# machines


def test_scanner_clicks_within_seconds_of_delivery_score_nothing(compiled):
    scanned = [*clicks_at_delivery("ana"), *clicks_at_delivery("bo")]
    assert score(compiled, acme(email_events=emails(*scanned))) == (0, 0)
    later = ("click", "https://us.com/p1", "", BROWSER, "14:10:00")
    assert score(compiled, acme(email_events=emails(*scanned, later))) == (5, 1)


def test_scanner_clicks_on_many_links_at_once_score_nothing_without_deliveries(compiled):
    burst = [line for line in clicks_at_delivery("ana") if line[0] == "click"]
    assert score(compiled, acme(email_events=emails(*burst))) == (0, 0)
    # two links of one email, opened in two tabs, are a person's
    assert score(compiled, acme(email_events=emails(*burst[:2]))) == (10, 1)


@pytest.mark.parametrize("campaign, points", [("spring", 0), ("", 0), ("autumn", 5)])
def test_scanner_clicks_belong_to_the_delivery_of_their_campaign(compiled, campaign, points):
    raw = acme(email_events=emails(("sent", "", "Spring", "", "10:00:00"), ("click", "https://us.com/a", campaign, BROWSER, "10:00:04")))
    assert score(compiled, raw)[0] == points


def test_automatic_answers_at_delivery_score_nothing(compiled):
    assert score(compiled, acme(email_events=emails(("delivered", "", "", "", "10:00:00"), ("reply", "", "", "", "10:00:07")))) == (0, 0)


@pytest.mark.parametrize("time, points", [("10:15:00", 1), ("07:00:03", 0)])
def test_proxy_that_loads_when_a_person_reads_is_no_machine(compiled, time, points):
    raw = acme(email_events=emails(("delivered", "", "", "", "07:00:00"), ("open", "", "", GMAIL, time)))
    assert score(compiled, raw)[0] == points


MACHINES = [
    "Slackbot-LinkExpanding 1.0", "Go-http-client/1.1", "python-urllib/3.11", "SkypeUriPreview Preview/0.5", "curl", "curl/8.5.0", "Wget/1.21",
    "Java/1.8.0_292", "okhttp/4.9", "node-fetch/1.0", "axios/1.6.0", "PostmanRuntime/7.36", "python-requests/2.31", "python-httpx/0.27",
    "Python/3.11 aiohttp/3.9", "Apache-HttpClient/4.5 (Java/11)", "libwww-perl/6.67", "Ruby", "GuzzleHttp/7", "facebookexternalhit/1.1",
    "Twitterbot/1.0", "LinkedInBot/1.0", "TelegramBot (like TwitterBot)", "WhatsApp/2.23 A", "Discordbot/2.0", "Mozilla/5.0",
    "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "Pingdom.com_bot_version_1.4", "StatusCake", "NewRelicPinger/1.0",
    "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/126.0 Safari/537.36", "Microsoft Office Existence Discovery", "BingPreview/1.0b",
    "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))", "Mimecast URL Scanner", "Mozilla/5.0 (compatible; bingbot/2.0)", "GPTBot/1.0",
    "my-custom-bot", "acme bot 1.0", "SomeCrawler", "webspider 2", "WindowsPowerShell/5.1", "Embedly/0.2", "Mattermost-Bot/1.1",
]
PEOPLE = [
    BROWSER, GMAIL, "Outlook/16.0", "Thunderbird/128.0", "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17126; Pro)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 LinkedInApp/9.29",
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 Chrome/114 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 13; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/126.3.1 like Chrome/126 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0", "Lotus-Notes/6.0", "BlackBerry9700/5.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
]


def test_machine_agents_are_told_from_people_with_or_without_a_slash(compiled):
    agents = [*MACHINES, *PEOPLE]
    found = compiled.run({"email_events": [
        TIMES | {"event_id": str(n), "event_type": "open", "user_agent": agent, "occurred_at": "2026-05-30"} for n, agent in enumerate(agents)
    ]}, wanted=("int_machine_agents",)).execute("select user_agent from intermediate.int_machine_agents").fetchall()
    assert {agent for agent, in found} == {agent.lower() for agent in MACHINES}


def test_machine_agents_score_nothing_in_any_table(compiled):
    links = enumerate(["Slackbot-LinkExpanding 1.0", "Go-http-client/1.1", "python-urllib/3.11", "SkypeUriPreview Preview/0.5"])
    raw = acme(
        email_events=emails(*(("click", f"https://us.com/{n}", "", agent, f"10:0{n}:00") for n, agent in links)),
        web_events="""
            event_id,email,event_type,page_url,user_agent,occurred_at
            w1,ana@acme.com,page_view,https://us.com/pricing,Slackbot-LinkExpanding 1.0,2026-05-30 11:00:00
        """.replace(" " * 12, ""),
    )
    assert score(compiled, raw) == (0, 0)


def test_machine_events_are_counted_with_their_reason(compiled):
    raw = acme(email_events=emails(
        *clicks_at_delivery("ana"), *(line for line in clicks_at_delivery("bo") if line[0] == "click"), ("open", "", "", "curl/8", "12:00:00"),
    ))
    assert compiled.run(raw, None, AS_OF, ("machine_events",)).execute(
        "select source_table, event_type, machine_reason, user_agent, event_count, account_count from main.machine_events order by all"
    ).fetchall() == [
        ("email_events", "click", "at_delivery", None, 4, 1), ("email_events", "click", "many_links", None, 4, 1),
        ("email_events", "open", "user_agent", "curl/8", 1, 1),
    ]


CAPPED_CHANNELS = {"email", "web", "ads", "intent"}
# what only a person does: filling in a form
DELIBERATE = {"form_submit"}


def test_signals_that_a_machine_can_produce_alone_have_a_cap(compiled):
    signals = [row for row in compiled.default_seeds["signals"] if row["channel"] in CAPPED_CHANNELS and row["signal"] not in DELIBERATE]
    assert len(signals) >= 15
    assert [row["signal"] for row in signals if not row["max_points"]] == []
    # and none of them makes an account Very Hot by itself
    (very_hot,) = [int(row["min_score"]) for row in compiled.default_seeds["score_bands"] if row["band"] == "Very Hot"]
    assert all(float(row["max_points"]) < very_hot for row in signals)


def test_opens_of_an_executive_alone_make_no_account_warm(compiled):
    opens = "event_id,email,event_type,user_agent,occurred_at\n" + "".join(
        f"e{day},ana@acme.com,open,Outlook,2026-05-{day} 10:00:00\n" for day in range(10, 21)
    )
    assert score(compiled, acme({"C1": "CEO"}, email_events=opens)) == (10, 0)


# titles and paths


def test_titles_match_whole_words(compiled):
    raw = acme({"C1": "Coordinator", "C2": "Cook"}, email_events=emails(
        ("open", "", "a", "Outlook", "10:00:00"), ("open", "", "b", "Outlook", "11:00:00", "bo"), ("open", "", "c", "Outlook", "12:00:00", "cy"),
    ))
    raw["crm_contacts"].append(raw["crm_contacts"][0] | {"contact_id": "C3", "email": "cy@acme.com", "job_title": "Cross-Functional Associate"})
    assert score(compiled, raw) == (3, 0)
    for title in ("COO", "Chief Operating Officer"):
        raw["crm_contacts"][0]["job_title"] = title
        assert score(compiled, raw) == (7, 0)


def test_titles_of_the_field_have_their_persona(compiled):
    titles = read_csv(ROOT / "tests" / "rules" / "data" / "job_titles.csv")
    assert len(titles) >= 300
    found = dict(compiled.run({"crm_contacts": [
        TIMES | {"contact_id": f"c{n}", "job_title": row["job_title"]} for n, row in enumerate(titles)
    ]}, wanted=("int_contacts",)).execute("select contact_id, persona from intermediate.int_contacts").fetchall())
    wrong = {row["job_title"]: (found[f"c{n}"], row["persona"]) for n, row in enumerate(titles) if found[f"c{n}"] != row["persona"]}
    assert not wrong, f"(found, expected): {wrong}"


def test_paths_of_real_sites_have_their_page_category(compiled):
    pages = read_csv(ROOT / "tests" / "rules" / "data" / "page_paths.csv")
    assert len(pages) >= 100
    connection = compiled.run({"web_events": [
        TIMES | {"event_id": str(n), "event_type": "page_view", "page_url": row["page_url"], "occurred_at": "2026-05-30"}
        for n, row in enumerate(pages)
    ]}, wanted=("int_signal_candidates",))
    found = dict(connection.execute(
        "select distinct cast(event_id as integer), page_category from intermediate.int_events"
        " inner join intermediate.int_signal_candidates using (event_kind)"
    ).fetchall())
    wrong = {row["page_url"]: (found[n], row["page_category"]) for n, row in enumerate(pages) if found[n] != row["page_category"]}
    assert not wrong, f"(found, expected): {wrong}"


PATHS = {
    "https://us.com/#/pricing": "/pricing", "https://us.com/#!/pricing?x=1": "/pricing", "https://us.com/app/#/pricing": "/app/pricing",
    "https://us.com/?a=1#/pricing": "/pricing", "https://us.com/pricing#faq": "/pricing", "https://us.com/Pricing/?a=1": "/pricing",
    "https://us.com/pricing/index.html": "/pricing", "https://us.com/index.php": "/", "https://us.com/pricing.aspx": "/pricing",
    "https://us.com//a///b//": "/a/b", "https://us.com/pricing;jsessionid=1A?x": "/pricing", "https://us.com/pri%63ing%2Fplus": "/pricing/plus",
    # Latin-1, which is no text in UTF-8, a zero byte, and what is no code at all
    "https://us.com/caf%E9": "/caf%e9", "https://us.com/a%00b": "/a%00b", "https://us.com/100%zz": "/100%zz", "https://us.com/caf%C3%A9": "/café",
    "https://us.com/l%C3%B6sungen": "/lösungen", "https://us.com/100%": "/100%", "https://us.com": "/", "us.com/pricing": "/pricing",
    "/pricing": "/pricing", "//us.com/pricing": "/pricing", "us.com": "/", "localhost:3000/pricing": "/pricing",
    # one slash too many, none, or an encoded one
    "//pricing": "/pricing", "///pricing": "/pricing", "pricing?a=1": "/pricing", "%2Fpricing": "/pricing", "https://us.com/%2Fpricing": "/pricing",
    # parameters without a question mark, or with an encoded one
    "https://us.com/pricing&utm_source=x": "/pricing", "https://us.com/pricing&amp;utm_source=x&a=b": "/pricing", "/#/pricing&a=1": "/pricing",
    "https://us.com/pricing%3Futm_source=x/y": "/pricing", "https://us.com/r&d": "/r&d", "https://us.com/why%3F": "/why?", "/c%23-tips": "/c#-tips", "https://us.com/v1.2/docs": "/v1.2/docs", "https://us.com/a.pdf": "/a.pdf",
}


def test_paths_have_one_spelling(compiled):
    raw = {"web_events": [
        TIMES | {"event_id": url, "event_type": "page_view", "page_url": url, "occurred_at": "2026-05-30"} for url in PATHS
    ]}
    assert dict(compiled.run(raw, wanted=("stg_web__events",)).execute("select event_id, page_path from staging.stg_web__events").fetchall()) == PATHS


def test_paths_with_routes_and_languages_are_the_same_page(compiled):
    raw = acme(web_events="""
event_id,email,event_type,page_url,occurred_at
w1,ana@acme.com,page_view,https://us.com/#/pricing,2026-05-30 10:00:00
w2,bo@acme.com,page_view,https://us.com/en/pricing,2026-05-30 10:00:00
""")
    assert score(compiled, raw) == (40, 2)


def test_links_have_no_parameters(compiled):
    raw = acme(email_events=emails(
        ("click", "https://us.com/A?utm_source=x", "", BROWSER, "10:00:00"), ("click", "https://us.com/a?utm_source=y", "", BROWSER, "10:05:00"),
    ))
    assert score(compiled, raw) == (5, 1)


# words


ACTIVITIES = """
activity_id,account_id,contact_id,activity_type,outcome,occurred_at
s1,acme,C1,call,{},2026-05-20 10:00:00
s2,acme,C1,call,{},2026-05-21 10:00:00
s3,acme,C1,meeting_held,{},2026-05-22 10:00:00
"""


def unmapped(compiled, raw, kind, seeds=None):
    """{word: rows} of one kind of unmapped words."""
    return dict(compiled.run(raw, seeds, AS_OF, ("unmapped_events",)).execute(
        "select word, event_count from main.unmapped_events where kind = ?", [kind]
    ).fetchall())


@pytest.mark.parametrize("words", [
    ("No answer", "Left voicemail", "CANCELED"), ("no-answer", "LEFT_VOICEMAIL", "Cancelled"), ("Mercury", "gone fishing", "No contact"),
    ("Busy", "Wrong Number", "Rescheduled"), ("no conversation", "No Show", "no-show"),
])
def test_outcomes_that_are_no_conversation_score_nothing(compiled, words):
    assert score(compiled, acme({"C1": "CEO"}, crm_activities=ACTIVITIES.format(*words))) == (0, 0)


def test_outcomes_that_are_no_conversation_are_shown(compiled):
    raw = acme({"C1": "CEO"}, crm_activities=ACTIVITIES.format("No answer", "Left voicemail", "CANCELED"))
    shown = {"no_answer": 1, "left_voicemail": 1, "canceled": 1}
    assert unmapped(compiled, raw, "no conversation") == shown
    # without the seed they are unknown, and still count as no conversation
    assert unmapped(compiled, raw, "outcome", {"event_words": []}) == shown
    assert score(compiled, raw, seeds={"event_words": []}) == (0, 0)


@pytest.mark.parametrize("word, points", [
    ("", 10), ("positive", 10), ("POSITIVE", 10), ("Connected", 10), ("Interested", 10), ("neutral ", 10), ("Not Interested", 0), ("not-interested", 0),
    ("Connected (not interested)", 0),
])
def test_outcomes_in_the_words_of_a_crm_are_conversations(compiled, word, points):
    raw = acme({"C1": "CEO"}, crm_activities=f"activity_id,account_id,contact_id,activity_type,outcome,occurred_at\ns1,acme,C1,Phone Call,{word},2026-05-20 10:00:00")
    assert score(compiled, raw)[0] == points


@pytest.mark.parametrize("word", ["open", "OPEN", "opened", "Opened", "Email Open", "email-open", "EMAIL_OPENED"])
def test_event_types_in_any_spelling_are_one(compiled, word):
    assert score(compiled, acme(email_events=emails((word, "", "", "Outlook", "10:00:00"))))[0] == 1


def test_text_in_brackets_is_a_part_of_the_word(compiled):
    raw = acme(email_events=emails(("Open (by a machine)", "", "", "Outlook", "10:00:00")))
    assert score(compiled, raw)[0] == 0 and unmapped(compiled, raw, "event type") == {"open_(by_a_machine)": 1}


def test_event_types_of_every_table_have_words_of_other_tools(compiled):
    raw = acme(
        web_events="event_id,email,event_type,page_url,occurred_at\nw1,ana@acme.com,Pageview,https://us.com/pricing,2026-05-30 10:00:00",
        content_events="event_id,email,event_type,asset,occurred_at\nc1,ana@acme.com,Attended,W,2026-05-30 10:00:00",
        linkedin_events="event_id,email,event_type,campaign,occurred_at\nl1,ana@acme.com,Replied,x,2026-05-30 10:00:00",
        ad_events="event_id,email,event_type,campaign,occurred_at\na1,ana@acme.com,Clicked,x,2026-05-30 10:00:00",
        product_events="event_id,email,event_type,occurred_at\np1,ana@acme.com,Trial Started,2026-05-30 10:00:00",
        crm_activities="activity_id,contact_id,activity_type,occurred_at\ns1,C1,Meeting Held,2026-05-30 10:00:00",
    )
    assert score(compiled, raw) == (10 + 5 + 5 + 1 + 10 + 10, 1)


# what Klaviyo, Iterable, Customer.io, Brevo, Amazon SES, Mailgun, PostHog and Segment write
WORDS = {
    "email_events": {
        "Opened Email": "open", "Clicked Email": "click", "Received Email": "delivered", "emailSend": "sent", "email_spammed": "unsubscribe",
        "uniqueOpened": "open", "proxy_open": "ignored", "DeliveryDelay": "ignored", "Rendering Failure": "ignored", "stored": "ignored",
    },
    "web_events": {
        "$pageview": "page_view", "$identify": "identify", "$autocapture": "ignored", "Loaded a Page": "page_view", "Submitted Form": "form_submit",
    },
    "content_events": {"Requested Demo": "demo_request"},
}


def test_event_types_of_common_tools_are_known(compiled):
    raw = {table: [TIMES | {"event_id": f"{table} {word}", "event_type": word, "email": "a@b.com", "occurred_at": "2026-05-30"} for word in words]
           for table, words in WORDS.items()}
    found = dict(compiled.run(raw, wanted=("int_event_identities",)).execute(
        "select event_id, event_type from intermediate.int_event_identities"
    ).fetchall())
    assert found == {f"{table} {word}": meaning for table, words in WORDS.items() for word, meaning in words.items()}


def test_event_types_that_nobody_knows_are_no_signal_and_counted(compiled):
    raw = acme(email_events=emails(("teleport", "", "", "Outlook", "10:00:00"), ("Soft Bounce", "", "", "", "10:00:00")))
    # not even of a signal for any event type
    any_type = [row | {"event_type": None} if row["signal"] == "email_click" else row for row in compiled.default_seeds["signals"]]
    assert score(compiled, raw, seeds={"signals": any_type}) == (0, 0)
    assert unmapped(compiled, raw, "event type") == {"teleport": 1}


def test_two_spellings_of_a_word_are_one_and_ignored_ones_are_not_reported(compiled):
    def words(means):
        listed = [{"source_table": "email_events", "column_name": "event_type", "word": word, "means": means} for word in ("opened it", "Opened-It")]
        return {"event_words": [*compiled.default_seeds["event_words"], *listed]}

    raw = acme(email_events=emails(("Opened It", "", "", "Outlook", "10:00:00")))
    connection = compiled.run(raw, words("open"), AS_OF, ("account_timeline", "unmapped_events"))
    assert connection.execute("select count(*), sum(points) from main.account_timeline").fetchall() == [(1, 1)]
    assert compiled.run(raw, words("ignored"), AS_OF, ("unmapped_events",)).execute("from main.unmapped_events").fetchall() == []


@pytest.mark.parametrize("spelling", ["deal_lost_call", "deal-lost-call", "deal lost call"])
@pytest.mark.parametrize("channel", ["sales", None])
def test_types_of_ones_own_are_one_in_any_spelling_for_signals_and_resets(compiled, spelling, channel):
    signal = {**compiled.default_seeds["signals"][0], "signal": "own", "channel": channel, "event_type": spelling, "points": "7", "page_category": None}
    raw = acme(crm_activities="activity_id,account_id,contact_id,activity_type,occurred_at\ns1,acme,C1,Deal Lost Call,2026-05-30 10:00:00")
    assert score(compiled, raw, seeds={"signals": [*compiled.default_seeds["signals"], signal]})[0] == 7
    reset = {"reset": "own", "channel": "sales", "event_type": spelling, "takes_from": "account", "basis": "custom", "is_active": "true"}
    raw["email_events"] = rows("event_id,email,event_type,occurred_at\ne1,ana@acme.com,click,2026-05-29 10:00:00")
    assert score(compiled, raw)[0] == 5
    assert score(compiled, raw, seeds={"resets": [*compiled.default_seeds["resets"], reset]})[0] == 0


# the same act twice, and ids


def test_the_same_act_under_another_id_is_one(compiled):
    replies = "event_id,email,event_type,campaign,occurred_at\n" + "".join(f"r{n},ana@acme.com,reply,spring,2026-05-20 10:00:00\n" for n in (1, 2, 3))
    assert score(compiled, acme(email_events=replies)) == (5, 1)
    assert score(compiled, acme(email_events=replies + "r4,ana@acme.com,reply,spring,2026-05-20 16:00:00\n")) == (10, 1)


def test_the_same_act_under_another_id_is_one_for_every_signal(compiled):
    """Each event type of each table, delivered twice, scores as much as once."""
    def events(ids):
        tables = {}
        for node in compiled.contract_events():
            key = "activity_id" if node["table"] == "crm_activities" else "event_id"
            tables.setdefault(node["table"], []).extend(
                TIMES | {
                    key: f"{node['event_type']}{number}", "email": "ana@acme.com", "contact_id": "C1", "company_domain": "acme.com", "surge_score": "90",
                    "event_type": node["event_type"], "activity_type": node["event_type"], "page_url": "https://us.com/pricing", "asset": "A",
                    "topic": "T", "campaign": "c", "occurred_at": "2026-05-20 10:00:00",
                } for number in ids
            )
        return acme() | tables

    once, twice = (compiled.run(events(ids), None, AS_OF, ("int_daily_points",)).execute(
        "select signal, sum(event_count) from intermediate.int_daily_points group by signal order by all"
    ).fetchall() for ids in ([1], [1, 2]))
    assert once == twice and len(once) > 25


def test_one_message_id_for_delivery_open_click_and_reply_is_four_events(compiled):
    raw = acme(email_events="""
event_id,email,event_type,link_url,occurred_at
m1,ana@acme.com,delivered,,2026-05-20 10:00:00
m1,ana@acme.com,open,,2026-05-20 11:00:00
m1,ana@acme.com,click,https://us.com/a,2026-05-20 11:01:00
m1,ana@acme.com,reply,,2026-05-20 12:00:00
""")
    assert score(compiled, raw) == (1 + 5 + 5, 1)
    assert compiled.run(raw, None, AS_OF, ("rejected_records",)).execute("select * from main.rejected_records").fetchall() == []


@pytest.mark.parametrize("table, key, columns", [
    ("email_events", "event_id and event_type", {"event_id": "x", "event_type": "open", "email": "ana@acme.com"}),
    ("crm_activities", "activity_id", {"activity_id": "x", "activity_type": "call", "contact_id": "C1"}),
    ("crm_accounts", "account_id", {"account_id": "x", "account_name": "X"}),
    ("crm_contacts", "contact_id", {"contact_id": "x", "full_name": "X"}),
    ("crm_opportunities", "opportunity_id", {"opportunity_id": "x", "account_id": "acme", "stage": "Discovery"}),
    ("intent_events", "event_id", {"event_id": "x", "company_domain": "acme.com"}),
])
def test_two_rows_of_one_load_with_one_key_are_said_in_their_own_words(compiled, table, key, columns):
    def reason(**other):
        raw = {table: [TIMES | {"occurred_at": "2026-05-20"} | row for row in (columns, columns | other)]}
        (found,) = compiled.run(raw, wanted=("rejected_records",)).execute("select rejection_reason from main.rejected_records").fetchall()
        return found[0]

    changed = {"created_at": "2026-02-02", "occurred_at": "2026-05-21"}
    assert reason() == "the same row is in one load more than once"
    assert reason(**changed) == f"two rows of one load have the same {key} and differ; the other counts"
    assert reason(loaded_at="2026-05-30 06:00:00") == f"a newer load of the same {key} counts"


# resets


@pytest.mark.parametrize("reset_at, demo_at, points", [("09:00:00", "15:00:00", (10, 1)), ("15:00:00", "09:00:00", (0, 0)), ("09:00:00", "09:00:00", (0, 0))])
@pytest.mark.parametrize("reset", ["unsubscribe", "not_interested", "bounce"])
def test_resets_take_what_came_before_their_moment_and_nothing_after(compiled, reset, reset_at, demo_at, points):
    raw = acme(content_events=f"event_id,email,event_type,asset,occurred_at\nc1,ana@acme.com,demo_request,Demo,2026-05-30 {demo_at}")
    if reset == "not_interested":
        raw["crm_activities"] = rows(f"activity_id,account_id,activity_type,outcome,occurred_at\ns1,acme,call,not_interested,2026-05-30 {reset_at}")
    else:
        raw["email_events"] = rows(f"event_id,email,event_type,occurred_at\ne1,ana@acme.com,{reset},2026-05-30 {reset_at}")
    assert score(compiled, raw) == points
    # the ledger and the changes say the same
    connection = compiled.run(raw, None, AS_OF, ("score_ledger", "score_changes"))
    assert connection.execute("select coalesce(sum(points), 0) from main.score_ledger where scoring_model = 'decayed'").fetchone()[0] == points[0]
    assert connection.execute("select coalesce(sum(score - score_before), 0) from main.score_changes").fetchone()[0] == points[0]


def test_resets_in_the_middle_of_a_day_leave_the_pair_completed_after_them(compiled):
    """A combination needs both signals; the pair of 14:00 is left, that of 09:00 is gone."""
    raw = acme(
        content_events="""
event_id,email,event_type,asset,occurred_at
c1,ana@acme.com,webinar_attended,W,2026-05-30 08:00:00
c2,ana@acme.com,ebook_download,E,2026-05-30 09:00:00
c3,ana@acme.com,ebook_download,F,2026-05-30 14:00:00
""",
        email_events="event_id,email,event_type,occurred_at\ne1,ana@acme.com,unsubscribe,2026-05-30 10:00:00",
    )
    combinations = [row | {"points": "25"} for row in compiled.default_seeds["signal_combinations"]]
    assert score(compiled, raw, seeds={"signal_combinations": combinations}) == (5 + 15, 1)


def test_people_whose_address_has_bounced_for_good_are_engaged_no_longer(compiled):
    text = "event_id,email,event_type,link_url,occurred_at\nk1,ana@acme.com,click,https://us.com/a,2026-05-20 10:00:00\nb1,ana@acme.com,{},,2026-05-30 10:00:00\n"
    assert score(compiled, acme(email_events=text.format("bounce"))) == (0, 0)
    assert score(compiled, acme(email_events=text.format("Hard Bounce"))) == (0, 0)
    # for a while, or as a row of the seed says
    for word in ("soft bounce", "Bounce (soft)"):
        assert score(compiled, acme(email_events=text.format(word))) == (5, 1)
    kept = [row | {"is_active": "false"} if row["reset"] == "bounced" else row for row in compiled.default_seeds["resets"]]
    assert score(compiled, acme(email_events=text.format("bounce")), seeds={"resets": kept}) == (5, 1)


def test_a_bounce_of_a_former_address_takes_nothing_from_who_has_moved(compiled):
    """Emails to the old address bounce because she has moved. Before the CRM says so, she can't be reached."""
    raw = acme(email_events="""
        event_id,email,event_type,link_url,occurred_at
        e1,ana@acme.com,click,https://us.com/a,2026-05-08 10:00:00
        e2,ana@beta.com,click,https://us.com/a,2026-05-25 10:00:00
        e3,ana@acme.com,EVENT,,2026-05-DAY 10:00:00
    """.replace("        ", ""))
    raw["crm_accounts"] += [TIMES | {"account_id": "beta", "domain": "beta.com"}]
    ana, bo = raw["crm_contacts"]
    raw["crm_contacts"] = [
        ana | {"loaded_at": "2026-05-01 06:00:00"}, bo, ana | {"account_id": "beta", "email": "ana@beta.com", "loaded_at": "2026-05-20 06:00:00"},
    ]

    def points(event_type, day):
        raw["email_events"][2] |= {"event_type": event_type, "occurred_at": f"2026-05-{day} 10:00:00"}
        return dict(compiled.run(raw, None, AS_OF).execute(
            "select account_id, score from account_score_history where scoring_model = 'decayed' and score_date = '2026-05-31'"
        ).fetchall())

    assert points("bounce", 28) == points("bounce", 20) == {"acme": 5, "beta": 5}
    assert points("bounce", 19) == {"acme": 0, "beta": 5}
    # who wants no more emails says so from any address
    assert points("unsubscribe", 28) == {"acme": 0, "beta": 0}


# days to come


def test_surges_on_another_scale_are_rejected(compiled):
    text = "event_id,company_domain,topic,surge_score,occurred_at\n" + "".join(
        f"{value},acme.com,CRM {value},{value},2026-05-30 10:00:00\n" for value in ("-0.1", "0", "70", "100", "100.1", "850")
    )
    connection = compiled.run(acme(intent_events=text), as_of=AS_OF, wanted=["rejected_records", "source_coverage"])
    assert connection.execute("select record_key, rejection_reason from main.rejected_records order by 1").fetchall() == [
        (value, "surge_score is not from 0 to 100") for value in ("-0.1", "100.1", "850")
    ]
    assert connection.execute("select raw_rows, staged_rows, rejected_rows from main.source_coverage where source_table = 'intent_events'").fetchall() == [(6, 3, 3)]


def test_rows_about_a_day_to_come_wait_for_it(compiled):
    text = "activity_id,account_id,activity_type,outcome,occurred_at\ns1,acme,meeting_held,positive,{} 10:00:00"
    raw = acme(crm_activities=text.format("2026-06-09"))
    assert [score(compiled, raw, dt.date(2026, 6, day))[0] for day in (8, 9, 20)] == [0, 10, 10]
    assert compiled.run(raw, None, AS_OF, ("rejected_records",)).execute("select * from main.rejected_records").fetchall() == []
    raw = acme(crm_activities=text.format("2062-06-09"))
    assert compiled.run(raw, None, AS_OF, ("rejected_records",)).execute("select record_key, rejection_reason from main.rejected_records").fetchall() == [
        ("s1", "occurred_at is more than 5 years after loaded_at")
    ]
