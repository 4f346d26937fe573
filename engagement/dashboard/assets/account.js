"use strict";
// One account: its score by day, why, who, what happened, and how sure that is.

const wantedId = () => readAddress().get("id") ?? new URLSearchParams(location.search).get("id");
const fact = (title, ...values) => el("div", { class: "fact" }, el("dt", {}, title), el("dd", {}, ...values));
const TITLE = document.title;
const TIMELINE_ROWS = 40;
const DIRECTIONS = { inbound: "them", mutual: "both", outbound: "us" };

/** {query: [row objects]} of one account of a bucket. */
function readDetails(bucket, id) {
  const found = bucket.accounts.find(([accountId]) => accountId === id);
  if (!found) return null;
  const details = {};
  for (const [query, columns] of Object.entries(bucket.columns)) {
    details[query] = (found[1][query] ?? []).map((row) =>
      Object.fromEntries(columns.map((column, place) => [column, row[place]])),
    );
  }
  return details;
}

const words = (text) => text.replaceAll("_", " ");
const called = (row) => row.full_name ?? row.email ?? row.person_id;

/** Names the person of an event or of an entry of the ledger; null if there is none. */
function personNames(details) {
  const people = new Map(details.people.map((row) => [row.person_id, called(row)]));
  return (row) => row.person_name ?? people.get(row.person_id) ?? row.person_id;
}

// ---- the head of the page

function headOfProspect(account, details) {
  const safeUrl = /^https?:\/\//i.test(account.account_url ?? "") ? account.account_url : null;
  return el(
    "section",
    { class: "card head", "aria-label": "Summary" },
    el(
      "div",
      { class: "score" },
      el("p", { class: "huge" }, whole(account.score)),
      pill(account.band),
      el("p", {}, account.status_label ?? ""),
    ),
    el(
      "dl",
      { class: "facts" },
      fact("7 days", change(account.score_change_7_days, account.trend)),
      fact(
        "28 days",
        signed(account.score_change_28_days),
        small(account.band_28_days_ago && account.band_28_days_ago !== account.band ? `was ${account.band_28_days_ago}` : ""),
      ),
      fact("In this status", account.band_since ? `since ${day(account.band_since)}` : NO_VALUE),
      fact("Last engagement", account.last_engagement_label ?? "none yet", small(ago(account.days_since_engagement))),
      fact("Last sales touch", account.last_sales_touch_label ?? "none", small(ago(account.days_since_sales_touch))),
      fact(
        "Engaged people",
        whole(account.engaged_contacts),
        small(account.new_engaged_contacts > 0 ? `${account.new_engaged_contacts} new` : ""),
      ),
      fact(
        "Open deal",
        account.open_opportunity_created_on ? (capital(account.open_opportunity_stage) ?? "stage unknown") : "none",
        small(account.open_opportunity_created_on ? money(account.open_opportunity_amount_usd) : ""),
      ),
      fact(
        "Fit",
        account.fit_grade ? `${account.fit_grade} (${whole(account.fit_score)})` : NO_VALUE,
        small(account.quadrant ?? ""),
      ),
      fact("Tier", account.account_tier ?? NO_VALUE),
      fact("Owner", name(account.owner_email ?? "no owner")),
      fact("Domain", name(account.domain)),
      fact("Segment", [account.industry, account.country].filter(Boolean).join(", ") || NO_VALUE),
    ),
    el(
      "div",
      { class: "action" },
      el("p", { class: "strong" }, account.next_action ?? account.sales_action ?? NO_VALUE),
      el("p", {}, `Sales: ${account.sales_action ?? NO_VALUE}. Marketing: ${account.marketing_action ?? NO_VALUE}.`),
      safeUrl && el("p", {}, el("a", { href: safeUrl, rel: "noreferrer" }, "Open in the CRM")),
    ),
  );
}

