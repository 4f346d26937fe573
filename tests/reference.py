"""The scoring rules once more, in plain Python: slow, obvious, and without a line in common with the project.

`score(raw, seeds, as_of)` takes the raw tables and the seeds as lists of dicts of text (None: empty) and gives
{(scoring_model, account_id): score_raw}. Everything is worked out "as known at the end of day D", one event after the
other; silence is played through day by day. Speed does not matter here.
"""

import datetime as dt
import re
import string
import unicodedata
from collections import defaultdict
from itertools import takewhile
from types import SimpleNamespace
from urllib.parse import unquote

DAY = dt.timedelta(days=1)

KEY = {
    "crm_accounts": "account_id", "account_domains": "account_id", "crm_contacts": "contact_id", "crm_opportunities": "opportunity_id",
    "crm_activities": "activity_id",
}
EVENT_TABLES = {
    "crm_activities": "sales", "email_events": "email", "web_events": "web", "content_events": "content",
    "linkedin_events": "linkedin", "ad_events": "ads", "intent_events": "intent", "product_events": "product",
}
# the vars of dbt_project.yml
MOST_YEARS_AHEAD = 5
DELIVERY, BURST, BURST_LINKS = dt.timedelta(seconds=20), dt.timedelta(seconds=10), 3
OUTCOMES = ("positive", "neutral", "negative", "no_show", "not_interested", "no_conversation")
EVENT_TYPES = {
    "email": ("sent", "delivered", "open", "click", "reply", "bounce", "unsubscribe"),
    "web": ("page_view", "document_download", "form_submit", "video_view", "identify"),
    "content": ("webinar_registered", "webinar_attended", "ebook_download", "case_study_request", "demo_request"),
    "linkedin": ("profile_view", "post_engagement", "connection_accepted", "message_response"),
    "ads": ("impression", "click", "landing_page_visit", "video_view"), "intent": ("surge",),
}
MATCH_COLUMNS = ("channel", "event_type", "page_category", "asset_pattern", "outcome", "persona", "min_value")


