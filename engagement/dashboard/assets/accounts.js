"use strict";
// All accounts: how many are in each band, which need attention, and a table of them.

const PAGE_ROWS = 50;
const FILTERS = [
  ["owner", "Owner", "owner_email"],
  ["tier", "Tier", "account_tier"],
  ["trend", "Trend", "trend"],
  ["fit", "Fit", "fit_grade"],
  ["industry", "Industry", "industry"],
  ["country", "Country", "country"],
];
const NONE = "none"; // the URL's value for accounts without one
// accounts above the lowest band are worth a call
const isWorked = (row) => row.order > 1;
const QUICK_VIEWS = [
  [
    "up",
    "Moved up",
    "In a warmer band than 28 days ago",
    (row) => row.order_28_days_ago !== null && row.order > row.order_28_days_ago,
  ],
  [
    "cooling",
    "Cooling",
    "In the highest band, with a falling score",
    (row) => row.order === BANDS.length && row.trend === "down",
  ],
  ["alerted", "Alerted", `An alert in the last ${DATA.publication?.alert_days} days`, (row) => row.alerts.length > 0],
  ["people", "New people", "People who engaged for the first time in the last 28 days", (row) => row.new_engaged_contacts > 0],
  [
    "untouched",
    "Not followed up",
    "Above the lowest band, and either engaged since the last sales touch or never touched",
    (row) =>
      isWorked(row) &&
      row.last_engagement_at !== null &&
      (row.last_sales_touch_at === null || row.last_sales_touch_at < row.last_engagement_at),
  ],
  ["deal", "Open deal", "An opportunity is open", (row) => row.open_opportunity_created_on !== null],
  [
    "dormant",
    "Dormant, good fit",
    "High fit, but no engagement for a long time",
    (row) => row.engagement_state === "dormant" && (row.quadrant ?? "").startsWith("high fit"),
  ],
];

const searched = (row) => searchable(`${row.account_name ?? ""}\n${row.domain ?? ""}\n${row.account_id}`);

function readAccounts() {
  const data = DATA.accounts;
  const weeks = new Map(rowsOf(data.weeks).map(({ account_id: id, ...scores }) => [id, Object.values(scores)]));
  const alerts = groupRows(rowsOf(data.alerts), "account_id");
  // the review's results, if it was run on these scores
  const nearOnes = new Set((rowsOf(data.near_a_threshold) ?? []).map((row) => row.account_id));
  const orders = new Map(BANDS.map((band) => [band.band, band.order]));
  return rowsOf(data.scores).map((row) => {
    row.weeks = weeks.get(row.account_id) ?? [];
    row.alerts = alerts.get(row.account_id) ?? [];
    row.is_near_a_threshold = nearOnes.has(row.account_id);
    row.order = orders.get(row.band);
    row.order_28_days_ago = orders.get(row.band_28_days_ago) ?? null;
    row.searched = searched(row);
    return row;
  });
}