function headOfCustomer(handoff) {
  return el(
    "section",
    { class: "card head", "aria-label": "Hand-off" },
    el(
      "div",
      { class: "score" },
      el("p", { class: "huge" }, "Won"),
      el("p", {}, day(handoff.won_on)),
      handoff.band_when_won && el("p", {}, pill(handoff.band_when_won), " then"),
    ),
    el(
      "dl",
      { class: "facts" },
      fact("Deal", name(handoff.opportunity_name)),
      fact("Amount", money(handoff.amount_usd)),
      fact(
        "Sales cycle",
        handoff.sales_cycle_days === null ? NO_VALUE : count(handoff.sales_cycle_days, "day"),
        small(handoff.opportunity_created_on ? `from ${day(handoff.opportunity_created_on)}` : ""),
      ),
      fact("Score when won", whole(handoff.score_when_won)),
      fact("Engaged people at the time", whole(handoff.engaged_contacts_when_won)),
      fact("Tier", handoff.account_tier ?? NO_VALUE),
      fact("Owner", name(handoff.owner_email ?? "no owner")),
      fact("Domain", name(handoff.domain)),
    ),
    el(
      "div",
      { class: "action" },
      el("p", { class: "strong" }, "Handed over to the customer team"),
      el("p", {}, "Key people: ", handoff.key_people ? name(handoff.key_people) : nobody("no one has points")),
    ),
  );
}

// ---- why

function whyCard(account, details) {
  const rows = details.ledger;
  const personOf = personNames(details);
  const sum = rows.reduce((total, row) => total + row.points, 0);
  const largest = Math.max(...details.contributions.map((row) => Math.abs(row.points)), 1e-9);
  const bars = el(
    "ul",
    { class: "bars" },
    details.contributions.map((row) => {
      const bar = el("span", { class: row.points < 0 ? "bar minus" : "bar", "aria-hidden": "true" });
      bar.style.width = `${(100 * Math.abs(row.points)) / largest}%`;
      const what = [
        row.people > 0 && count(row.people, "person", "people"),
        row.event_count > 0 && count(row.event_count, "event"),
      ]
        .filter(Boolean)
        .join(", ");
      return el(
        "li",
        {},
        el("span", { class: "what" }, row.label ?? capital(row.contribution_type), small(what)),
        el("span", { class: "track" }, bar),
        el("span", { class: "number" }, signed(row.points, 1)),
      );
    }),
  );
  const columns = [
    {
      title: "What",
      cell: (row) => [row.label ?? capital(row.entry_type), small(personOf(row) ? name(personOf(row)) : capital(row.entry_type))],
    },
    { title: "Day", class: "day", cell: (row) => day(row.occurred_on) },
    { title: "Events", class: "number wide", cell: (row) => whole(row.event_count) },
    {
      title: "Points",
      class: "number wide",
      note: "Points of one event at full value",
      cell: (row) => decimal(row.base_points, 1),
    },
    { title: "Weight", class: "number wide", note: "Weight of the person's role", cell: (row) => decimal(row.persona_weight, 2) },
    { title: "Age", class: "number wide", note: "Share left after decay", cell: (row) => decimal(row.decay_factor, 2) },
    { title: "Counts", class: "number", cell: (row) => decimal(row.points, 2) },
  ];
  const table = makeTable("The ledger", columns, rows);
  table.append(
    el(
      "tfoot",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "row" }, "Sum"),
        el("td"),
        ...Array.from({ length: 4 }, () => el("td", { class: "wide" })),
        el("td", { class: "number strong", id: "ledger-sum" }, decimal(sum, 2)),
      ),
    ),
  );
  const fits = !account || Math.abs(sum - account.score_raw) < 0.005;
  return card(
    account ? `Why ${whole(account.score)}?` : "Points today",
    rows.length
      ? [
          "Everything that adds to the score, or takes points away. ",
          account && `The ledger sums to ${decimal(sum, 2)}, which rounds to ${whole(account.score)}.`,
        ]
          .filter(Boolean)
          .join("")
      : "Nothing adds to the score.",
    !fits &&
      el(
        "p",
        { class: "notice warning", role: "alert" },
        `The ledger sums to ${decimal(sum, 2)}, but the score is ${decimal(account.score_raw, 2)}. Publish the marts again.`,
      ),
    bars,
    rows.length > 0 &&
      el("details", {}, el("summary", {}, `The ledger: ${count(rows.length, "entry", "entries")}`), scrolling("Ledger", table)),
  );
}