def read_time(text):
    """A time as naive UTC; None if it cannot be read."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)(Z|[+-]\d\d:\d\d)?)?", text)
    if not match:
        return None
    day, clock, zone = match.groups()
    try:
        time = dt.datetime.fromisoformat(f"{day}T{clock or '00:00:00'}")
        if zone and zone != "Z":
            sign = -1 if zone[0] == "-" else 1
            time -= sign * dt.timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
        return time
    except ValueError:
        return None


def number(text):
    return None if text in (None, "") else float(text)


def whole(text):
    return None if text in (None, "") else int(text)


def true(text):
    return text in ("true", True)


def like(text, pattern):
    """SQL LIKE, in lower case."""
    parts = {"%": ".*", "_": "."}
    return text is not None and re.fullmatch(
        "".join(parts.get(letter, re.escape(letter)) for letter in pattern.lower()), text, re.DOTALL
    ) is not None


def clean(text):
    text = None if text is None else text.strip()
    return text or None


def lower(text):
    return None if clean(text) is None else clean(text).lower()


def separated(text, separators):
    return [part for part in re.split(separators, text or "") if part]


def looks_like_a_host(text):
    """Two labels or more, without ASCII marks other than - and _, and the last one begins with a letter."""
    labels = text.split(".")
    return (
        len(labels) > 1 and 4 <= len(text) <= 253 and len(labels[-1]) > 1 and not (labels[-1][0].isascii() and not labels[-1][0].isalpha())
        and all(label and all(c.isalnum() or c in "-_" or not c.isascii() for c in label) for label in labels)
    )


def one_website(text):
    """The host in one value of a domain field, or None."""
    while True:
        scheme = re.match(r"[a-z][a-z0-9+.-]*:/+|/+", text)
        if not scheme:
            break
        text = text[scheme.end():]
    for mark in "?#/":
        text = text.split(mark)[0]
    text = text.rpartition("@")[2] if text.count("@") == 1 else text
    text = text.split(":")[0].rstrip(".")
    text = re.sub(r"^www\d*\.", "", text)
    return text if looks_like_a_host(text) else None


def domain_of(address):
    return address.split("@")[1]


def spelled(text):
    """An id of the CRM without what other spellings of it add."""
    if text and re.fullmatch(r"[0-9A-Za-z]{18}", text):
        # its last three characters say which of the others are upper case
        bits = ["".join("01"[letter.isupper()] for letter in reversed(text[start:start + 5])) for start in (0, 5, 10)]
        if text[15:] == "".join((string.ascii_uppercase + "012345")[int(five, 2)] for five in bits):
            return text[:15]
    if text and re.fullmatch(r"\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?", text.lower()):
        return text.lower().strip("{}")
    return text.split(".")[0] if text and re.fullmatch(r"\d+\.0+", text) else text


def word(text):
    """A word of a closed list, whatever its spelling."""
    return re.sub(r"\([^)]*\)|[\s_/.,:;&-]", "", text.lower()) if text else ""


def underscored(text):
    """A name in lower case with one underscore for blanks, hyphens and underscores."""
    return None if clean(text) is None else re.sub("[ _-]+", "_", lower(text)) if re.search("[ -]", text) else lower(text)


def page_path(url):
    """The path of a page in one spelling: '/pricing' for '/Pricing/index.html', '/#/pricing', '/pricing;session' ..."""
    url = clean(url)
    if url is None:
        return None
    address, _, fragment = url.partition("#")
    address = address.split("?")[0].lower()
    path = "/" + address[host_of(address):]
    if fragment[:1] in ("/", "!"):
        path += "/" + fragment.lstrip("/!").split("?")[0].lower()
    # parameters without a question mark, or with an encoded one
    path = re.split("[?&][^/?&=]+=", unquote(path).lower())[0]
    segments = [segment.split(";")[0] for segment in path.split("/")]
    segments = [segment for segment in segments if segment]
    for number, segment in enumerate(segments):
        page = re.fullmatch(r"(.*)[.](html?|xhtml|shtml|php[0-9]?|aspx?|jspx?|cfm)", segment)
        if page:
            segments[number] = page.group(1)
            break
    segments = [segment for segment in segments if segment]
    for number, segment in enumerate(segments):
        if segment in ("index", "default"):
            del segments[number]
            break
    return "/" + "/".join(segments).rstrip()


def host_of(address):
    """Where the host of an address ends. Without a scheme, a host has a dot or a port."""
    start = re.split("[?#]", address)[0]
    scheme, found, rest = start.partition("://")
    if found and "/" not in scheme:
        return len(scheme) + 3 + len(rest.split("/")[0])
    slashes = 2 * start.startswith("//")
    name = start[slashes:].split("/")[0]
    return slashes + len(name) if set(name) & set(".:") else 0


def link(url):
    """A link without parameters."""
    url = lower(url)
    return None if url is None else url[:host_of(url)] + page_path(url)


def without_languages(path):
    """The path, and what is left of it behind one or two languages or countries."""
    language = "[a-z]{2}([-_]([a-z]{2}|[a-z]{4}|[0-9]{3}))?"
    paths, segments = [path], path[1:].split("/")
    for count in (1, 2):
        if len(segments) >= count and all(re.fullmatch(language, segment) for segment in segments[:count]):
            paths.append("/" + "/".join(segments[count:]))
    return paths


def is_below(path, pattern):
    """Whether a path begins with the segments of a pattern. It may have underscores and blanks for hyphens."""
    return like(re.sub("[_ ]", "-", path) + "/", pattern + "/%")


def words(text):
    """The words of a title, with a blank at both ends."""
    text = re.sub(r"\b([a-z])[.]", r"\1", text.lower(), flags=re.ASCII)
    kept = "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in text)
    return f" {' '.join(kept.split())} "


def some_years_later(time):
    try:
        return time.replace(year=time.year + MOST_YEARS_AHEAD)
    except ValueError:  # 29 February
        return time.replace(year=time.year + MOST_YEARS_AHEAD, day=28)


def usable_loads(raw, table):
    """{key: the usable loads of a record, the newest first}, of all rows of a raw table judged one by one."""
    key = KEY.get(table, "event_id")
    happened = {"account_domains": "loaded_at"}.get(
        table, "created_at" if table in ("crm_accounts", "crm_contacts", "crm_opportunities") else "occurred_at"
    )
    loads = defaultdict(list)
    for row in raw.get(table, []):
        times = {}
        if clean(row[key]) is None and happened == "occurred_at":
            # an event without an id is known by its contents
            row = {**row, key: "row " + "|".join(f"{name}={clean(value)}" for name, value in row.items() if name != "loaded_at")}
        readable = clean(row[key]) is not None
        for column in ("created_at", "occurred_at", "loaded_at", "closed_at"):
            if column not in row:
                continue
            text = clean(row[column])
            times[column] = None if text is None else read_time(text)
            if (text is None and column in ("occurred_at", "loaded_at")) or (text is not None and times[column] is None):
                readable = False
        if readable and times.get(happened) is None:
            # when it was first known
            times[happened] = min(filter(None, [times["loaded_at"], times.get("closed_at")]))
        if not readable or times[happened] > some_years_later(times["loaded_at"]):
            continue
        rank = (times["loaded_at"], [(value is not None, value or "") for value in row.values()])
        name = (clean(row[key]), clean(row["domain"])) if table == "account_domains" else clean(row[key])
        if "event_type" in row:
            # one message id is used for its delivery, open and click
            name = (name, underscored(row["event_type"]))
        loads[name].append((rank, SimpleNamespace(**{**row, **times, key: clean(row[key])})))
    return {name: [row for _, row in sorted(found, key=lambda load: load[0], reverse=True)] for name, found in loads.items()}


def usable(raw, table):
    """The rows of a raw table that can be used: the newest load of each key."""
    return [loads[0] for loads in usable_loads(raw, table).values()]


class Score:
    """All scores of one set of raw tables and seeds on one day."""

    def __init__(self, raw, seeds, as_of=None):
        self.seeds = seeds
        tables = {table: usable(raw, table) for table in [*KEY, *EVENT_TABLES]}
        self.as_of = as_of or max(row.loaded_at for rows in tables.values() for row in rows).date()
        self.signals = {row["signal"]: row for row in seeds["signals"] if true(row["is_active"])}
        self.nothing = {row["value"] for row in seeds["placeholders"]}
        self._read_lists()
        self._read_accounts(tables["crm_accounts"])
        self._read_contacts(usable_loads(raw, "crm_contacts"))
        self._read_domains(tables["crm_accounts"], tables["account_domains"])
        self._read_events(tables)

    # --- who and where -----------------------------------------------------------------------------------------

    def given(self, text):
        """A text that says something, or None."""
        text = clean(text)
        return None if text is None or text.lower() in self.nothing else text

    def _read_lists(self):
        self.kinds = {row["domain"]: "free_mail" for row in self.seeds["free_mail_domains"]}
        self.suffixes = {(row["suffix"], row["kind"]) for row in self.seeds["public_suffixes"]}
        self.kinds |= {row["domain"]: "own" for row in self.seeds["own_domains"]}
        self.kinds |= {row["domain"]: row["domain_kind"] for row in self.seeds["domain_kinds"]}
        self.mailbox_rules = {row["domain"]: row for row in self.seeds["mailbox_rules"]}
        self.roles = {word(row["mailbox"]) for row in self.seeds["role_mailboxes"]}

    def is_public_suffix(self, domain):
        if (domain, "exception") in self.suffixes:
            return False
        above = domain.partition(".")[2]
        return (domain, "suffix") in self.suffixes or (domain, "wildcard") in self.suffixes or (above, "wildcard") in self.suffixes

    def kind_of(self, domain):
        """(kind, the domain that decides it) of a domain: the kind of its longest listed ending."""
        name = domain
        while name:
            if name in self.kinds and not (self.is_public_suffix(name) and self.kinds[name] == "free_mail"):
                return self.kinds[name], name
            if self.is_public_suffix(name):
                return ("public_suffix" if name == domain else "company"), name
            if (name, "exception") in self.suffixes:
                return "company", name
            name = name.partition(".")[2]
        return "company", ""

    def addresses(self, text):
        """The mailboxes in an address field."""
        text = (lower(text) or "").replace("%40", "@").replace("%2b", "+").replace(chr(160), " ").replace(chr(8203), "")
        found = []
        for part in separated(text, r"""[\s<>,;:"()\[\]|?/\\]+"""):
            box, _, domain = part.strip(".'`").partition("@")
            rule = self.mailbox_rules.get(domain, {})
            box = box.split("+")[0]
            if not box or not looks_like_a_host(domain) or self.given(domain) is None:
                continue
            box = box.replace(".", "") if true(rule.get("ignores_dots")) else box
            found.append(f"{box}@{rule.get('same_as_domain') or domain}")
        return found

    def hosts(self, text):
        """The hosts in a domain field."""
        if self.given(text) is None:
            return []
        hosts = [one_website(part) for part in separated(lower(text), r'[\s,;|"<>()]+') if self.given(part)]
        return [host for host in hosts if host and self.given(host)]

    def survivors(self, records, merged_into):
        """{id: id of the live record it leads to, or None}."""
        by_spelling = defaultdict(list)
        for record in records:
            by_spelling[spelled(record)].append(record)
        spelling = {
            record: min(same, key=lambda r: (-len(r), -records[r].loaded_at.timestamp(), r)) for same in by_spelling.values() for record in same
        }
        heads = {spelled(head): head for head in spelling.values()}
        result = {}
        for record in records:
            current = record
            for _ in range(20):
                target = spelling[current] if spelling[current] != current else heads.get(spelled(clean(getattr(records[current], merged_into))))
                if target in (None, current):
                    break
                current = target
            else:
                current = record  # a circle
            result[record] = None if true(records[current].is_deleted) else current
        return result

    @staticmethod
    def named(text, survivor):
        """(whether a record is named, the live record) from a text with one or more ids."""
        text = clean(text)
        if text is None:
            return False, None
        by_spelling = {}
        for record, stands in survivor.items():
            by_spelling[spelled(record)] = by_spelling.get(spelled(record)) or stands
        found = [by_spelling[spelled(part)] for part in [text, *separated(text, r"[;,|\s]+")] if spelled(part) in by_spelling]
        return bool(found), next((record for record in found if record), None)

    def _read_accounts(self, rows):
        records = {row.account_id: row for row in rows if self.given(row.account_id)}
        self.account_survivor = self.survivors(records, "merged_into_account_id")
        self.accounts = {account: records[account] for account, stands in self.account_survivor.items() if account == stands}

    def account_named(self, text):
        return self.named(text, self.account_survivor)[1]

    def _read_contacts(self, loads):
        self.contact_loads = {contact: rows for contact, rows in loads.items() if self.given(contact)}
        self.contacts = {contact: rows[0] for contact, rows in self.contact_loads.items()}
        self.survivor = self.survivors(self.contacts, "merged_into_contact_id")
        self.live = [contact for contact, survivor in self.survivor.items() if contact == survivor]
        # {address: [(contact, whether it has the address now)]}
        self.holders = defaultdict(list)
        for contact, rows in self.contact_loads.items():
            now = set(self.addresses(rows[0].email))
            for address in {address for row in rows for address in self.addresses(row.email)}:
                self.holders[address].append((contact, address in now))

    def _read_domains(self, accounts, further):
        counts = defaultdict(int)
        for contact in self.live:
            counts[self.account_named(self.contacts[contact].account_id)] += 1
        domains = defaultdict(set)
        for row in [*accounts, *further]:
            domains[self.account_named(row.account_id)] |= set(self.hosts(row.domain))
        self.domain_account = {}
        by_rank = sorted(
            self.accounts.values(), key=lambda a: (-counts[a.account_id], a.created_at, a.account_id)
        )
        for account in by_rank:
            for domain in domains[account.account_id]:
                if self.kind_of(domain)[0] == "company":
                    self.domain_account.setdefault(domain, account.account_id)

    def account_of_domain(self, domain):
        if domain is None:
            return None
        kind, listed = self.kind_of(domain)
        if kind != "company":
            return None
        while domain and not (domain == listed and self.is_public_suffix(domain)):
            if domain in self.domain_account:
                return self.domain_account[domain]
            if domain == listed:
                break
            domain = domain.partition(".")[2]
        return None

    def account_of_contact(self, contact_id, day):
        """The account of a live contact as the rows loaded by the end of the day say, or else the first one."""
        rows = self.contact_loads[contact_id]
        row = next((row for row in rows if row.loaded_at.date() <= day), None)
        if row is None:
            first_day = rows[-1].loaded_at.date()
            row = next(row for row in rows if row.loaded_at.date() == first_day)
        of_domains = (self.account_of_domain(domain_of(address)) for address in self.addresses(row.email))
        return self.account_named(row.account_id) or next(filter(None, of_domains), None)

    def is_own(self, address):
        return address is not None and self.kind_of(domain_of(address))[0] == "own"

    def is_own_contact(self, contact_id):
        return any(map(self.is_own, self.addresses(self.contacts[contact_id].email)[:1]))

    def holder_of(self, email):
        """The contact that an address of the CRM belongs to."""
        def rank(holder):
            contact, has_it_now = holder
            survivor = self.survivor[contact]
            kind = 1 if survivor == contact else 2 if survivor else 3
            return not has_it_now, kind, self.contacts[contact].created_at, contact

        return min(self.holders[email], key=rank)[0]

    def has_another_address(self, email, day):
        """True if the live contact of an address had given it up by the end of the day, and has another one now."""
        if not self.holders[email] or self.survivor[self.holder_of(email)] != self.holder_of(email):
            return False
        rows = self.contact_loads[self.holder_of(email)]
        newer = list(takewhile(lambda row: email not in self.addresses(row.email), rows))
        return bool(newer and self.addresses(rows[0].email)) and newer[-1].loaded_at.date() <= day

    def person_and_account_of_email(self, email, day):
        """(person, account, whether it is one of us) of an address."""
        person, account = email, self.account_of_domain(domain_of(email))
        if self.holders[email]:

            person = self.survivor[self.holder_of(email)]
            if person:
                account = self.account_of_contact(person, day) or account
                if self.is_own_contact(person):
                    return None, None, True
        if self.is_own(email):
            return None, None, True
        return None if word(email.split("@")[0]) in self.roles else person, account, False

    def persona_of(self, person):
        """(persona, weight, is decision-maker) of a person."""
        title = lower(self.contacts[person].job_title) if person in self.contacts else None
        rows = [row for row in self.seeds["personas"] if title and like(words(title), f"% {row['title_pattern']} %")]
        if not rows:
            return None, 1.0, False
        best = min(rows, key=lambda r: (-int(r["priority"]), -len(r["title_pattern"]), r["title_pattern"]))
        return best["persona"], float(best["weight"]), true(best["is_decision_maker"])

    # --- events ------------------------------------------------------------------------------------------------

    def _read_events(self, tables):
        self.events = []
        for table, channel in EVENT_TABLES.items():
            for row in tables[table]:
                get = row.__dict__.get
                campaign = lower(get("campaign"))
                asset = {
                    "web": page_path(get("page_url")), "email": link(get("link_url")), "content": lower(get("asset")),
                    "intent": lower(get("topic")),
                }.get(channel) or campaign
                word_of_type = "surge" if channel == "intent" else underscored(get("event_type") or get("activity_type"))
                event_type, is_known = self.type_meant(table, channel, word_of_type)
                self.events.append(SimpleNamespace(
                    id=(channel, get("event_id") or get("activity_id"), get("event_type") and word_of_type), channel=channel,
                    event_type=event_type, is_known=is_known, asset=asset, campaign=campaign, address_text=lower(get("email")),
                    outcome=self.outcome_meant(get("outcome")), value=number(get("duration_seconds") or get("surge_score")),
                    account_id=get("account_id"), contact_id=get("contact_id"), visitor=self.given(get("visitor_id")),
                    email=next(iter(self.addresses(get("email"))), None),
                    company_domain=next(iter(self.hosts(get("company_domain"))), None), occurred_at=row.occurred_at,
                    is_machine=self.is_machine(lower(get("user_agent"))),
                ))
        self.events.sort(key=lambda e: (e.occurred_at, e.id[:2], e.id[2] or ""))
        self._find_scanners([e for e in self.events if e.channel == "email" and e.address_text])

    def translated(self, table, is_outcome, text):
        """What the seed says about a word, or None."""
        for row in self.seeds["event_words"]:
            if row["source_table"] == table and (row["column_name"] == "outcome") is is_outcome and word(row["word"]) == word(text):
                return row["means"]
        return None

    def type_meant(self, table, channel, text):
        """(event type, whether it may be a signal)."""
        ours = [*EVENT_TYPES.get(channel, ()), *(r["event_type"] for r in self.seeds["signals"] if r["channel"] == channel and r["event_type"])]
        for name in ours:
            if text and word(name) == word(text):
                return name, True
        meant = self.translated(table, False, text) if text else None
        return meant or text, meant != "ignored" and (meant is not None or channel not in EVENT_TYPES)

    def outcome_meant(self, text):
        if clean(text) is None:
            return None
        return next((o for o in OUTCOMES if word(o) == word(text)), None) or self.translated("crm_activities", True, text) or "no_conversation"

    def is_machine(self, agent):
        if agent is None:
            return False
        rows = [row for row in self.seeds["machine_user_agents"] if like(agent, row["user_agent_pattern"])]
        if any(not true(row["is_machine"]) for row in rows):
            return False
        return bool(rows) or any(row["fragment"] in f"^{agent}$" for row in self.seeds["crawler_agents"])

    @staticmethod
    def _find_scanners(emails):
        """Marks what happens within seconds of a delivery, and many links clicked at once."""
        deliveries = [e for e in emails if e.event_type in ("sent", "delivered")]
        for e in emails:
            if e.event_type not in ("open", "click", "reply"):
                continue
            for delivery in deliveries:
                if delivery.address_text != e.address_text:
                    continue
                gap = e.occurred_at - delivery.occurred_at
                campaigns = {e.campaign, delivery.campaign}
                after = dt.timedelta(0) <= gap <= DELIVERY and (None in campaigns or len(campaigns) == 1)
                before = (
                    -DELIVERY <= gap < dt.timedelta(0) and None not in campaigns and len(campaigns) == 1
                    and e.occurred_at.date() == delivery.occurred_at.date()
                )
                e.is_machine = e.is_machine or after or before
        clicks = [e for e in emails if e.event_type == "click"]
        for first in clicks:
            window = [
                e for e in clicks if e.address_text == first.address_text and dt.timedelta(0) <= e.occurred_at - first.occurred_at <= BURST
            ]
            for e in window:
                links = {other.asset for other in window if other.asset and other.occurred_at.date() <= e.occurred_at.date()}
                e.is_machine = e.is_machine or len(links) >= BURST_LINKS

    def visitor_email(self, event, day):
        """(email, day on which it became known) of the event's visitor, as known at the end of `day`.

        A visitor has one email a day, the last one of that day.
        """
        seen = defaultdict(list)
        for e in self.events:
            if e.visitor and e.visitor == event.visitor and e.email and e.occurred_at.date() <= day:
                seen[e.occurred_at.date()].append((e.occurred_at, e.email))
        happened_on = event.occurred_at.date()
        before = [known_on for known_on in seen if known_on <= happened_on]
        if not seen:
            return None, None
        known_on = max(before) if before else min(seen)
        latest = max(at for at, _ in seen[known_on])
        return min(email for at, email in seen[known_on] if at == latest), known_on

    def who(self, event, day):
        """(account, person, day on which the visitor became known) of an event, as known at the end of `day`."""
        known_on = None
        happened_on = event.occurred_at.date()
        account = self.account_named(event.account_id)
        is_contact, person = self.named(event.contact_id, self.survivor)
        if person:
            if self.is_own_contact(person):
                return None, None, None
            account = account or self.account_of_contact(person, happened_on)
        email = event.email
        if email is None and event.visitor:
            email, known_on = self.visitor_email(event, day)
        if email is not None:
            email_person, email_account, is_own = self.person_and_account_of_email(email, happened_on)
            # a contact on the row is trusted more than an address
            if is_own and not person:
                return None, None, known_on
            if not is_contact:
                person = email_person
            account = account or email_account
        return account or self.account_of_domain(event.company_domain), person, known_on

    def signal_of(self, event, person):
        persona, _, decides = self.persona_of(person)
        is_page = event.channel == "web" and (event.asset or "").startswith("/")
        assets = without_languages(event.asset) if is_page else [event.asset]
        categories = [
            c for c in self.seeds["page_categories"] if is_page and any(is_below(path, c["path_pattern"]) for path in assets)
        ]
        category = min(
            categories, key=lambda c: (-int(c["priority"]), -len(c["path_pattern"]), c["path_pattern"]), default={}
        ).get("page_category")
        fits = []
        for row in self.signals.values() if event.is_known else ():
            if (
                (not row["channel"] or row["channel"] == event.channel)
                and (not row["event_type"] or row["event_type"] == event.event_type)
                and (not row["page_category"] or row["page_category"] == category)
                and (not row["asset_pattern"] or any(like(asset, row["asset_pattern"]) for asset in assets))
                and (row["outcome"] == event.outcome or (not row["outcome"] and event.outcome != "no_conversation"))
                and (not row["persona"] or row["persona"] == persona or (row["persona"] == "decision_maker" and decides))
                and (not row["min_value"] or (event.value is not None and event.value >= float(row["min_value"])))
            ):
                filled = sum(1 for column in MATCH_COLUMNS if row[column])
                fits.append((-(whole(row["match_priority"]) or 0), -filled, row["signal"]))
        return min(fits)[2] if fits else None

    def counted(self, day):
        """What counts as known at the end of `day`: {(event id, how it is known): (account, person, signal, moment)}."""
        seen, counted = [], {}
        for event in self.events:
            if event.occurred_at.date() > day or event.is_machine:
                continue
            account, person, known_on = self.who(event, day)
            if account is None:
                continue
            signal = self.signal_of(event, person)
            if signal is None:
                continue
            actor = ("person", person) if person else ("visitor", event.visitor, account) if event.visitor else ("account", account)
            # an act at the same moment was delivered twice
            minutes = dt.timedelta(minutes=whole(self.signals[signal]["repeat_minutes"]) or 0)
            is_repeat = any(
                other[:3] == (actor, signal, event.asset)
                and (event.occurred_at - other[3] < minutes or event.occurred_at == other[3])
                for other in seen
            )
            seen.append((actor, signal, event.asset, event.occurred_at))
            if not is_repeat:
                anonymous = self.account_of_domain(event.company_domain)
                changed = person is not None or account != anonymous
                late = changed and known_on is not None and known_on > event.occurred_at.date()
                counted[(event.id, late)] = (account, person, signal, event.occurred_at)
        return counted

    def resets(self):
        """Moments at which an account or a person lost everything: {("account" or "person", id): [moments]}."""
        moments = defaultdict(list)
        for event in self.events:
            if event.occurred_at.date() > self.as_of:
                continue
            if event.channel == "email" and event.event_type == "bounce" and self.has_another_address(event.email, event.occurred_at.date()):
                continue
            account, person, _ = self.who(event, self.as_of)
            # what an anonymous visitor took from an account stays taken
            accounts = {account, self.who(event, event.occurred_at.date())[0]}
            for row in self.seeds["resets"]:
                for loser in accounts if row["takes_from"] == "account" else {person}:
                    if (
                        true(row["is_active"]) and row["channel"] == event.channel and loser
                        and (not row["event_type"] or row["event_type"] == event.event_type)
                        and (not row["outcome"] or row["outcome"] == event.outcome)
                    ):
                        moments[row["takes_from"], loser].append(event.occurred_at)
        return moments

    # --- scores ------------------------------------------------------------------------------------------------

    def scores(self):
        result = {}
        counted_on, first_day = {}, min((e.occurred_at.date() for e in self.events), default=self.as_of)
        days = [first_day + n * DAY for n in range((self.as_of - first_day).days + 1)]
        changes = {e.occurred_at.date() for e in self.events}
        for day in days:
            counted_on[day] = self.counted(day) if day in changes or day == first_day else counted_on[day - DAY]
        now = counted_on[days[-1]] if days else {}
        # the day each event was earned: the first on which it counted, whoever it was, for the account. Pairs and engaged people are
        # earned when it is known who it was.
        first_day_of, earned, known, ever = {}, {}, {}, {}
        for day in days:
            for thing, (account, _, signal, _) in counted_on[day].items():
                known.setdefault(thing, day)
                earned.setdefault(thing, first_day_of.setdefault(self._news(thing, account, signal), day))
            ever |= counted_on[day]
        resets = self.resets()

        def wiped(account, person, moment):
            marks = resets["account", account] + (resets["person", person] if person else [])
            return any(moment <= mark for mark in marks)

        for model in self.seeds["scoring_models"]:
            for account in self.accounts:
                silences = self._silences(model, account, days, counted_on)
                result[model["scoring_model"], account] = self._score(model, account, now, ever, earned, known, wiped, silences)
        return result

    def _news(self, thing, account, signal):
        """What is new to an account once: an event as engagement or not. Naming its visitor later is no news."""
        return thing[0], account, self.signals[signal]["direction"] == "outbound"

    def _silences(self, model, account, days, counted_on):
        """The days at whose end the account had been silent for `silence_days`, or a multiple, in a row."""
        length = whole(model["silence_days"])
        found, silent, ever = [], 0, False
        if not length:
            return found
        before = set()
        for day in days:
            new = {
                self._news(thing, account, signal) for thing, (owner, _, signal, _) in counted_on[day].items()
                if owner == account and self.signals[signal]["direction"] != "outbound"
            } - before
            before |= new
            if new:
                silent, ever = 0, True
            elif ever:
                silent += 1
                if silent % length == 0:
                    found.append(day)
        return found

    def _decay(self, day, full, half, lookback):
        age = (self.as_of - day).days
        if lookback is not None and age >= lookback:
            return 0.0
        if age <= (full or 0) or half is None:
            return 1.0
        return 0.5 ** ((age - (full or 0)) / half)

    def _numbers(self, model, signal):
        """(points, full value days, half-life, look-back, cap) of a signal in a scoring model."""
        row = self.signals[signal]
        tier = next(t for t in self.seeds["signal_tiers"] if t["signal_tier"] == row["signal_tier"])
        override = next((
            o for o in self.seeds["signal_overrides"]
            if o["scoring_model"] == model["scoring_model"] and o["signal"] == signal
        ), {})

        def first(*values):
            return next((float(v) for v in values if v not in (None, "")), None)

        half = first(override.get("half_life_days"), row["half_life_days"], model["half_life_days"])
        return (
            first(override.get("points"), row["points"], tier["points"]),
            first(override.get("full_value_days"), row["full_value_days"], model["full_value_days"]),
            half if model["decay_function"] == "exponential" else None,
            whole(model["lookback_days"]),
            first(override.get("max_points"), row["max_points"]) if true(model["apply_caps"]) else None,
        )

    def _score(self, model, account, now, ever, earned, known, wiped, silences):
        factor = number(model["silence_factor"])
        own_half = number(model["half_life_days"]) if model["decay_function"] == "exponential" else None
        own_decay = (whole(model["full_value_days"]), own_half, whole(model["lookback_days"]))

        def after_silence(earned_on):
            return factor ** sum(1 for day in silences if day >= earned_on) if factor is not None else 1.0

        mine = [thing for thing in self._of(now, account) if not wiped(account, thing[1], thing[3])]
        # a person who engaged, or completed a pair, did so even if it turns out to be a repeat
        engaged = [thing for thing in self._of(ever, account) if not wiped(account, thing[1], thing[3])]
        total = 0.0

        by_signal = defaultdict(float)
        for thing, person, signal, moment in mine:
            points, full, half, lookback, _ = self._numbers(model, signal)
            by_signal[signal] += (
                points * self.persona_of(person)[1] * self._decay(moment.date(), full, half, lookback) * after_silence(earned[thing])
            )
        for signal, points in by_signal.items():
            cap = self._numbers(model, signal)[4]
            total += points if cap is None else min(points, cap)

        for row in self.seeds["signal_combinations"]:
            if not true(row["is_active"]):
                continue
            missing = (
                float(row["points"]) - self._numbers(model, row["first_signal"])[0]
                - self._numbers(model, row["second_signal"])[0]
            )
            for person in {p for _, p, _, _ in engaged if p}:
                ones = [(t, m) for t, p, s, m in self._of(ever, account) if p == person and s == row["first_signal"]]
                others = [(t, m) for t, p, s, m in self._of(ever, account) if p == person and s == row["second_signal"]]
                # a pair that was completed before a reset is gone
                pairs = [
                    (max(one[1], other[1]).date(), max(known[one[0]], known[other[0]])) for one in ones for other in others
                    if abs((one[1].date() - other[1].date()).days) <= int(row["within_days"])
                    and not wiped(account, person, max(one[1], other[1]))
                ]
                if pairs and missing > 0:
                    completed = max(day for day, _ in pairs)
                    since = min(when for day, when in pairs if day == completed)
                    total += missing * self.persona_of(person)[1] * self._decay(completed, *own_decay) * after_silence(since)

        latest = {}
        for thing, person, signal, moment in engaged:
            row, day = self.signals[signal], moment.date()
            if (
                person and row["direction"] != "outbound" and true(row["counts_for_breadth"])
                and (self.as_of - day).days < int(model["breadth_window_days"])
            ):
                latest.setdefault(person, []).append((day, known[thing]))
        if len(latest) >= int(model["breadth_min_contacts"]):
            breadth = 0.0
            for engagements in latest.values():
                day = max(d for d, _ in engagements)
                since = min(when for d, when in engagements if d == day)
                breadth += float(model["breadth_points"]) * self._decay(day, *own_decay) * after_silence(since)
            cap = number(model["breadth_max_points"])
            total += breadth if cap is None else min(breadth, cap)
        return max(total, 0.0)

    @staticmethod
    def _of(now, account):
        return [(thing, person, signal, day) for thing, (owner, person, signal, day) in now.items() if owner == account]


