"""The pages in a real browser: they show what the marts say, on any data, to everybody."""

import csv
import io
import re
import unicodedata
from urllib.parse import quote

import duckdb
import pytest

from engagement.review import tables
from harness import ROOT
from marts_files import changed, give_id, only

AXE = ROOT / "tests" / "dashboard" / "vendor" / "axe.min.js"
ROWS = 50  # per page of the table
PAGES = ["index", "today", "review", "health"]
MINUS = "−"
REVIEW = "make review, then make publish and make dashboard"


def number(text):
    return float(re.sub(r"[^\d.−-]", "", text.split("\n")[0]).replace(MINUS, "-"))


# accounts

def test_a_row_shows_what_the_mart_says(site, visit, marts):
    look = visit(site)
    page = look.open("index")
    rows = marts("""
        select account_name, domain, account_tier, fit_grade, score, band, score_change_7_days, engaged_contacts, last_engagement_type,
            next_action, split_part(owner_email, '@', 1)
        from account_scores order by score_raw desc, account_id limit 50
    """)
    shown = [[cell.strip().split("\n") for cell in row] for row in page.evaluate(
        "[...document.querySelectorAll('.card.table tbody tr')].map(row => [...row.cells].map(cell => cell.innerText))"
    )]
    assert len(shown) == len(rows) == ROWS
    for cells, (name, domain, tier, fit, score, band, change, people, last, action, owner) in zip(shown, rows):
        assert cells[0][0] == (name or domain) and cells[0][1].startswith(domain or "")
        assert [cells[1][0], cells[2][0], cells[4][0]] == [str(tier or "–"), fit or "–", band]
        assert number(cells[3][0]) == score and number(cells[7][0]) == people
        assert number(cells[6][0]) == change
        assert [cells[8][0], cells[10][0], cells[11][0]] == [last or "none yet", action, owner or "no owner"]
    bands = dict(marts("select band, count(*) from account_scores group by band"))
    before = dict(marts("select band_28_days_ago, count(*) from account_scores group by all"))
    for text in look.texts(".band"):
        count, band = text.split("\n")[0].split(" ", 1)
        assert int(count) == bands[band] and f"{before.get(band, 0)} of these accounts 28 days ago" in text
    assert "Scores of 2026-05-31" in look.texts("#stamp")[0] and marts("select config_version from publication")[0][0] in look.texts("#stamp")[0]
    assert look.texts(".notice") == ["Late sources: content_events 3 days, linkedin_events 1 day. Health"]


def test_every_page_says_so_if_its_scores_are_old(site, visit):
    for on, said in [("2026-05-31", None), ("2026-06-03", None), ("2026-06-04", "4 days ago"), ("2026-11-27", "180 days ago"), ("2026-05-01", None)]:
        look = visit(site, on=on)
        for page in [*PAGES, "account"]:
            notices = look.open(page).locator(".notice").all_inner_texts()
            old = [f'Scores as of 31 May 2026, {said}. These pages count days from then: "today" is 31 May 2026.'] if said else []
            assert [text for text in notices if text.startswith("Scores as of")] == old, (on, page)


def folded(text):
    """A text as people sort it: without accents, in small letters."""
    plain = unicodedata.normalize("NFKD", text).translate(str.maketrans("ŁłØø", "LlOo"))
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


SORTED = [
    ("Account", "coalesce(account_name, account_id)"), ("Tier", "account_tier"), ("Fit", "fit_grade"), ("Score", "score"), ("Status", "band_order"),
    ("13 weeks", "score_change_28_days"), ("7 days", "score_change_7_days"), ("People", "engaged_contacts"), ("Last engagement", "last_engagement_at"),
    ("Last sales touch", "last_sales_touch_at"), ("Next action", "next_action"), ("Owner", "owner_email"),
]


def test_every_heading_sorts_both_ways_with_missing_values_last(site, visit, marts):
    look = visit(site)
    page = look.open("index")
    for heading, column in SORTED:
        values = dict(marts(f"select account_id, {column} from account_scores"))
        directions = set()
        for _ in range(2):
            page.get_by_role("columnheader", name=heading).get_by_role("button").click()
            direction = page.get_by_role("columnheader", name=heading).get_attribute("aria-sort")
            directions.add(direction)
            shown = [values[account] for account in look.ids()]
            key = folded if any(isinstance(value, str) for value in values.values()) else lambda value: value
            known = sorted((value for value in values.values() if value is not None), key=key, reverse=direction == "descending")
            expected = [*known, *[None] * len(values)][:ROWS]
            assert [value if value is None else key(value) for value in shown] == [value if value is None else key(value) for value in expected], (heading, direction)
        assert directions == {"ascending", "descending"}
        assert page.locator("th[aria-sort]").count() == 1
    # the rows without a value, on the last page
    page.goto(page.url.split("#")[0] + "#sort=-touch&page=5")
    touched = dict(marts("select account_id, last_sales_touch_at from account_scores"))
    assert [touched[account] for account in look.ids()] == [None] * len(look.ids()) != []


FILTERED = [
    ("band=Hot", "band = 'Hot'"), ("owner=rep3%40seller.example", "owner_email = 'rep3@seller.example'"), ("tier=1", "account_tier = 1"),
    ("trend=up", "trend = 'up'"), ("fit=A", "fit_grade = 'A'"), ("country=Germany", "country = 'Germany'"),
    ("q=HARBOR+lab", "account_name = 'Harbor Labs'"), ("q=company13", "domain like '%company13%' or account_id like '%company13%'"),
    ("view=up", "band_order > band_order_28_days_ago"), ("view=cooling", "band = 'Very Hot' and trend = 'down'"),
    ("view=alerted", "account_id in (select account_id from score_alerts where created_on > date '2026-05-17')"),
    ("view=people", "new_engaged_contacts > 0"), ("view=deal", "open_opportunity_created_on is not null"),
    ("view=untouched", "band <> 'Cold' and last_engagement_at is not null and (last_sales_touch_at is null or last_sales_touch_at < last_engagement_at)"),
    ("view=dormant", "engagement_state = 'dormant' and quadrant like 'high fit%'"),
    ("band=Very+Hot&owner=rep3%40seller.example&trend=down&fit=D", "band = 'Very Hot' and owner_email = 'rep3@seller.example' and trend = 'down' and fit_grade = 'D'"),
    ("tier=2&view=people&q=example", "account_tier = 2 and new_engaged_contacts > 0 and domain like '%example%'"),
    ("owner=REP3%40Seller.Example&tier=1", "owner_email = 'rep3@seller.example' and account_tier = 1"),
    ("q=nobody+has+this", "false"), ("owner=nobody", "false"), ("sort=nonsense&page=999&view=nonsense&other=1", "true"),
]


def test_each_filter_and_their_combinations_equal_sql_and_stand_in_the_address(site, visit, marts):
    look = visit(site)
    page = look.open("index")
    every, = marts("select count(*) from account_scores")[0]
    for address, condition in FILTERED:
        page.goto(page.url.split("#")[0] + f"#{address}")
        expected = [account for account, in marts(f"select account_id from account_scores where {condition} order by score_raw desc, account_id")]
        first = 200 if "page=999" in address else 0
        assert page.locator(".found").inner_text() == f"{len(expected)} of {every} accounts", address
        assert look.ids() == expected[first:first + ROWS], address


def test_search_ignores_case_and_accents(serving, visit, write, tmp_path):
    names = {"acme": "Åbenrå Łódź Straße", "growth": "ÆRØ Çelik"}
    look = visit(write(changed(serving / "marts.duckdb", tmp_path / "serving", *(
        f"update account_scores set account_name = '{name}' where account_id = '{account}'" for account, name in names.items()
    ), "update account_handoffs set account_name = 'Zoë' where account_id = 'A000192'")))
    for words, account in [("abenra", "acme"), ("ÅBENRÅ lodz", "acme"), ("strasse", "acme"), ("STRAẞE", "acme"), ("aero celik", "growth"), ("ærø", "growth")]:
        look.open("index", f"#q={quote(words)}")
        assert look.ids() == [account], words
    assert "Customers: Zoë" in look.open("index", "#q=zoe").locator("main").inner_text()