// ---- who

function committeeCard(details) {
  const people = details.people;
  if (!people.length) return card("Buying committee", "No one at this account is known yet.");
  const active = people.filter((row) => row.score > 0 || row.event_count > 0);
  const deciders = people.filter((row) => row.is_decision_maker);
  const roles = new Set(people.map((row) => row.persona).filter(Boolean));
  const activeRoles = new Set(active.map((row) => row.persona).filter(Boolean));
  const silent = [...roles].filter((role) => !activeRoles.has(role));
  // an open makes somebody active, but not engaged
  const activeDeciders = active.filter((row) => row.is_decision_maker);
  const summary =
    `Active: ${active.length} of ${count(people.length, "known person", "known people")}` +
    (deciders.length ? `, ${activeDeciders.length} of ${count(deciders.length, "decision-maker")}.` : ".") +
    (silent.length ? ` Silent roles: ${silent.map(words).join(", ")}.` : "");
  const rows = people.map((row) => [
    [name(called(row)), small(name(row.job_title ?? (row.full_name ? row.email : "") ?? ""))],
    [capital(words(row.persona ?? "unknown")), row.is_decision_maker && small("decides")],
    whole(row.score),
    whole(row.event_count),
    row.main_signal_label ?? NO_VALUE,
    day(row.last_engaged_on),
  ]);
  return card(
    "Buying committee",
    summary,
    plainTable("Buying committee", ["Person", "Role", "Points#", "Events#", "Mostly", "Last~"], rows),
  );
}

// ---- what happened

/** A customer's score counts until the day of the win. */
const lastDay = (details) => details.handoff[0]?.won_on ?? DATA.publication.as_of_date;
const isOpening = (row) => row.change_kind === "opening balance";
const isQuiet = (row) =>
  !isOpening(row) && row.band === row.band_before && (row.only_fades === 1 || row.score === row.score_before);

/** Changes and alerts by day, newest first. Days on which points only faded, or the score stayed, share one line. */
function happenings(details) {
  const entries = [
    ...details.changes.map((row) => ({ ...row, on: row.change_date, is_quiet: isQuiet(row) })),
    ...details.alerts.map((row) => ({ ...row, on: row.created_on, is_alert: true })),
  ]
    .filter((entry) => entry.on <= lastDay(details))
    .sort((one, other) =>
      one.on === other.on ? Number(other.is_alert ?? 0) - Number(one.is_alert ?? 0) : one.on < other.on ? 1 : -1,
    );
  const folded = [];
  for (const entry of entries) {
    const last = folded[folded.length - 1];
    const isFading = entry.only_fades === 1;
    if (entry.is_quiet && last?.is_quiet)
      Object.assign(last, {
        from: entry.on,
        score_before: entry.score_before,
        days: last.days + 1,
        is_fading: last.is_fading && isFading,
      });
    else folded.push({ ...entry, from: entry.on, days: 1, is_fading: isFading });
  }
  return folded;
}

