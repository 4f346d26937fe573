"use strict";
// One owner's ranked queue, to work through and to print.

const QUEUE_ROWS = 200; // more than a day's work
const QUEUE_COLUMNS = [
  { title: "#", class: "number", cell: (row) => whole(row.queue_rank) },
  {
    title: "Account",
    class: "account",
    cell: (row) => [
      accountLink(row.account_id, row.account_name, "strong"),
      small(name(row.domain), row.fit_grade && ` · fit ${row.fit_grade}`, row.account_tier && ` · tier ${row.account_tier}`),
    ],
  },
  {
    title: "Score",
    class: "number",
    cell: (row) => [el("strong", {}, whole(row.score)), small(change(row.score_change_7_days, row.trend))],
  },
  { title: "Status", class: "status", cell: (row) => pill(row.band) },
  {
    title: "Who to call",
    class: "text",
    cell: (row) => [
      row.contact_name ? name(row.contact_name) : nobody("no contact known"),
      small(
        row.contact_job_title ? name(row.contact_job_title) : "",
        ` ${row.contact_job_title ? "· " : ""}${count(row.engaged_contacts, "engaged person", "engaged people")}`,
      ),
    ],
  },
  {
    title: "Why",
    class: "wide text reason",
    cell: (row) => [
      row.reason ?? NO_VALUE,
      row.last_engagement_label && small(`Last: ${row.last_engagement_label}, ${ago(row.days_since_engagement)}`),
    ],
  },
  {
    title: "What to do",
    class: "text",
    cell: (row) => [
      el("strong", {}, row.next_action ?? row.sales_action ?? NO_VALUE),
      row.next_action && row.sales_action && small(row.sales_action),
    ],
  },
];

start(["publication", "today"], () => {
  const queue = rowsOf(DATA.today.queue);
  const byOwner = groupRows(queue, "owner_email");
  const alerts = groupRows(rowsOf(DATA.today.alerts), "account_id");
  const owners = [...byOwner.keys()];
  const ownerName = ownerNames(owners);
  const key = (owner) => owner ?? "none";
  const content = el("div", {});
  const select = el(
    "select",
    {
      id: "owner",
      onchange: () => {
        writeAddress({ owner: select.value });
        show();
      },
    },
    el("option", { value: "" }, "all owners"),
    owners.map((owner) => el("option", { value: key(owner) }, ownerName(owner))),
  );

  function overview() {
    const hottest = [...BANDS].reverse().filter((band) => band.order > 1);
    const rows = owners.map((owner) => [
      el("a", { href: `#${new URLSearchParams({ owner: key(owner) })}` }, name(ownerName(owner))),
      whole(byOwner.get(owner).length),
      ...hottest.map((band) => whole(byOwner.get(owner).filter((row) => row.band === band.band).length)),
      whole(byOwner.get(owner).reduce((sum, row) => sum + (alerts.get(row.account_id)?.length ?? 0), 0)),
    ]);
    const owned = card(
      "Whose queue?",
      "Accounts above the lowest band, by owner. Choose an owner to see who to call first.",
      plainTable(
        "Queues by owner",
        ["Owner", "Accounts#", ...hottest.map((band) => `${band.band}#`), `Alerts of ${DATA.publication.alert_days} days#`],
        rows,
      ),
    );
    owned.classList.add("narrow");
    return owned;
  }

  function queueOf(owner) {
    const rows = byOwner.get(owner);
    const news = rows
      .flatMap((row) => (alerts.get(row.account_id) ?? []).map((alert) => ({ ...alert, account_name: row.account_name })))
      .sort((one, other) => (one.created_on < other.created_on ? 1 : one.created_on > other.created_on ? -1 : 0));
    const table = el(
      "section",
      { class: "card table", "aria-label": "Queue" },
      makeTable(`Queue of ${ownerName(owner)}`, QUEUE_COLUMNS, rows.slice(0, QUEUE_ROWS)),
    );
    const more =
      rows.length > QUEUE_ROWS &&
      el(
        "button",
        {
          type: "button",
          class: "more",
          onclick: () => {
            table.replaceChildren(makeTable(`Queue of ${ownerName(owner)}`, QUEUE_COLUMNS, rows));
            more.remove();
            table.querySelectorAll("tbody a")[QUEUE_ROWS].focus();
          },
        },
        `Show all ${whole(rows.length)}`,
      );
    return [
      news.length > 0 &&
        card(
          "New alerts",
          `From the last ${DATA.publication.alert_days} days, newest first.`,
          el(
            "ul",
            { class: "news" },
            news.map((alert) =>
              el(
                "li",
                {},
                el("span", { class: "when" }, day(alert.created_on)),
                accountLink(alert.account_id, alert.account_name, "strong"),
                ` ${alertText(alert)} `,
                small(`for ${alert.recipient_role ?? "everyone"}`),
              ),
            ),
          ),
        ),
      table,
      more,
    ];
  }

  function show() {
    const wanted = spelt(owners.map(key), readAddress().get("owner") ?? (owners.length === 1 ? key(owners[0]) : ""));
    const owner = owners.find((one) => key(one) === wanted);
    select.value = owner === undefined ? "" : wanted;
    document.querySelector("h1").textContent = owner === undefined ? "Today" : `Today: ${ownerName(owner)}`;
    if (!queue.length)
      content.replaceChildren(
        el("p", { class: "card empty" }, "No account is above the lowest band, so there is no one to call."),
      );
    else if (owner === undefined)
      content.replaceChildren(
        ...[wanted && el("p", { class: "notice late" }, `No queue for ${wanted}.`), overview()].filter(Boolean),
      );
    else content.replaceChildren(...queueOf(owner).filter(Boolean));
  }

  MAIN.append(
    el(
      "form",
      { class: "filters", onsubmit: (event) => event.preventDefault() },
      el("label", {}, "Owner", select),
      el("button", { type: "button", onclick: () => window.print() }, "Print"),
    ),
    content,
  );
  window.addEventListener("hashchange", show);
  show();
  document.documentElement.dataset.ready = "true";
});