def test_amounts_have_a_unit_of_their_size(site, visit):
    amounts = {
        0: "$0", 0.4: "$0", 999: "$999", 999.6: "$1k", 1000: "$1k", 250_400: "$250k", 999_499: "$999k", 999_700: "$1M", 1_250_000: "$1.25M", 1_500_000: "$1.5M",
        999_996_000: "$1B", 10**9: "$1B", 2.5e12: "$2,500B", -5000: f"{MINUS}$5k", -0.2: "$0",
    }
    assert visit(site).open("index").evaluate("amounts => amounts.map(money)", list(amounts)) == list(amounts.values())


def test_a_view_is_kept_by_its_address_and_by_back(site, visit, marts):
    look = visit(site)
    page = look.open("index")
    page.get_by_label("Search").fill("company1")
    page.get_by_label("Trend").select_option("down")
    page.get_by_role("columnheader", name="People").get_by_role("button").click()
    page.locator(".band", has_text="Very Hot").click()
    view, address = look.ids(), page.url
    assert view and page.get_by_label("Search").input_value() == "company1"
    page.locator(".card.table tbody a").first.click()
    page.wait_for_selector(f"html[data-ready='{view[0]}']", state="attached")
    page.go_back()
    page.wait_for_selector("html[data-ready=true]", state="attached")
    assert (look.ids(), page.url) == (view, address)
    other = visit(site)
    other.page.goto(address)
    assert other.ids() == view and other.page.get_by_label("Trend").input_value() == "down"
    assert other.page.locator(".band[aria-pressed=true]").inner_text().splitlines()[0].endswith("Very Hot")
    page.get_by_role("button", name="Clear").click()
    every, = marts("select count(*) from account_scores")[0]
    assert page.locator(".found").inner_text() == f"{every} of {every} accounts" and page.url.endswith("index.html#")


def test_csv_has_the_rows_of_the_view_and_no_formula(serving, site, visit, write, marts, tmp_path):
    hostile = write(changed(serving / "marts.duckdb", tmp_path / "hostile", "update account_scores set account_name = '=1+cmd|x' where account_id = 'acme'"))
    for folder, address, condition in [(site, "#band=Warm&sort=account", "band = 'Warm'"), (hostile, "#q=cmd", "account_id = 'acme'")]:
        look = visit(folder, accept_downloads=True)
        page = look.open("index", address)
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
        text = download.value.path().read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [row["account_id"] for row in rows] == look.ids()
        assert {row["account_id"]: int(row["score"]) for row in rows} == dict(marts(f"select account_id, score from account_scores where {condition}"))
    assert rows[0]["account_name"] == "'=1+cmd|x"
    # as in an export
    texts = ["  =1+1", "＝1+1", "\t=1", "-1+1", "1+1", "a-b", " Acme = good"]
    assert page.evaluate("texts => texts.map(csvCell)", texts) == [f"'{text}" for text in texts[:4]] + texts[4:]


# today

def test_a_queue_is_the_mart_in_its_order(site, visit, marts):
    look = visit(site)
    page = look.open("today")
    owners = marts("select split_part(owner_email, '@', 1), count(*) from sales_queue group by all order by 1")
    assert [(cells[0], int(cells[1])) for cells in page.evaluate("[...document.querySelectorAll('tbody tr')].map(row => [...row.cells].map(cell => cell.innerText))")] == owners
    page.get_by_role("link", name="rep1", exact=True).click()
    queue = marts("select account_id, score, contact_name, next_action from sales_queue where owner_email = 'rep1@seller.example' order by queue_rank")
    assert page.locator("h1").inner_text() == "Today: rep1" and look.ids() == [row[0] for row in queue]
    shown = page.evaluate("[...document.querySelectorAll('.card.table tbody tr')].map(row => [2, 4, 6].map(cell => row.cells[cell].innerText.split('\\n')[0]))")
    assert shown == [[str(score), contact or "no contact known", action] for _, score, contact, action in queue]
    alerts, = marts("select count(*) from score_alerts join sales_queue using (account_id) where owner_email = 'rep1@seller.example'")[0]
    assert page.locator(".news li").count() == alerts > 0
    # people write owners in any case
    look.open("today", "#owner=REP1%40Seller.Example")
    assert page.get_by_label("Owner").input_value() == "rep1@seller.example" and look.ids() == [row[0] for row in queue]
    look.open("index", "#owner=REP1%40Seller.Example")
    assert page.get_by_label("Owner").input_value() == "rep1@seller.example"


def test_people_who_are_masked_are_not_told_as_unknown(serving, visit, write, tmp_path):
    nameless = ("update sales_queue set contact_name = null", "update account_handoffs set key_people = null")
    for masked, told in [(False, ["no contact known", "Key people: no one has points"]), (True, ["masked", "Key people: masked"])]:
        look = visit(write(changed(serving / "marts.duckdb", tmp_path / str(masked), *nameless, f"update publication set is_masked = {masked}")))
        page = look.open("today", "#owner=rep1@seller.example")
        assert page.locator("tbody tr").first.locator("td").nth(3).inner_text().startswith(told[0])
        assert told[1] in look.account("A000192").locator(".action").inner_text()


# one account

def test_the_ledger_shown_sums_to_the_score(site, visit, marts):
    look = visit(site)
    accounts = marts("select account_id, score, round(score_raw, 2) from account_scores where score > 0 order by hash(account_id) limit 6")
    for account, score, raw in [*accounts, ("acme", 53, 53)]:
        page = look.account(account)
        page.locator("summary", has_text="The ledger").click()
        table = page.get_by_role("group", name="Ledger")
        points = [number(text) for text in table.locator("tbody tr td:last-child").all_inner_texts()]
        assert number(table.locator("#ledger-sum").inner_text()) == pytest.approx(float(raw)) == pytest.approx(sum(points), abs=0.006 * len(points))
        assert page.locator(".huge").inner_text() == str(score) and page.get_by_role("heading", name=f"Why {score}?").is_visible()


def test_an_account_shows_people_changes_alerts_and_its_timeline(site, visit, marts):
    look = visit(site)
    page = look.account("acme")
    people = marts("select full_name, score from contact_scores where account_id = 'acme' order by contact_rank")
    rows = page.get_by_role("group", name="Buying committee").locator("tbody tr")
    assert [(row.split("\t")[0].split("\n")[0], int(row.split("\t")[2])) for row in rows.all_inner_texts()] == people
    assert page.locator(".alert").count() == marts("select count(*) from score_alerts where account_id = 'acme'")[0][0] > 0
    assert page.get_by_text("Cold → Warm.").is_visible() and f"Run {REVIEW}." in page.locator("main").inner_text()
    events = marts("select count(*) filter (direction is not null), count(*) from account_timeline where account_id = 'acme'")[0]
    timeline = page.get_by_role("group", name="Timeline").locator("tbody tr")
    assert timeline.count() == events[0]
    if events[1] > events[0]:
        page.get_by_role("checkbox").check()
        assert timeline.count() == events[1]
    chart = page.locator("figure svg[role=img]").first.get_attribute("aria-label")
    assert chart.startswith("Score by day") and "now 53" in chart
    assert "Very Hot" in page.evaluate("[...document.querySelectorAll('figure text')].map(text => text.textContent)")
    page.locator("summary", has_text="As a table").click()
    assert page.get_by_role("group", name="Score by month").locator("tbody tr").first.inner_text().split("\t")[1] == "53"


