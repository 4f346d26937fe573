"use strict";
// Did every source arrive, on time and complete?

// how an unknown word counts, and where to give it a meaning
const WORDS = {
  "event type": ["Event type", "The event scores nothing. Add the word to event_words.csv."],
  outcome: ["Outcome", "The activity counts as no conversation. Add the word to event_words.csv."],
  "opportunity stage": [
    "Opportunity stage",
    "The deal counts as open, unless the CRM flags it as closed. Add the stage to opportunity_stages.csv.",
  ],
  "lifecycle stage": ["Lifecycle stage", "The account counts as a prospect. Add the stage to lifecycle_stages.csv."],
  "no conversation": ["Outcome", "event_words.csv says that the activity counts as no conversation. No action needed."],
};
const MACHINES = {
  user_agent: "listed user agent",
  at_delivery: "within seconds of delivery",
  many_links: "many links at once",
};

const MOST = 50; // as in queries.py
const cut = (rows) => (rows.length < MOST ? "" : ` These are the first ${MOST}; the mart has all of them.`);

/** The examples of a row: those of its group, one per line. */
function examplesOf(table, ...columns) {
  const key = (row) => columns.map((column) => row[column]).join("\n");
  const groups = groupRows(rowsOf(table), key);
  return (row) => (groups.get(key(row)) ?? []).map((one) => el("div", {}, name(one.example)));
}

/** What the table of words holds. */
function wordsNote(words) {
  const ignored = words.filter((row) => row.kind === "no conversation").length;
  if (!words.length) return "All words are known.";
  if (ignored === words.length) return `All words are known. These outcomes count as no conversation.${cut(words)}`;
  const below = ignored ? " Below them: outcomes that count as no conversation." : "";
  return `Words of your tools that are in no seed.${below}${cut(words)}`;
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
    // rows can be newer than the scores
    const late = Math.max(0, row.days_late);
    const text =
      row.allowed_days_late === null
        ? el("span", { class: "quiet", title: "It only changes when someone edits it, so there is no limit." }, whole(late))
        : `${whole(late)} of ${whole(row.allowed_days_late)}`;
    return row.allowed_days_late !== null && late > 0
      ? el("strong", { class: late > row.allowed_days_late ? "change down" : "" }, text)
      : text;
  };
  MAIN.append(
    card(
      "Did all data arrive?",
      "Each raw table with its rows, rejected rows, rows with an account, and days late (of the days allowed).",
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
      "Which rows couldn't be used?",
      rejected.length ? "Rejected raw rows by reason. The mart rejected_records lists each row." : "All raw rows are used.",
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
      "Which words aren't understood?",
      wordsNote(words),
      words.length > 0 &&
        plainTable(
          "Words",
          ["Word", "It is", "Channel", "Rows#", "Newest~", "What to do"],
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
      "Which CRM values can't be used?",
      unusable.length
        ? `The row is used without the value, except deals without an account. See the mart unusable_values.${cut(unusable)}`
        : "All values can be used.",
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
          "Which events have no account?",
          unmatched.length ? "Events without an account, by reason." : "All events have an account.",
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
            ? `Domains that no account has, with the most events first.${cut(domains)}`
            : "None of these events has the domain of a company.",
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
            ? "Some do on purpose, such as sent emails. If a row surprises you, add a signal for it."
            : "All events are signals.",
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
          "Which events were made by machines?",
          machines.length
            ? "Scanners and crawlers score nothing. An unsubscribe counts even if a machine sent it."
            : "No event was made by a machine.",
          machines.length > 0 &&
            plainTable(
              "Machines",
              ["Source", "Event", "How it was recognised", "Events#", "Newest~", "For example"],
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
