"use strict";
// Is every source there, on time and complete?

// what a word counts as that nobody has given a meaning, and where to give it one
const WORDS = {
  "event type": ["Event type", "The event scores nothing. Give the word a row in event_words.csv."],
  outcome: ["Outcome", "The activity counts as no conversation. Give the word a row in event_words.csv."],
  "opportunity stage": [
    "Stage of a deal",
    "The deal counts as open, unless its flags say more. Give the word a row in opportunity_stages.csv.",
  ],
  "lifecycle stage": ["Lifecycle stage", "The account counts as a prospect. Give the word a row in lifecycle_stages.csv."],
  "no conversation": ["Outcome", "The activity counts as no conversation, as event_words.csv says. Nothing to do."],
};
const MACHINES = {
  user_agent: "its name is a machine's",
  at_delivery: "within seconds of the delivery",
  many_links: "many links at once",
};

const MOST = 50; // as in queries.py
const cut = (rows) => (rows.length < MOST ? "" : ` These are the first ${MOST}; the mart holds all.`);

/** The examples of a row: those of the same group, one a line. */
function examplesOf(table, ...columns) {
  const key = (row) => columns.map((column) => row[column]).join("\n");
  const groups = groupRows(rowsOf(table), key);
  return (row) => (groups.get(key(row)) ?? []).map((one) => el("div", {}, name(one.example)));
}

start(["publication", "health"], () => {
  const data = DATA.health;
  const sources = rowsOf(data.sources);
  const rejected = rowsOf(data.rejected);
  const rejectedExamples = examplesOf(data.rejected_examples, "source_table", "rejection_reason");
  const words = rowsOf(data.words);
  const unusable = rowsOf(data.unusable);
  const unusableExamples = examplesOf(data.unusable_examples, "source_table", "column_name", "reason");
  const unmatched = rowsOf(data.unmatched);
  const domains = rowsOf(data.unmatched_domains);
  const unmapped = rowsOf(data.unmapped);
  const machines = rowsOf(data.machines);
  const machineExamples = examplesOf(data.machine_examples, "source_table", "event_type", "machine_reason");
  const lateness = (row) => {
    if (row.days_late === null) return el("span", { class: "quiet" }, "no row");
    const text =
      row.allowed_days_late === null
        ? el(
            "span",
            { class: "quiet", title: "It only changes when somebody edits it, so there is no limit." },
            whole(row.days_late),
          )
        : `${whole(row.days_late)} of ${whole(row.allowed_days_late)}`;
    return row.allowed_days_late !== null && row.days_late > 0
      ? el("strong", { class: row.days_late > row.allowed_days_late ? "change down" : "" }, text)
      : text;
  };
  MAIN.append(
    card(
      "Is everything there?",
      "Each raw table: rows, what was rejected, what found its account, and how late it is. Days late: of how many are allowed.",
      plainTable(
        "Sources",
        [
          "Source",
          "Rows#",
          "Used#",
          "Rejected#",
          "Unreadable values#",
          "Machines#",
          "Matched#",
          "Newest event",
          "Newest load",
          "Days late#",
        ],
        sources.map((row) => [
          [row.source_table, !row.is_required && small("optional")],
          whole(row.raw_rows),
          whole(row.staged_rows),
          whole(row.rejected_rows),
          whole(row.unreadable_values),
          whole(row.machine_rows),
          percent(row.share_matched),
          row.last_occurred_at ?? NO_VALUE,
          row.last_loaded_at ?? NO_VALUE,
          lateness(row),
        ]),
      ),
    ),
    card(
      "What could not be used?",
      rejected.length ? "Raw rows by reason. The mart rejected_records holds each of them." : "Every raw row is used.",
      rejected.length > 0 &&
        plainTable(
          "Rejected rows",
          ["Source", "Reason", "Rows#", "Newest load", "For example"],
          rejected.map((row) => [
            row.source_table,
            name(row.rejection_reason),
            whole(row.row_count),
            row.last_loaded_at ?? NO_VALUE,
            rejectedExamples(row),
          ]),
        ),
    ),
    card(
      "Which words are not understood?",
      words.length
        ? `Words of your tools that no seed row knows; below them, outcomes that are known to be no conversation.${cut(words)}`
        : "Every word is known.",
      words.length > 0 &&
        plainTable(
          "Words",
          ["Word", "It is", "Channel", "Rows#", "Newest~", "What follows"],
          words.map((row) => {
            const [kind, consequence] = WORDS[row.kind] ?? [row.kind, NO_VALUE];
            return [
              row.word ? name(row.word) : "(empty)",
              kind,
              row.channel ?? "crm",
              whole(row.event_count),
              day(row.last_occurred_at),
              consequence,
            ];
          }),
        ),
    ),
    card(
      "Which values of the CRM lead nowhere?",
      unusable.length
        ? `The row is used without the value; a deal without an account is not. See the mart unusable_values.${cut(unusable)}`
        : "Every value leads somewhere.",
      unusable.length > 0 &&
        plainTable(
          "Values",
          ["Source", "Column", "What is wrong", "Rows#", "For example"],
          unusable.map((row) => [
            row.source_table,
            row.column_name,
            name(row.reason),
            whole(row.row_count),
            unusableExamples(row),
          ]),
        ),
    ),
    el(
      "div",
      { class: "columns" },
      el(
        "div",
        {},
        card(
          "Whose events have no account?",
          unmatched.length ? "Events without an account, by reason." : "Every event has an account.",
          unmatched.length > 0 &&
            plainTable(
              "Unmatched events",
              ["Channel", "Event", "Reason", "Events#", "Newest~"],
              unmatched.map((row) => [
                row.channel,
                row.event_type ?? NO_VALUE,
                row.reason ?? NO_VALUE,
                whole(row.event_count),
                day(row.last_occurred_at),
              ]),
            ),
        ),
      ),
      el(
        "div",
        {},
        card(
          "Which accounts may be missing?",
          domains.length
            ? `Domains of these events, those with most events first.${cut(domains)}`
            : "None of these events has a domain.",
          domains.length > 0 &&
            plainTable(
              "Domains",
              ["Domain", "Events#", "Newest~"],
              domains.map((row) => [name(row.domain), whole(row.event_count), day(row.last_occurred_at)]),
            ),
        ),
        card(
          "Which events score nothing?",
          unmapped.length
            ? "Some do on purpose, such as sent mails. A surprise in here is a signal that is missing."
            : "Every event is a signal.",
          unmapped.length > 0 &&
            plainTable(
              "Unmapped events",
              ["Channel", "Event", "Page or outcome", "Events#", "Accounts#", "For example"],
              unmapped.map((row) => [
                row.channel,
                row.event_type ?? NO_VALUE,
                row.page_category ?? row.outcome ?? NO_VALUE,
                whole(row.event_count),
                whole(row.account_count),
                name(row.example_asset),
              ]),
            ),
        ),
        card(
          "Which events are a machine's?",
          machines.length
            ? "Scanners and crawlers score nothing. An unsubscribe counts whoever sent it."
            : "No event is a machine's.",
          machines.length > 0 &&
            plainTable(
              "Machines",
              ["Source", "Event", "How it was told", "Events#", "Newest~", "For example"],
              machines.map((row) => [
                row.source_table,
                row.event_type ?? NO_VALUE,
                MACHINES[row.machine_reason] ?? row.machine_reason,
                whole(row.event_count),
                day(row.last_occurred_at),
                machineExamples(row),
              ]),
            ),
        ),
      ),
    ),
  );
  document.documentElement.dataset.ready = "true";
});