def test_a_person_without_a_name_is_called_by_the_address_then_by_the_id(serving, visit, write, marts, tmp_path):
    person, address = marts("select person_id, email from contact_scores where account_id = 'acme' and contact_rank = 1")[0]
    nameless = [f"update {mart} set {column} = null where account_id = 'acme' and person_id = '{person}'" for mart, column in [
        ("contact_scores", "full_name"), ("score_ledger", "person_name"), ("account_timeline", "person_name"),
    ]]
    for name, without, called in [("name", [], address), ("address", ["update contact_scores set email = null where account_id = 'acme'"], person)]:
        page = visit(write(changed(serving / "marts.duckdb", tmp_path / name, *nameless, *without))).account("acme")
        page.locator("summary", has_text="The ledger").click()
        for table in ("Buying committee", "Ledger", "Timeline"):
            texts = page.get_by_role("group", name=table).locator("tbody bdi").all_inner_texts()
            assert called in texts and (called == person or person not in texts), (name, table)


JOURNAL = """delete from score_changes where account_id = '{account}'; delete from score_alerts where account_id = '{account}';
    insert into score_changes (
        account_id, change_date, score_before, score, band_before, band, change_kind, change_points, ageing_points, expiry_points, cap_points, explanation
    )
    select '{account}', cast(change_date as date), score_before, score, band_before, band, change_kind, change, ageing, expiry, 0, explanation from (values
        ('2026-05-30', 21, 21, 'Warm', 'Warm', 'engagement', 0.4, -0.6, 0, '+0: Email opened (1); ageing -0.6'),
        ('2026-05-29', 22, 21, 'Warm', 'Warm', 'fading', -0.6, -0.6, 0, '-1: ageing -0.6'),
        ('2026-05-28', 22, 22, 'Warm', 'Warm', 'none', 0, 0, 0, '+0: changes below 0.05 each'),
        ('2026-05-27', 30, 22, 'Hot', 'Warm', 'fading', -8, 0, -8, '-8: expired -8'), ('2026-05-26', 31, 30, 'Hot', 'Hot', 'fading', -1, -1, 0, '-1: ageing -1'),
        ('2026-05-25', 32, 31, 'Hot', 'Hot', 'fading', -1, -1, 0, '-1: ageing -1'),
        ('2026-05-24', 27, 32, 'Hot', 'Hot', 'engagement', 5, 0, 0, '+5: Email link clicked (5)'),
        ('2026-05-23', 39, 27, 'Hot', 'Hot', 'fading', -12, -2, 0, '-12: ageing -2; reset -10'), ('2026-05-22', 40, 39, 'Hot', 'Hot', 'fading', -1, -1, 0, '-1: ageing -1'),
        ('2026-05-21', 41, 40, 'Hot', 'Hot', 'fading', -1, -2, 0, '-1: Page viewed (1); ageing -2'),
        ('2026-05-02', 0, 41, 'Cold', 'Hot', 'opening balance', 41, 0, 0, '{opening}')
    ) as rows (change_date, score_before, score, band_before, band, change_kind, change, ageing, expiry, explanation)"""


def test_changes_begin_with_the_opening_balance_and_small_ones_share_a_line(serving, visit, write, tmp_path):
    """What somebody did is told, however much fades on the same day."""
    lines = [
        ["28 May to 30 May", "22 → 21", "Small changes on 3 days."], ["27 May", "30 → 22", "Hot → Warm. -8: expired -8"],
        ["25 May to 26 May", "32 → 30", "Points faded on 2 days."], ["24 May", "27 → 32", "+5: Email link clicked (5)"],
        ["23 May", "39 → 27", "-12: ageing -2; reset -10"], ["22 May", "40 → 39", "-1: ageing -1"], ["21 May", "41 → 40", "-1: Page viewed (1); ageing -2"],
    ]
    for opening, said in [("+41: opening balance +41", ""), ("+41: Form submitted (5); opening balance +36", " +41: Form submitted (5); opening balance +36")]:
        folder = changed(serving / "marts.duckdb", tmp_path / str(len(opening)), JOURNAL.format(account="acme", opening=opening))
        assert shown_rows(visit(write(folder)).account("acme"), "Changes and alerts") == [*lines, ["2 May", "41", f"The score starts at 41 (Hot).{said}"]]


def test_changes_of_a_customer_end_with_the_win(serving, visit, write, tmp_path):
    folder = changed(
        serving / "marts.duckdb", tmp_path / "serving", JOURNAL.format(account="A000192", opening="+41: opening balance +41"),
        "update account_handoffs set won_on = '2026-05-25' where account_id = 'A000192'",
    )
    assert [row[0] for row in shown_rows(visit(write(folder)).account("A000192"), "Changes and alerts")] == ["25 May", "24 May", "23 May", "22 May", "21 May", "2 May"]


def test_the_committee_tells_active_people_from_engaged_ones(serving, visit, write, tmp_path):
    """Somebody who only opened emails is active; only `engaged_contacts` says who is engaged."""
    folder = changed(
        serving / "marts.duckdb", tmp_path / "serving", "update contact_scores set score = 1, event_count = 1 where account_id = 'acme'",
        "update account_scores set engaged_contacts = 0 where account_id = 'acme'", "update contact_scores set is_decision_maker = contact_rank = 1 where account_id = 'acme'",
    )
    text = visit(write(folder)).account("acme").locator("main").inner_text()
    assert "Active: 2 of 2 known people, 1 of 1 decision-maker." in text and "people engaged" not in text
    folder = changed(folder / "marts.duckdb", tmp_path / "nobody", "update contact_scores set is_decision_maker = false where account_id = 'acme'")
    assert "Active: 2 of 2 known people.\n" in visit(write(folder)).account("acme").locator("main").inner_text()


def test_scores_of_a_past_day_show_nothing_of_later_days(serving, visit, write, marts, tmp_path):
    """A deal that has closed since was open, in a stage that nobody knows any more."""
    deal, = marts("select account_id from account_scores where open_opportunity_amount_usd is not null order by 1 limit 1")[0]
    folder = write(changed(
        serving / "marts.duckdb", tmp_path / "serving", f"update account_scores set open_opportunity_stage = null where account_id = '{deal}'",
        "update score_alerts set created_on = '2026-06-02' where account_id = 'acme'",
    ))
    look = visit(folder)
    open_deals, = marts("select count(*) from account_scores where open_opportunity_created_on is not null")[0]
    assert look.open("index", "#view=deal").locator(".found").inner_text().startswith(f"{open_deals} of ") and deal in look.ids()
    assert "Open deal $" in look.open("index", f"#q={deal}").locator(".card.table tbody").inner_text()
    assert "stage unknown" in look.account(deal).locator(".head").inner_text()
    assert look.open("index", "#view=alerted&q=acme.example").locator(".found").inner_text().startswith("0 of ")


def test_an_arrow_points_where_its_number_goes(site, visit):
    """The trend of the scoring model can be of other days than the number beside it."""
    changes = [(5, "up"), (-5, "down"), (-14, "up"), (2, "down"), (0, "up"), (1, "flat"), (3, None)]
    shown = visit(site).open("index").evaluate("changes => changes.map(([value, trend]) => change(value, trend).textContent)", changes)
    assert shown == ["▲ +5", f"▼ {MINUS}5", f"▼ {MINUS}14", "▲ +2", "→ 0", "→ +1", "→ +3"]


def test_an_account_without_a_past_says_why(serving, visit, write, tmp_path):
    look = visit(write(changed(
        serving / "marts.duckdb", tmp_path / "serving", "update account_handoffs set won_on = '2020-01-01' where account_id = 'A000192'",
        "update account_scores set band_28_days_ago = null",
    )))
    text = look.account("A000192").locator("main").inner_text()
    assert "The history begins after the win." in text and "No change before the win is recorded." in text
    look.open("index")
    assert "28 days ago" not in " ".join(look.texts(".band"))