/** A line of 13 weekly scores, on its own scale starting at 0. */
function sparkline(scores) {
  const known = scores.filter((score) => score !== null);
  if (known.length < 2) return el("span", { class: "quiet" }, NO_VALUE);
  const [width, height] = [88, 22];
  const top = Math.max(...known, 1);
  const points = scores
    .map((score, week) =>
      score === null ? null : [2 + (week * (width - 6)) / (scores.length - 1), height - 2 - (score * (height - 5)) / top],
    )
    .filter(Boolean);
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`);
  const [x, y] = points[points.length - 1];
  return el(
    "svg",
    {
      svg: true,
      width,
      height,
      class: "sparkline",
      role: "img",
      "aria-label": `Weekly scores: ${known[0]}, at most ${Math.max(...known)}, now ${known[known.length - 1]}`,
    },
    el("polygon", {
      svg: true,
      class: "area",
      points: `${points[0][0].toFixed(1)},${height - 2} ${line.join(" ")} ${x.toFixed(1)},${height - 2}`,
    }),
    el("polyline", { svg: true, class: "line", points: line.join(" ") }),
    el("circle", { svg: true, class: "end", cx: x.toFixed(1), cy: y.toFixed(1), r: 2 }),
  );
}

function columnsOf(ownerName) {
  return [
    {
      key: "account",
      title: "Account",
      value: (row) => row.account_name ?? row.account_id,
      class: "account",
      cell: (row) => [
        accountLink(row.account_id, row.account_name, "strong"),
        small(name(row.domain ?? row.account_id)),
        row.open_opportunity_created_on &&
          small(
            capital(row.open_opportunity_stage) ?? "Open deal",
            row.open_opportunity_amount_usd !== null && ` ${money(row.open_opportunity_amount_usd)}`,
          ),
      ],
    },
    {
      key: "tier",
      title: "Tier",
      value: (row) => row.account_tier,
      class: "number wide",
      cell: (row) => row.account_tier ?? NO_VALUE,
    },
    { key: "fit", title: "Fit", value: (row) => row.fit_grade, class: "wide", cell: (row) => row.fit_grade ?? NO_VALUE },
    {
      key: "score",
      title: "Score",
      value: (row) => row.score,
      first: "down",
      class: "number strong",
      cell: (row) => whole(row.score),
    },
    {
      key: "status",
      title: "Status",
      value: (row) => row.order,
      first: "down",
      class: "status",
      cell: (row) => [
        pill(row.band),
        row.band_since && small(`since ${day(row.band_since)}`),
        row.is_near_a_threshold && small("near a threshold"),
      ],
    },
    {
      key: "weeks",
      title: "13 weeks",
      value: (row) => row.score_change_28_days,
      first: "down",
      class: "wide",
      note: "Weekly scores, sorted by the change over 28 days",
      cell: (row) => sparkline(row.weeks),
    },
    {
      key: "change",
      title: "7 days",
      value: (row) => row.score_change_7_days,
      first: "down",
      class: "number",
      cell: (row) => change(row.score_change_7_days, row.trend),
    },
    {
      key: "people",
      title: "People",
      value: (row) => row.engaged_contacts,
      first: "down",
      class: "number wide",
      cell: (row) => [whole(row.engaged_contacts), row.new_engaged_contacts > 0 && small(`${row.new_engaged_contacts} new`)],
    },
    {
      key: "last",
      title: "Last engagement",
      value: (row) => row.last_engagement_at,
      first: "down",
      class: "wide text",
      cell: (row) => [
        row.last_engagement_type ?? "none yet",
        row.last_engagement_at && small(`${day(row.last_engagement_at)}, ${ago(row.days_since_engagement)}`),
      ],
    },
    {
      key: "touch",
      title: "Last sales touch",
      value: (row) => row.last_sales_touch_at,
      first: "down",
      class: "wide text",
      cell: (row) => row.last_sales_touch_label ?? el("span", { class: "quiet" }, "none"),
    },
    {
      key: "action",
      title: "Next action",
      value: (row) => row.next_action,
      class: "wide text",
      cell: (row) => row.next_action ?? NO_VALUE,
    },
    {
      key: "owner",
      title: "Owner",
      value: (row) => row.owner_email,
      class: "wide owner",
      cell: (row) => name(ownerName(row.owner_email)),
    },
  ];
}
const CSV_COLUMNS = [
  "account_id",
  "account_name",
  "domain",
  "account_tier",
  "industry",
  "country",
  "owner_email",
  "score",
  "band",
  "band_since",
  "band_28_days_ago",
  "score_change_7_days",
  "score_change_28_days",
  "trend",
  "engaged_contacts",
  "new_engaged_contacts",
  "last_engagement_at",
  "last_engagement_label",
  "last_sales_touch_at",
  "last_sales_touch_label",
  "engagement_state",
  "open_opportunity_stage",
  "open_opportunity_amount_usd",
  "fit_grade",
  "quadrant",
  "next_action",
];

start(["publication", "accounts"], () => {
  const accounts = readAccounts();
  const customers = rowsOf(DATA.accounts.customers);
  const ownerName = ownerNames(accounts.map((row) => row.owner_email));
  const columns = columnsOf(ownerName);
  let view = {};

  const cards = el("div", { class: "cards", role: "group", "aria-label": "Accounts by status" });
  const chips = el("div", { class: "chips", role: "group", "aria-label": "Quick views" });
  const search = el("input", {
    type: "search",
    id: "search",
    placeholder: "name, domain or id",
    autocomplete: "off",
    oninput: () => show({ q: search.value, page: null }),
  });
  const selects = FILTERS.map(([key, title, column]) => {
    const values = [...new Set(accounts.map((row) => row[column]))].sort(
      (one, other) => (one === null) - (other === null) || COLLATOR.compare(one, other),
    );
    if (values.length < 2) return null;
    const label = (value) =>
      value === null ? (key === "owner" ? "no owner" : NONE) : key === "owner" ? ownerName(value) : String(value);
    return el(
      "label",
      {},
      title,
      el(
        "select",
        { name: key, onchange: (event) => show({ [key]: event.target.value, page: null }) },
        el("option", { value: "" }, "all"),
        values.map((value) => el("option", { value: value ?? NONE }, label(value))),
      ),
    );
  }).filter(Boolean);
  const clear = el(
    "button",
    { type: "button", onclick: () => show(Object.fromEntries(Object.keys(view).map((key) => [key, null]))) },
    "Clear",
  );
  const csv = el(
    "button",
    { type: "button", onclick: () => saveCsv(`accounts_${DATA.publication.as_of_date ?? "none"}.csv`, CSV_COLUMNS, selected()) },
    "CSV",
  );
  const found = el("p", { class: "found", role: "status" });
  const tableCard = el("div", { class: "card table" });
  // paper has no controls
  const printed = el("p", { class: "printed" });
  const also = el("p", { class: "note" });
  const pages = el("nav", { class: "pages", "aria-label": "Pages of the table" });

  const matches = (row, keys) =>
    keys.every((key) => {
      if (!view[key]) return true;
      if (key === "q")
        return searchable(view.q)
          .split(/\s+/)
          .every((word) => row.searched.includes(word));
      if (key === "band") return row.band === view.band;
      if (key === "view") return (QUICK_VIEWS.find(([id]) => id === view.view)?.[3] ?? (() => true))(row);
      return String(row[FILTERS.find(([id]) => id === key)[2]] ?? NONE) === view[key];
    });
  const plainKeys = ["q", ...FILTERS.map(([key]) => key)];
  const filtered = (keys) => accounts.filter((row) => matches(row, keys));

  function sortOf() {
    const text = view.sort || "-score";
    const key = text.replace(/^-/, "");
    return columns.some((column) => column.key === key)
      ? { key, descending: text.startsWith("-") }
      : { key: "score", descending: true };
  }
  function selected() {
    const sort = sortOf();
    return sortRows(
      filtered([...plainKeys, "band", "view"]),
      columns.find((column) => column.key === sort.key).value,
      sort.descending,
    );
  }

  /** The filters and the order, for paper. */
  function viewInWords() {
    const { key, descending } = sortOf();
    return [
      ...FILTERS.map(([filter, title]) => [title, view[filter]]),
      ["Status", view.band],
      ["View", QUICK_VIEWS.find(([id]) => id === view.view)?.[1]],
      ["Search", view.q?.trim()],
      ["Sorted by", `${columns.find((column) => column.key === key).title}${descending ? ", descending" : ""}`],
    ]
      .filter(([, value]) => value)
      .map(([title, value]) => `${title}: ${value}`);
  }

  function showCards(rows) {
    const isKnown = accounts.some((row) => row.band_28_days_ago !== null); // a short history has no such day
    redraw(
      cards,
      ...[...BANDS].reverse().map((band) => {
        const now = rows.filter((row) => row.band === band.band).length;
        const before = rows.filter((row) => row.band_28_days_ago === band.band).length;
        const active = view.band === band.band;
        const node = el(
          "button",
          {
            type: "button",
            class: "band",
            "aria-pressed": String(active),
            onclick: () => show({ band: active ? null : band.band, page: null }),
          },
          el("span", { class: "big" }, whole(now)),
          " ",
          name(band.band),
          small(`${band.label ?? ""}`),
          isKnown && small(`${whole(before)} of these accounts 28 days ago`),
        );
        node.style.setProperty("--band", band.colour);
        return node;
      }),
    );
  }
  function showChips(rows) {
    redraw(
      chips,
      ...QUICK_VIEWS.map(([id, title, note, test]) => {
        const active = view.view === id;
        return el(
          "button",
          {
            type: "button",
            class: "chip",
            title: note,
            "aria-pressed": String(active),
            onclick: () => show({ view: active ? null : id, page: null }),
          },
          title,
          el("span", { class: "number" }, whole(rows.filter(test).length)),
        );
      }),
    );
  }
  function showTable() {
    const rows = selected();
    const last = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
    const page = Math.min(Math.max(1, Number(view.page) || 1), last);
    const from = (page - 1) * PAGE_ROWS;
    redraw(
      tableCard,
      rows.length
        ? makeTable("Accounts", columns, rows.slice(from, from + PAGE_ROWS), {
            sort: sortOf(),
            onSort: (sort) => show({ sort: `${sort.descending ? "-" : ""}${sort.key}`, page: null }),
          })
        : el(
            "p",
            { class: "empty" },
            accounts.length
              ? "No account matches. Clear the filters to see all."
              : "There are no accounts yet. They appear after the first build with CRM accounts.",
          ),
    );
    found.textContent = `${whole(rows.length)} of ${count(accounts.length, "account")}`;
    const range = `${whole(from + 1)} to ${whole(Math.min(from + PAGE_ROWS, rows.length))} of ${whole(rows.length)}`;
    printed.textContent = [rows.length ? `Accounts ${range}` : "No accounts", ...viewInWords()].join(" · ");
    const words = searchable(view.q ?? "").trim();
    const won = words ? customers.filter((row) => searched(row).includes(words)).slice(0, 5) : [];
    also.replaceChildren(
      ...(won.length
        ? [
            "Customers: ",
            ...won.flatMap((row, place) => [
              place ? ", " : "",
              accountLink(row.account_id, row.account_name),
              ` (won ${day(row.won_on)})`,
            ]),
          ]
        : []),
    );
    const step = (to, label) =>
      el(
        "button",
        {
          type: "button",
          disabled: to < 1 || to > last,
          onclick: () => {
            show({ page: to === 1 ? null : to });
            tableCard.scrollIntoView();
          },
        },
        label,
      );
    pages.hidden = last === 1;
    redraw(pages, step(page - 1, "Previous"), el("span", {}, range), step(page + 1, "Next"));
  }

  function show(changes) {
    view = { ...view, ...changes };
    writeAddress(view);
    const rows = filtered(plainKeys);
    showCards(rows);
    showChips(view.band ? rows.filter((row) => row.band === view.band) : rows);
    showTable();
    if (search.value !== (view.q ?? "")) search.value = view.q ?? "";
    selects.forEach((label) => {
      const select = label.querySelector("select");
      select.value = view[select.name] ?? "";
    });
  }
  function fromAddress() {
    view = {};
    const wanted = Object.fromEntries(readAddress());
    for (const select of selects.map((label) => label.querySelector("select")))
      if (wanted[select.name])
        wanted[select.name] = spelt(
          [...select.options].map((option) => option.value),
          wanted[select.name],
        );
    show(wanted);
  }

  MAIN.append(
    cards,
    chips,
    el(
      "form",
      { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
      el("label", { class: "search" }, "Search", search),
      selects,
      clear,
      csv,
      found,
    ),
    printed,
    also,
    tableCard,
    pages,
  );
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
  document.documentElement.dataset.ready = "true";
});
