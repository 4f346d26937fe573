"use strict";
// Is every source there, on time and complete?

start(["publication", "health"], () => {
  const data = DATA.health;
  const sources = rowsOf(data.sources);
  const rejected = rowsOf(data.rejected);
  const examples = groupRows(rowsOf(data.rejected_examples), (row) => `${row.source_table}\n${row.rejection_reason}`);
  const unmatched = rowsOf(data.unmatched);
  const domains = rowsOf(data.unmatched_domains);
  const unmapped = rowsOf(data.unmapped);
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
            name((examples.get(`${row.source_table}\n${row.rejection_reason}`) ?? []).map((one) => one.record_key).join(", ")),
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
          domains.length ? "Domains of these events, those with most events first." : "None of these events has a domain.",
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
      ),
    ),
  );
  document.documentElement.dataset.ready = "true";
});