def test_an_alert_of_one_is_told_in_the_singular(site, visit):
    alert = {"window_days": 1, "measured": 1, "score": 30, "band": "Hot", "threshold": 25.5}
    said = visit(site).open("today").evaluate(
        "alert => ['threshold', 'acceleration', 'new_contacts'].map(kind => alertText({...alert, kind}))", alert
    )
    assert said == [
        "reached 25.5: score 1, Hot", "warming up faster: 1 more point in 1 day than in the 1 before; score 30, Hot", "1 new person in 1 day; score 30, Hot",
    ]


def test_a_campaign_says_until_when_the_score_moved(site, visit, marts):
    account, change, day = marts("""
        select account_id, score_change, strftime(score_after_on, '%-d %b') from campaign_engagement
        where score_after_on between '2026-01-01' and '2026-05-01' and score_change > 0 order by campaign, account_id limit 1
    """)[0]
    assert f"+{change} until {day}" in {row[-1] for row in shown_rows(visit(site).account(account), "Campaigns")}


def test_the_bounds_on_a_chart_are_those_of_the_seed(serving, visit, write, tmp_path):
    folder = write(changed(
        serving / "marts.duckdb", tmp_path / "bands",
        "update score_bands set min_score = 17 where band = 'Hot'", "insert into score_bands select 'Ablaze', 200, 'Burning', true, '', '', '', 9, 'custom'",
    ))
    look = visit(folder)
    page = look.account("A000139")
    assert page.evaluate("BANDS.map(band => [band.band, band.min_score, band.colour])") == [
        ["Cold", 0, "#d3dde8"], ["Warm", 11, "#deb469"], ["Hot", 17, "#d27c2d"], ["Very Hot", 51, "#b14423"], ["Ablaze", 200, "#7d1a3c"],
    ]
    texts = page.evaluate("[...document.querySelectorAll('figure text')].map(text => text.textContent)")
    assert {"Ablaze", "200", "51"} <= set(texts) and "26" not in texts
    look.open("index")
    assert look.texts(".band")[0].startswith("0 Ablaze")


def test_a_won_account_shows_its_hand_over_and_an_unknown_id_says_so(site, visit, marts):
    look = visit(site)
    account, deal, people = marts("select account_id, opportunity_name, key_people from account_handoffs order by account_id limit 1")[0]
    page = look.account(account)
    assert page.locator(".huge").inner_text() == "Won"
    assert page.get_by_text(deal).is_visible() and people in page.locator(".action").inner_text()
    for unknown in ("nobody", "__proto__", "constructor", "<img src=x onerror=alert(1)>", "a&id=b", "%"):
        assert look.account(unknown).locator(".empty").inner_text() == f"No account has the id {unknown}. All accounts"
    # the page isn't loaded anew
    title = page.title()
    page.evaluate("location.hash = '#id=acme'")
    page.wait_for_selector("html[data-ready=acme]", state="attached")
    assert page.title() == "Acme Corp - Account engagement"
    page.evaluate("location.hash = '#id=nobody'")
    page.wait_for_selector("html[data-ready=nobody]", state="attached")
    assert page.title() == title == "Account - Account engagement"
    assert "No account is chosen" in look.open("account").locator(".empty").inner_text()
    assert look.open("account", "?id=acme").locator("h1").inner_text() == "Acme Corp"
    page = look.open("index", "#q=steady")
    assert page.get_by_role("link", name="Steady Systems").get_attribute("href") == "account.html#id=A000192"


def test_all_accounts_of_a_group_say_so(site, visit, marts):
    account, parent, count = marts("""
        select account_id, top_parent_account_name, account_count from account_scores join account_group_scores using (top_parent_account_id)
        where account_count > 1 order by account_id limit 1
    """)[0]
    text = visit(site).account(account).locator("#main").inner_text()
    # customers of the group aren't in it
    assert f"Part of {parent}: {count} prospects" in text


def test_an_owners_dashboard_links_to_no_account_that_it_lacks(serving, visit, write, marts, tmp_path):
    member, = marts("""
        select account_id from account_scores join account_group_scores using (top_parent_account_id)
        where account_id not in (hottest_account_id, top_parent_account_id) order by account_id limit 1
    """)[0]
    folder = changed(serving / "marts.duckdb", tmp_path / "serving", f"update account_scores set owner_email = 'me@seller.example' where account_id = '{member}'")
    page = visit(write(folder, "me@seller.example")).account(member)
    assert "Part of a group:" in page.locator("main").inner_text() and "Hottest: an account of another owner," in page.locator("main").inner_text()
    assert page.locator("main a[href^=account]").count() == 0


# the monthly review

def test_the_review_shows_the_numbers_of_the_marts(site, visit, marts):
    look = visit(site)
    page = look.open("review")
    for summary in page.locator("summary").all():
        summary.click()
    rows = page.get_by_role("group", name="Conversion by status").locator("tbody tr").all_inner_texts()
    assert [(cells[0].strip(), number(cells[1]), number(cells[3]), number(cells[4])) for cells in (row.split("\t") for row in rows)] == [
        (band, n, converted, round(float(rate) * 100, 1)) for band, n, converted, rate in marts("""
            select band, n, converted, rate from conversion_by_band
            where scoring_model = 'decayed' and outcome = 'opportunity_created' order by band_order desc
        """)
    ]
    moved = marts("""
        select sum(case when after.min_score > before.min_score then accounts else 0 end), sum(case when after.min_score < before.min_score then accounts else 0 end),
            sum(case when to_band = 'won' then accounts else 0 end)
        from band_transitions left join score_bands as before on from_band = before.band left join score_bands as after on to_band = after.band
        where scoring_model = 'decayed' and month_on = date '2026-05-01'
    """)[0]
    assert f"{moved[0]} accounts moved up, {moved[1]} down, {moved[2]} won" in page.locator("#main").inner_text()
    answer, = marts("select answer from conversion_questions where question_kind = 'above_threshold' and threshold = 40 and scoring_model = 'decayed' and outcome = 'opportunity_created'")[0]
    assert page.get_by_text(answer).is_visible()
    assert f"run {REVIEW}." in page.locator(".hint").inner_text() and page.get_by_role("heading", name="How good is the ranking?").count() == 0
    page.get_by_label("Outcome").select_option("won")
    won, = marts("select converted from conversion_by_band where scoring_model = 'decayed' and outcome = 'won' and band = 'Very Hot'")[0]
    page.get_by_text("As a table").nth(1).click()
    assert number(page.get_by_role("group", name="Conversion by status").locator("tbody tr").first.locator("td").nth(2).inner_text()) == won
    assert page.url.endswith("#outcome=won")


def test_the_mean_rate_is_on_the_chart_when_no_band_has_a_rate(serving, visit, write, tmp_path):
    folder = write(changed(serving / "marts.duckdb", tmp_path / "serving", "update conversion_by_band set rate = null, rate_low = null, rate_high = null, converted = n"))
    line, chart = (visit(folder).open("review").locator(f"figure svg[aria-label^='Share that converted']{inside}").bounding_box() for inside in (" line[stroke-dasharray], [stroke-dasharray] line", ""))
    assert chart["x"] < line["x"] < chart["x"] + chart["width"]