function changesCard(details) {
  const rows = happenings(details).map((entry) => {
    if (entry.is_alert)
      return [
        day(entry.on),
        el("span", { class: "alert" }, "◆ alert"),
        `To ${entry.recipient_role ?? "everybody"}: ${alertText(entry)}`,
      ];
    if (isOpening(entry))
      return [
        day(entry.on),
        whole(entry.score),
        // what happened on that day stands before the opening balance
        [`The score starts at ${whole(entry.score)} (${entry.band}). `, entry.explanation.includes("; ") && entry.explanation],
      ];
    const scores = el(
      "span",
      {
        class: entry.score > entry.score_before ? "change up" : entry.score < entry.score_before ? "change down" : "change flat",
      },
      `${whole(entry.score_before)} → ${whole(entry.score)}`,
    );
    if (entry.days > 1)
      return [
        `${day(entry.from)} to ${day(entry.on)}`,
        scores,
        el("span", { class: "quiet" }, `${entry.is_fading ? "Points faded" : "Small changes"} on ${count(entry.days, "day")}.`),
      ];
    return [
      day(entry.on),
      scores,
      [entry.band !== entry.band_before && el("strong", {}, `${entry.band_before} → ${entry.band}. `), entry.explanation],
    ];
  });
  return card(
    "Why did it change?",
    rows.length
      ? "Changes of the score with their reasons, and alerts, newest first."
      : details.handoff.length
        ? "No change before the win is recorded."
        : "The score hasn't changed since records began.",
    rows.length > 0 && plainTable("Changes and alerts", ["Day~", "Score~", "What happened"], rows),
  );
}

function timelineCard(details) {
  const personOf = personNames(details);
  const titles = ["When (UTC)~", "What", "Who", "Channel", "By", "Points#"];
  const cells = (row) => [
    [day(row.occurred_at), small(row.occurred_at.slice(11, 16))],
    [capital(row.label), row.asset && small(name(row.asset))],
    name(personOf(row)),
    capital(row.channel),
    DIRECTIONS[row.direction] ?? NO_VALUE,
    row.points ? signed(row.points, 1) : NO_VALUE,
  ];
  // sent emails, impressions and the like are many and say little
  const signals = details.timeline.filter((row) => row.direction !== null);
  const box = el("div", {});
  const all = el("input", { type: "checkbox", onchange: () => draw(TIMELINE_ROWS) });
  function draw(most) {
    const rows = all.checked ? details.timeline : signals;
    redraw(
      box,
      rows.length > 0 && plainTable("Timeline", titles, rows.slice(0, most).map(cells)),
      rows.length > most &&
        el("button", { type: "button", class: "more", onclick: () => draw(Infinity) }, `Show all ${whole(rows.length)}`),
    );
  }
  draw(TIMELINE_ROWS);
  const others = details.timeline.length - signals.length;
  return card(
    "Timeline",
    details.timeline.length ? "Recent events, with points before decay and caps, newest first." : "There were no recent events.",
    others > 0 &&
      el("label", { class: "inline" }, all, ` also show ${count(others, "event")} without a signal, such as sent emails`),
    box,
  );
}

// ---- how sure, and what else

function surenessCard(account, details) {
  const [found] = details.stability ?? [];
  const hint = [
    "Run ",
    reviewCommands(),
    ". The review varies all points and half-lives at random, and counts how often the status stays the same.",
  ];
  if (!found)
    return card(
      "How sure is the status?",
      details.stability ? "The review didn't test this account, because its score isn't among the highest." : hint,
    );
  const stale = staleReview(found);
  const isOfThisScore = found.band === account.band && found.low_score <= account.score && account.score <= found.high_score;
  return card(
    "How sure is the status?",
    null,
    stale && !isOfThisScore
      ? el("p", {}, "The last review tested another score of this account.")
      : el(
          "p",
          {},
          `Under ${whole(found.draws)} other sets of points and half-lives the account stays ${found.band} in ${percent(found.same_band_share, 0)}. ` +
            `The score lies between ${whole(found.low_score)} (${found.low_band}) and ${whole(found.high_score)} (${found.high_band}) in nine of ten.`,
        ),
    stale && el("p", { class: "note" }, stale, " To update it, run ", reviewCommands(), "."),
  );
}