def score(raw, seeds, as_of=None):
    """{(scoring_model, account_id): score_raw}; `as_of` defaults to the newest day on which a usable row was loaded."""
    return Score(raw, seeds, as_of).scores()


def prospects(raw, seeds, as_of):
    """(the accounts still to be won on a day, {account: the day it was won} of the others that were by then)."""
    accounts = Score(raw, seeds, as_of)
    outcomes = {word(row["stage"]): row["outcome"] for row in seeds["opportunity_stages"]}
    lifecycles = {word(row["stage"]): row["lifecycle"] for row in seeds["lifecycle_stages"]}

    def is_won(load):
        return outcomes.get(word(load.stage), "won" if true(load.is_won) else "something else") == "won"

    won = {}
    for newest, *older in usable_loads(raw, "crm_opportunities").values():
        account = accounts.account_named(newest.account_id)
        if account and is_won(newest) and not true(newest.is_deleted):
            # a deal that was opened again was won the second time
            days = [load.loaded_at.date() for load in takewhile(is_won, (newest, *older))]
            day = min([*days, newest.closed_at.date()] if newest.closed_at else days)
            if day <= as_of:
                won[account] = min(day, won.get(account, day))
    return {
        account for account, row in accounts.accounts.items()
        if account not in won and lifecycles.get(word(row.lifecycle_stage), "prospect") == "prospect"
    }, won