def test_the_threshold_slider_reads_its_row_out(site, visit, marts):
    page = visit(site).open("review")
    slider = page.get_by_role("slider")
    slider.focus()
    for key in ("ArrowLeft", "ArrowLeft", "Home"):
        slider.press(key)
        chosen = int(slider.input_value())
        today, precision, recall, weekly = marts("""
            select accounts_today, precision_rate, recall, alerts_per_week from threshold_performance
            where scoring_model = 'decayed' and outcome = 'opportunity_created' and threshold = ?
        """, chosen)[0]
        says = page.locator(".says").inner_text()
        assert says.startswith(f"At {chosen}: {weekly:.1f} alerts a week, {today} accounts today.")
        # today's accounts include those with an opportunity, the backtest's don't
        assert f"Of accounts without an opportunity, {precision * 100:.1f} % get an opportunity" in says
        assert slider.get_attribute("aria-valuetext") == says
    assert chosen == 0


OVERLAPS = """figure => {
    const boxes = [...figure.querySelectorAll('text')].filter(text => text.textContent.trim()).map(text => [text.textContent, text.getBoundingClientRect()]);
    return boxes.flatMap(([text, box], place) => boxes.slice(place + 1).filter(([, other]) =>
        box.left < other.right && other.left < box.right && box.top + 3 < other.bottom && other.top + 3 < box.bottom
    ).map(([other]) => `${text} / ${other}`));
}"""


def test_labels_of_a_chart_never_overlap_on_a_phone(site, reviewed, visit):
    for folder in (site, reviewed):
        look = visit(folder)
        for wide in (390, 360):
            look.page.set_viewport_size({"width": wide, "height": 844})
            look.open("review").wait_for_timeout(200)
            assert look.page.locator("figure svg").count() == 5
            assert [figure.evaluate(OVERLAPS) for figure in look.page.locator("figure").all()] == [[]] * 5, wide


def test_the_review_says_so_where_nothing_is_known_yet(serving, visit, write, tmp_path):
    without_outcomes = [
        "update conversion_by_band set n = 0, accounts = 0, converted = 0, rate = null, rate_low = null, rate_high = null, lift = null",
        "update threshold_performance set n = 0, converted = 0, precision_rate = null, precision_low = null, precision_high = null, recall = null",
        "update pipeline_forecast set expected_opportunities = null, actual_opportunities = null",
    ]
    page = visit(write(changed(serving / "marts.duckdb", tmp_path / "outcomes", *without_outcomes))).open("review")
    text = page.locator("main").inner_text()
    assert text.count("No landmark has a known outcome yet.") == 2 and "NaN" not in text and page.get_by_role("slider").count() == 0
    # no chart without a value: those of bands and of signals are left
    page.wait_for_selector("figure svg")
    assert page.locator("figure").count() == 2 and "Not enough data for a forecast." in text
    without_accounts = ["update band_distribution set accounts = 0, share = null", "delete from band_transitions"]
    text = visit(write(changed(serving / "marts.duckdb", tmp_path / "accounts", *without_accounts))).open("review").locator("main").inner_text()
    assert "No account has a score at the end of a month yet." in text and "No account has scores at the ends of two months yet." in text


def test_a_forecast_that_lacks_a_band_is_not_shown(serving, visit, write, tmp_path):
    """The accounts of one band have no rate yet: the sum of the others isn't what all accounts will bring."""
    statement = "update pipeline_forecast set rate = null, expected_opportunities = null, expected_amount_usd = null where band = 'Hot' and not is_backtest"
    text = visit(write(changed(serving / "marts.duckdb", tmp_path / "serving", statement))).open("review").locator("main").inner_text()
    assert "Not enough data for a forecast." in text


def test_a_chart_of_zeros_begins_at_zero(serving, visit, write, tmp_path):
    folder = changed(serving / "marts.duckdb", tmp_path / "serving", "update pipeline_forecast set expected_opportunities = 0, actual_opportunities = 0")
    page = visit(write(folder)).open("review")
    page.wait_for_selector("figure svg")
    texts = page.locator("figure").last.evaluate("figure => [...figure.querySelectorAll('text')].map(text => text.textContent)")
    assert {"0.0", "1.0"} <= set(texts)


def with_review(marts, serving, is_of_these_scores=False):
    """Marts with review tables: of older scores, or with the stability of these."""
    folder = changed(marts, serving)
    both = {"scoring_model": "decayed", "outcome": "opportunity_created"}
    with duckdb.connect(str(folder / "marts.duckdb")) as connection:
        rows = {table.name: [dict.fromkeys(table.columns)] for table in tables.TABLES}
        rows["review_ranking"] = [rows["review_ranking"][0] | both | {"auc": 0.627, "auc_low": 0.57, "auc_high": 0.681, "n": 2077, "converted": 261}]
        rows["review_conversions"] = [
            rows["review_conversions"][0] | both | {
                "group_kind": "signal", "group_name": name, "risk_ratio": ratio, "risk_ratio_low": ratio / 2, "risk_ratio_high": ratio * 1.5,
            } for name, ratio in [("pricing_page", 4.0), ("email_open", 1.1)]
        ]
        rows["review_points"] = [rows["review_points"][0] | {
            "signal": "pricing_page", "points": 10, "suggested_points": 14.5, "proposed_points": 14, "finding": "change",
        }]
        rows["review_stability"] = [rows["review_stability"][0] | {
            "account_id": "acme", "band": "Very Hot", "draws": 200, "same_band_share": 0.75,
            "low_score": 46, "low_band": "Hot", "high_score": 59, "high_band": "Very Hot",
        }]
        rows["review_forecast"] = [rows["review_forecast"][0] | {"forecast_on": "2026-05-31", "scoring_model": "decayed", "expected": 17.2, "expected_low": 7, "expected_high": 27}]
        tables.write_tables(connection, rows, "2026-04-30", "older rules")
        if is_of_these_scores:
            connection.execute("update review_stability set as_of_date = publication.as_of_date, config_version = publication.config_version from publication")
    return folder


@pytest.fixture(scope="module")
def reviewed(serving, write, tmp_path_factory):
    return write(with_review(serving / "marts.duckdb", tmp_path_factory.mktemp("reviewed") / "serving"))


def test_an_account_near_a_threshold_says_so(serving, reviewed, visit, write, tmp_path):
    for folder, said in [(reviewed, False), (write(with_review(serving / "marts.duckdb", tmp_path / "serving", is_of_these_scores=True)), True)]:
        page = visit(folder).open("index", "#q=acme")
        assert ("near a threshold" in page.locator(".card.table tbody tr").first.inner_text()) == said
        page.goto(page.url.split("#")[0] + "#q=harbor")
        assert "near a threshold" not in page.locator("main").inner_text()


def test_an_alert_of_a_rule_that_is_gone_is_told_without_it(serving, visit, write, tmp_path):
    folder = changed(serving / "marts.duckdb", tmp_path / "serving", "delete from alert_rules where kind <> 'threshold'")
    text = visit(write(folder)).open("today", "#owner=rep1%40seller.example").locator("main").inner_text()
    assert "more points in its window than in the one before" in text and "null days" not in text


def test_an_alert_of_an_unknown_kind_is_told_by_its_name(serving, visit, write, tmp_path):
    folder = changed(serving / "marts.duckdb", tmp_path / "serving", "update score_alerts set kind = 'silent', alert = 'no_word_for_long'")
    text = visit(write(folder)).open("today", "#owner=rep1%40seller.example").locator("main").inner_text()
    assert "no_word_for_long; score" in text and "new people" not in text


def test_review_tables_are_shown_where_the_review_was_run(reviewed, visit, marts):
    look = visit(reviewed)
    text = look.open("review").locator("#main").inner_text()
    assert f"The review is from 2026-04-30 and used other rules. To update it, run {REVIEW}." in text and "62.7 %\t57.0 % to 68.1 %" in text
    expected, = marts("select sum(expected_opportunities) from pipeline_forecast where scoring_model = 'decayed' and not is_backtest")[0]
    assert "Proposed: Pricing page viewed 10 → 14." in text and f"{expected:.1f} opportunities (7 to 27)" in text
    assert "times as often" in look.page.locator("figure").nth(3).text_content()
    text = look.account("acme").locator("#main").inner_text()
    assert "Under 200 other sets of points and half-lives the account stays Very Hot in 75 %. The score lies between 46 (Hot) and 59 (Very Hot)" in text
    assert f"The review is from 2026-04-30 and used other rules. To update it, run {REVIEW}." in text