const campaignsCard = (details) =>
  card(
    "Campaigns",
    details.campaigns.length
      ? "What the account did in each campaign, and how its score moved from the day before to the day shown. This doesn't prove a cause."
      : "The account hasn't engaged with any campaign.",
    details.campaigns.length > 0 &&
      plainTable(
        "Campaigns",
        ["Campaign", "Events#", "People#", "Points#", "Last~", "Score#"],
        details.campaigns.map((row) => [
          name(row.campaign),
          whole(row.engagements),
          whole(row.engaged_people),
          decimal(row.points, 0),
          day(row.last_engaged_on),
          [signed(row.score_change), small(`until ${day(row.score_after_on)}`)],
        ]),
      ),
  );

function groupCard(details) {
  const [group] = details.group;
  if (!group) return null;
  return card(
    "Group",
    "The engagement of the whole group. The accounts keep their own scores.",
    el(
      "p",
      {},
      "Part of ",
      group.parent_name ? el("strong", {}, name(group.parent_name)) : "a group",
      `: ${count(group.account_count, "prospect")}, ${whole(group.active_account_count)} active, ${decimal(group.total_score_raw, 0)} points together, ${count(group.engaged_contacts, "engaged person", "engaged people")}.`,
    ),
    el(
      "p",
      {},
      "Hottest: ",
      // an owner's dashboard has no other accounts
      group.hottest_account_id
        ? accountLink(group.hottest_account_id, group.hottest_account_name)
        : "an account of another owner,",
      ` ${whole(group.max_score)} `,
      pill(group.hottest_band),
    ),
  );
}

// ---- the page

function historyCard(account, details) {
  const end = lastDay(details);
  const history = details.history.filter((row) => row.score_date <= end);
  if (!history.length) return card("Score by day", account ? "There is no history yet." : "The history begins after the win.");
  const chart = drawn((width) => historyChart(history, details.alerts, end, width));
  const lines = history.filter(
    (row, place) => place === history.length - 1 || row.score_date.slice(0, 7) !== history[place + 1].score_date.slice(0, 7),
  );
  return card(
    "Score by day",
    `Under today's rules, ${day(history[0].score_date)} to ${day(end)}. Diamonds are alerts.`,
    chart,
    el(
      "details",
      {},
      el("summary", {}, "As a table"),
      plainTable(
        "Score by month",
        ["Last change of the month", "Score#"],
        lines.reverse().map((row) => [day(row.score_date), whole(row.score)]),
      ),
    ),
  );
}

async function show() {
  const id = wantedId();
  const bucket = id && DATA.publication.buckets ? await load(`accounts/${fnv1a(id) % DATA.publication.buckets}`) : null;
  if (id !== wantedId()) return; // another account was requested in the meantime
  const details = bucket && readDetails(bucket, id);
  const title = document.querySelector("h1");
  content.replaceChildren();
  document.title = TITLE;
  if (!details) {
    title.textContent = "Account";
    content.append(
      el(
        "p",
        { class: "card empty" },
        id ? `No account has the id ${id}. ` : "No account is chosen. ",
        el("a", { href: "index.html" }, "All accounts"),
      ),
    );
  } else {
    const [account] = details.score;
    const [handoff] = details.handoff;
    const label = (account ?? handoff).account_name ?? id;
    title.replaceChildren(name(label));
    document.title = `${label} - Account engagement`;
    content.append(
      ...[
        account ? headOfProspect(account, details) : headOfCustomer(handoff),
        historyCard(account, details),
        el(
          "div",
          { class: "columns" },
          el("div", {}, whyCard(account, details), changesCard(details), campaignsCard(details)),
          el(
            "div",
            {},
            account && committeeCard(details),
            account && surenessCard(account, details),
            groupCard(details),
            timelineCard(details),
          ),
        ),
      ].filter(Boolean),
    );
  }
  document.documentElement.dataset.ready = id ?? "none";
}

const content = el("div", {});
start(["publication"], () => {
  MAIN.prepend(el("p", { class: "crumb" }, el("a", { href: "index.html" }, "Accounts"), " / Account"));
  MAIN.append(content);
  window.addEventListener("hashchange", show);
  show();
});