def test_a_review_of_another_score_gives_no_interval(serving, visit, write, tmp_path):
    for name, is_shown, statement in [
        ("rules", True, "config_version = 'others'"), ("score", False, "config_version = 'others', low_score = 54"),
        ("band", False, "as_of_date = as_of_date - 1, band = 'Hot'"), ("day", True, "as_of_date = as_of_date - 1"),
        # the draws of these scores may all lie on one side
        ("same", True, "low_score = 54"),
    ]:
        folder = with_review(serving / "marts.duckdb", tmp_path / name, is_of_these_scores=True)
        with duckdb.connect(str(folder / "marts.duckdb")) as connection:
            connection.execute(f"update review_stability set {statement}")
        text = visit(write(folder)).account("acme").locator("#main").inner_text()
        assert ("The score lies between" in text) == is_shown and ("tested another score" in text) != is_shown, name
        said = {"rules": "2026-05-31 and used other rules.", "score": "2026-05-31 and used other rules.", "band": "2026-05-30.", "day": "2026-05-30."}.get(name)
        assert (f"The review is from {said} To update it, run {REVIEW}." in text) if said else "The review is from" not in text, name


# health

def test_health_shows_every_source_and_what_could_not_be_used(site, visit, marts):
    page = visit(site).open("health")
    rows = page.get_by_role("group", name="Sources").locator("tbody tr").all_inner_texts()
    assert [(cells[0].split("\n")[0], number(cells[1]), number(cells[3])) for cells in (row.split("\t") for row in rows)] == marts(
        "select source_table, raw_rows, rejected_rows from source_coverage order by source_table"
    )
    shown = page.get_by_role("group", name="Rejected rows").locator("tbody tr").all_inner_texts()
    assert sum(number(row.split("\t")[2]) for row in shown) == marts("select count(*) from rejected_records")[0][0]
    # raw rows are for those who may read the marts
    assert "one@late.example" not in page.content()


def shown_rows(page, table):
    """The cells of a table, without what only lays them out."""
    return [[" ".join(cell.split()) for cell in row] for row in page.get_by_role("group", name=table, exact=True).locator("tbody").evaluate(
        "body => [...body.rows].map(row => [...row.cells].map(cell => cell.innerText))"
    )]


def test_health_says_what_an_unknown_word_counts_as_and_where_a_value_leads(serving, visit, write, tmp_path):
    folder = changed(
        serving / "marts.duckdb", tmp_path / "unknown", "delete from unmapped_events where kind <> 'event'", "delete from unusable_values", "delete from machine_events",
        """insert into unmapped_events (kind, word, channel, event_type, event_count, last_occurred_at) values
            ('event type', 'hologram', 'web', 'hologram', 1200, '2026-05-30'), ('outcome', 'mercury', 'sales', null, 2, '2026-05-29'),
            ('opportunity stage', 'verbal yes', null, null, 3, '2026-05-28'), ('lifecycle stage', null, null, null, 4, '2026-05-27'),
            ('no conversation', 'left voicemail', 'sales', null, 40, '2026-05-26')""",
        # five different values of one reason: the three that are there most often are named
        "insert into unusable_values select 'crm_contacts', 'c' || i || j, 'account_id', 'A9' || i, 'no account has this id' from range(5) as a (i), range(5) as b (j) where j <= i",
        # without a value the row's key is named
        "insert into unusable_values values ('crm_opportunities', 'deal-1', 'account_id', null, 'no account is given')",
        """insert into machine_events (source_table, event_type, machine_reason, user_agent, event_count, last_occurred_at) values
            ('web_events', 'page_view', 'user_agent', 'a crawler, 1.0', 5, '2026-05-25'), ('web_events', 'page_view', 'user_agent', 'another', 1000, '2026-05-24'),
            ('email_events', 'open', 'at_delivery', null, 7, '2026-05-23'), ('email_events', 'click', 'many_links', null, 6, '2026-05-22')""",
    )
    page = visit(write(folder)).open("health")
    assert shown_rows(page, "Words") == [
        ["hologram", "Event type", "web", "1,200", "30 May", "The event scores nothing. Add the word to event_words.csv."],
        ["(empty)", "Lifecycle stage", "crm", "4", "27 May", "The account counts as a prospect. Add the stage to lifecycle_stages.csv."],
        ["verbal yes", "Opportunity stage", "crm", "3", "28 May", "The deal counts as open, unless the CRM flags it as closed. Add the stage to opportunity_stages.csv."],
        ["mercury", "Outcome", "sales", "2", "29 May", "The activity counts as no conversation. Add the word to event_words.csv."],
        ["left voicemail", "Outcome", "sales", "40", "26 May", "event_words.csv says that the activity counts as no conversation. No action needed."],
    ]
    assert shown_rows(page, "Values") == [
        ["crm_contacts", "account_id", "no account has this id", "15", "A94 A93 A92"], ["crm_opportunities", "account_id", "no account is given", "1", "deal-1"],
    ]
    assert shown_rows(page, "Machines") == [
        ["web_events", "page_view", "listed user agent", "1,005", "25 May", "another a crawler, 1.0"],
        ["email_events", "open", "within seconds of delivery", "7", "23 May", ""], ["email_events", "click", "many links at once", "6", "22 May", ""],
    ]
    # kinds of events and words of tools are told apart
    events = [row[1] for row in shown_rows(page, "Unmapped events")]
    assert "sent" in events and "hologram" not in events


def test_health_says_where_a_table_is_cut(serving, visit, write, tmp_path):
    words, values, domains = "words of your tools", "the row is used", "domains that no account has"
    for rows, is_cut in [(49, False), (60, True)]:
        folder = changed(
            serving / "marts.duckdb", tmp_path / str(rows), *(f"delete from {mart}" for mart in ("unmapped_events", "unusable_values", "unmatched_engagement")),
            f"insert into unmapped_events (kind, word, event_count) select 'outcome', 'word ' || i, 1 from range({rows}) as words (i)",
            f"insert into unusable_values select 'crm_accounts', 'a' || i, 'domain', 'd', 'leads to ' || i from range({rows}) as values_of (i)",
            f"insert into unmatched_engagement (channel, domain, reason, event_count) select 'web', i || '.example', 'no account has this domain', 1 from range({rows}) as domains (i)",
        )
        page = visit(write(folder)).open("health")
        notes = [text.lower() for text in page.locator(".card .note").all_inner_texts()]
        for table, said in [("Words", words), ("Values", values), ("Domains", domains)]:
            assert len(shown_rows(page, table)) == min(rows, 50), table
            (note,) = (note for note in notes if note.startswith(said))
            assert ("these are the first 50; the mart has all of them." in note) == is_cut, table


def test_an_account_may_be_missing_where_a_company_has_none(serving, visit, write, marts, tmp_path):
    folder = changed(
        serving / "marts.duckdb", tmp_path / "serving",
        """insert into unmatched_engagement (channel, domain, reason, event_count) values ('email', 'gmail.com', 'free-mail address that is not in the CRM', 99999),
            ('email', 'seller.example', 'our own people', 99999), ('email', 'missing.example', 'no account has this domain', 99998)""",
    )
    page = visit(write(folder)).open("health")
    domains = [row[0] for row in shown_rows(page, "Domains")]
    assert domains[0] == "missing.example" and not {"gmail.com", "seller.example"} & set(domains)
    assert set(domains[1:]) == {domain for domain, in marts("select domain from unmatched_engagement where reason = 'no account has this domain'")}


def test_the_note_on_words_says_which_there_are(serving, visit, write, tmp_path):
    unknown, ignored = "Words of your tools that are in no seed.", "outcomes that count as no conversation."
    for name, kinds, said in [
        ("both", ["outcome", "no conversation"], f"{unknown} Below them: {ignored}"), ("unknown", ["outcome"], unknown),
        ("ignored", ["no conversation"], "All words are known. These outcomes count as no conversation."),
    ]:
        folder = changed(serving / "marts.duckdb", tmp_path / name, "delete from unmapped_events", *(
            f"insert into unmapped_events (kind, word, event_count) values ('{kind}', 'a word', 1)" for kind in kinds
        ))
        card = visit(write(folder)).open("health").locator(".card", has_text="Which words")
        assert card.locator(".note").inner_text() == said, name


def test_a_source_with_rows_after_the_scores_is_not_late(serving, visit, write, tmp_path):
    folder = changed(
        serving / "marts.duckdb", tmp_path / "serving", "update source_coverage set days_late = -12",
        "update source_coverage set allowed_days_late = 7 where source_table = 'web_events'", "update source_coverage set allowed_days_late = null where source_table = 'crm_accounts'",
    )
    late = {row[0].split(" ")[0]: row[-1] for row in shown_rows(visit(write(folder)).open("health"), "Sources")}
    assert (late["web_events"], late["crm_accounts"]) == ("0 of 7", "0")


def test_health_without_anything_unknown_says_so(serving, visit, write, tmp_path):
    folder = changed(serving / "marts.duckdb", tmp_path / "known", *(f"delete from {mart}" for mart in ("unmapped_events", "unusable_values", "machine_events")))
    text = visit(write(folder)).open("health").locator("#main").inner_text()
    for said in ("All words are known.", "All values can be used.", "No event was made by a machine.", "All events are signals."):
        assert said in text


# everybody

@pytest.mark.parametrize("wide", [1440, 390])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(reviewed, visit, wide):
    look = visit(reviewed, bypass_csp=True)
    look.page.set_viewport_size({"width": wide, "height": 844})
    for page, address in [*[(page, "") for page in PAGES], ("today", "#owner=rep1%40seller.example"), ("account", "#id=acme"), ("account", "#id=A000192"), ("account", "#id=nobody")]:
        look.open(page, address)
        look.page.wait_for_timeout(100)
        look.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert look.page.evaluate("document.documentElement.scrollWidth") <= wide, page
        look.page.add_script_tag(path=str(AXE))
        found = look.page.evaluate("axe.run({ preload: false })")["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], (page, address)


WIDER = "node => [node, ...node.querySelectorAll('.account .small')].filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText.slice(0, 40))"


@pytest.mark.parametrize("wide", [1280, 390, 360])
def test_the_accounts_table_fits_and_shows_deals_in_full(serving, visit, write, tmp_path, wide):
    """Also a deal with a long domain, and one without an amount."""
    folder = changed(
        serving / "marts.duckdb", tmp_path / "serving", "update account_scores set domain = 'a-very-long-company-name.example', open_opportunity_stage = 'negotiation and review' "
        "where account_id = 'A000139'", "update account_scores set open_opportunity_stage = 'proposal', open_opportunity_created_on = '2026-05-01', open_opportunity_amount_usd = null where account_id = 'acme'",
    )
    look = visit(write(folder))
    look.page.set_viewport_size({"width": wide, "height": 844})
    for address in ("", "#view=deal"):
        page = look.open("index", address)
        fits = page.locator(".card.table").evaluate(WIDER)
        # a long domain is cut with "…", the deal below it is not
        assert fits in ([], ["a-very-long-company-name.example"]), address
    lines = {row[0]: row[1:] for row in (cell.split("\n") for cell in page.locator("tbody .account").all_inner_texts())}
    assert re.fullmatch(r"Negotiation and review \$\d+k", lines["Harbor Labs"][-1]) and lines["Acme Corp"][-1] == "Proposal"


def test_a_long_link_stays_in_its_column(serving, visit, write, tmp_path):
    link = "https://www.seller.example/product/and"
    folder = changed(serving / "marts.duckdb", tmp_path / "serving", *(f"update {mart} set {column} = '{link}' where account_id = 'acme'" for mart, column in [
        ("account_timeline", "asset"), ("contact_scores", "full_name"), ("score_ledger", "person_name"),
    ]))
    look = visit(write(folder))
    look.page.set_viewport_size({"width": 1280, "height": 844})
    page = look.account("acme")
    page.locator("summary", has_text="The ledger").click()
    for table in ("Timeline", "Buying committee", "Ledger"):
        assert page.get_by_role("group", name=table).evaluate("node => node.scrollWidth <= node.clientWidth"), table


def test_the_keyboard_alone_leads_from_the_skip_link_to_an_account(site, visit):
    look = visit(site)
    page = look.open("index")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to content"
    page.keyboard.press("Enter")
    # the view and its address stay as they are
    assert page.evaluate("document.activeElement.id") == "main" and "#main" not in page.url
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "band"
    page.keyboard.press("Enter")
    assert page.locator(".band[aria-pressed=true]").count() == 1
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('th')?.innerText.trim()") == "Account":
            break
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('th')?.getAttribute('aria-sort')") == "ascending"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.href?.includes('account.html')"):
            break
    first = look.ids()[0]
    page.keyboard.press("Enter")
    page.wait_for_selector(f"html[data-ready='{first}']", state="attached")


def focused(page):
    return page.evaluate("document.activeElement.innerText?.trim().split('\\n')[0] ?? ''")


def test_the_focus_stays_where_a_button_was_pressed(site, visit, marts, write, serving, tmp_path):
    page = visit(site).open("index")
    for button in (page.locator(".band").nth(1), page.locator(".chip").nth(2)):
        for _ in range(2):  # chosen, and given back
            button.focus()
            page.keyboard.press("Enter")
            assert button.evaluate("node => node === document.activeElement")
    after = page.get_by_role("button", name="Next", exact=True)
    after.focus()
    for _ in range(10):
        page.keyboard.press("Enter")
        if after.is_disabled():
            break
        assert focused(page) == "Next"
    # the last page has no next one
    assert after.is_disabled() and focused(page) == "Previous"
    account, = marts("select account_id from account_timeline where direction is not null group by account_id having count(*) > 40 order by account_id limit 1")[0]
    page = visit(site).account(account)
    page.get_by_role("button", name="Show all").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.ariaLabel") == "Timeline"
    # one owner with more accounts than the page shows at first
    queue = [
        f"insert into sales_queue select * replace (account_id || '-{copy}' as account_id, queue_rank + {1000 * copy} as queue_rank) from sales_queue where queue_rank < 1000"
        for copy in range(1, 30)
    ]
    page = visit(write(changed(serving / "marts.duckdb", tmp_path / "serving", *queue))).open("today", "#owner=rep1%40seller.example")
    page.get_by_role("button", name="Show all").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 201


def test_print_repeats_the_header_row_and_leaves_controls_out(site, visit, marts):
    look = visit(site)
    page = look.open("index")
    many = page.pdf(prefer_css_page_size=True)
    assert many.count(b"/Type /Page\n") >= 2 and b"/MediaBox [0 0 841" in many
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.card.table thead')).display") == "table-header-group"
    # Chromium does not repeat what is in a button
    assert page.evaluate("[...document.querySelectorAll('.sort')].every(one => getComputedStyle(one).display === 'contents')")
    assert page.evaluate("getComputedStyle(document.querySelector('.card.table')).overflowX") == "visible"
    for control in (".filters", ".chips", ".top nav", ".pages"):
        assert not page.locator(control).is_visible()
    # which rows and filters: the controls that say it on the screen are left out
    every, = marts("select count(*) from account_scores")[0]
    assert page.locator(".printed").inner_text() == f"Accounts 1 to 50 of {every} · Sorted by: Score, descending"
    hot, = marts("select count(*) from account_scores where band = 'Very Hot' and trend = 'down' and account_tier = 2")[0]
    look.open("index", "#band=Very+Hot&view=cooling&tier=2&q=example&sort=account")
    assert 0 < hot < 50 and page.locator(".printed").inner_text() == (
        f"Accounts 1 to {hot} of {hot} · Tier: 2 · Status: Very Hot · View: Cooling · Search: example · Sorted by: Account"
    )
    look.open("index", "#q=nobody")
    assert page.locator(".printed").inner_text().startswith("No accounts · Search: nobody")
    page.emulate_media(media="screen")
    assert not page.locator(".printed").is_visible()
    page.emulate_media(media="print")
    page = look.open("today", "#owner=rep1%40seller.example")
    assert page.evaluate("getComputedStyle(document.querySelector('.reason')).display") == "table-cell"


def test_forced_colours_and_reduced_motion_are_respected(site, visit):
    look = visit(site, forced_colors="active", reduced_motion="reduce")
    page = look.open("index")
    assert page.evaluate("getComputedStyle(document.querySelector('.pill')).borderTopWidth") == "1px"
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


# any data

HOSTILE = [
    "<script>window.ran = 1</script>", "</script><img src=x onerror=\"window.ran = 1\">", "\u2028\u2029", "\u202eevil\u202c", "'; window.ran = 1; //", "__proto__",
    "name " * 60, "x" * 300, "${window.ran = 1}", "=cmd|' /C calc'!A0", "محمد",
]
HOSTILE_ID = "a/../b?x=1#y&id=c%20<b>'\"\\ ü"


def test_hostile_names_and_ids_are_text(serving, visit, write, marts, tmp_path):
    folder = changed(serving / "marts.duckdb", tmp_path / "hostile")
    give_id(folder / "marts.duckdb", "acme", HOSTILE_ID)
    give_id(folder / "marts.duckdb", "A000139", "__proto__")
    with duckdb.connect(str(folder / "marts.duckdb")) as connection:
        accounts = [account for account, in connection.execute("select account_id from account_scores order by score_raw desc limit ?", [len(HOSTILE)]).fetchall()]
        for account, name in zip(accounts, HOSTILE):
            connection.execute("update account_scores set account_name = ?, domain = ?, owner_email = ?, industry = ? where account_id = ?", [name, name, name, name, account])
            connection.execute("update contact_scores set full_name = ?, job_title = ? where account_id = ?", [name, name, account])
            connection.execute("update account_timeline set label = ?, asset = ?, person_name = ? where account_id = ?", [name, name, name, account])
            connection.execute("update sales_queue set account_name = ?, contact_name = ?, reason = ?, owner_email = ? where account_id = ?", [name, name, name, name, account])
        connection.execute("update account_scores set account_url = 'javascript://x%0awindow.ran = 1' where account_id = ?", [HOSTILE_ID])
        connection.execute("update account_scores set account_url = 'https://crm.example/' || account_id where account_id = '__proto__'")
        connection.execute("update score_ledger set person_name = '<b>x</b>', label = '</script><b>y' where account_id = ?", [HOSTILE_ID])
        connection.execute("update rejected_records set record_key = '<img src=x onerror=alert(1)>', rejection_reason = '<b>no</b>'")
        connection.execute("update campaign_engagement set campaign = '<img src=x onerror=alert(1)>' where account_id = ?", [HOSTILE_ID])
        for mart, column in [("unmapped_events", "word"), ("unmapped_events", "kind"), ("unusable_values", "value"), ("unusable_values", "reason"), ("machine_events", "user_agent")]:
            connection.execute(f"update {mart} set {column} = ?", [HOSTILE[1]])
    look = visit(write(folder))
    page = look.open("index")
    assert page.evaluate("window.ran") is None
    assert page.locator(".card.table tbody tr a bdi").nth(0).inner_text() == HOSTILE[0]
    assert page.evaluate("document.querySelector('.card.table').scrollWidth <= document.querySelector('.card.table').clientWidth + 1")
    for one in ("today", "review", "health"):
        look.open(one)
        assert page.evaluate("window.ran") is None and page.locator("main img, main b, main script").count() == 0
    look.account(HOSTILE_ID)
    assert page.locator("h1").inner_text() == "Acme Corp" and page.locator(".huge").inner_text() == "53"
    assert page.get_by_text("Open in the CRM").count() == 0 and page.locator("main img, main b, main script").count() == 0
    look.account("__proto__")
    assert page.locator(".huge").inner_text() == str(marts("select score from account_scores where account_id = 'A000139'")[0][0])
    assert page.get_by_text("Open in the CRM").get_attribute("href") == "https://crm.example/__proto__"
    for name in HOSTILE[:3]:
        look.open("today", f"#owner={quote(name)}")
        assert page.evaluate("window.ran") is None and page.locator("h1").inner_text().startswith("Today: ")


@pytest.mark.parametrize("account_ids", [(), ("acme",)])
def test_no_account_and_one_account_are_shown(serving, visit, write, tmp_path, account_ids):
    look = visit(write(only(serving / "marts.duckdb", tmp_path / "few", *account_ids)))
    page = look.open("index")
    assert look.ids() == list(account_ids)
    assert ("There are no accounts yet" in page.locator("main").inner_text()) == (not account_ids)
    for one in ("today", "review", "health"):
        look.open(one)
    look.account("acme")
    assert page.locator(".huge").count() == len(account_ids)


def test_an_account_without_people_events_or_history_is_shown(serving, visit, write, marts, tmp_path):
    tables_of_accounts = ["contact_scores", "score_ledger", "score_contributions", "account_timeline", "account_score_history", "score_changes", "score_alerts"]
    statements = [f"delete from {table} where account_id = 'growth'" for table in tables_of_accounts]
    nothing = "account_name = null, domain = null, account_tier = null, owner_email = null, fit_grade = null, score = 0, score_raw = 0, last_engagement_at = null," \
        " last_engagement_label = null, days_since_engagement = null, score_change_7_days = null, trend = null, next_action = null"
    look = visit(write(changed(serving / "marts.duckdb", tmp_path / "bare", *statements, f"update account_scores set {nothing} where account_id = 'growth'")))
    text = look.account("growth").locator("main").inner_text()
    for said in ("Nothing adds to the score.", "No one at this account is known yet.", "There were no recent events.", "There is no history yet.", "no owner"):
        assert said in text
    page = look.open("index", "#q=growth")
    assert look.ids() == ["growth"] and page.locator("tbody a").inner_text() == "growth"
    look.open("index", "#owner=none")
    others = marts("select account_id from account_scores where owner_email is null and account_id <> 'growth'")
    assert sorted(look.ids()) == sorted(["growth", *(account for account, in others)])


def test_a_page_says_so_when_two_publications_are_mixed(serving, visit, write):
    folder = write(serving)
    look = visit(folder)
    data = folder / "data" / "accounts.js"
    data.write_text(re.sub(r'"version":"\w+"', '"version":"19990101T000000Z"', data.read_text(), count=1))
    assert "These files come from two publications" in look.open("index").locator(".warning").inner_text()
    for file in (folder / "data" / "accounts").iterdir():
        file.unlink()
    page = look.account("acme")
    assert "A file of this page is missing" in page.locator(".warning").inner_text()
    data.unlink()
    page.goto(f"file://{folder}/index.html")
    assert "The file data/accounts.js is missing." in page.locator(".warning").inner_text()
    look.complaints = [text for text in look.complaints if "ERR_FILE_NOT_FOUND" not in text]
