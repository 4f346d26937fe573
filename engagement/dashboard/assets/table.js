"use strict";
// A real <table> that can be sorted and paged, and the parts of a view that the URL keeps.

const COLLATOR = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Rows sorted by a column. Rows without a value come last in both directions; equal rows keep their order. */
function sortRows(rows, valueOf, descending) {
  const values = rows.map(valueOf);
  const isText = values.some((value) => typeof value === "string");
  let rank = values;
  if (isText) {
    // each distinct text is compared a few times instead of once per row
    const distinct = [...new Set(values.filter((value) => value !== null && value !== undefined))].sort(COLLATOR.compare);
    const places = new Map(distinct.map((value, place) => [value, place]));
    rank = values.map((value) => places.get(value));
  }
  const order = rows.map((_, place) => place);
  const missing = (place) => rank[place] === null || rank[place] === undefined;
  order.sort((one, other) => {
    if (missing(one) || missing(other)) return missing(one) - missing(other) || one - other;
    return (descending ? rank[other] - rank[one] : rank[one] - rank[other]) || one - other;
  });
  return order.map((place) => rows[place]);
}

/**
 * A table. A column is {key, title, value(row) to sort by, cell(row), class, note, first: "down" if the first click sorts downwards}.
 * Without `sort` nothing can be clicked.
 */
function makeTable(caption, columns, rows, { sort = null, onSort = null, rowClass = null } = {}) {
  const headings = columns.map((column) => {
    const active = sort && sort.key === column.key;
    const label =
      onSort && column.value
        ? el(
            "button",
            {
              type: "button",
              class: "sort",
              onclick: () => onSort({ key: column.key, descending: active ? !sort.descending : column.first === "down" }),
            },
            column.title,
            el("span", { class: "arrow", "aria-hidden": "true" }, active ? (sort.descending ? "▼" : "▲") : ""),
          )
        : column.title;
    return el(
      "th",
      {
        scope: "col",
        class: column.class,
        title: column.note,
        "aria-sort": active ? (sort.descending ? "descending" : "ascending") : null,
      },
      label,
    );
  });
  const body = rows.map((row) =>
    el(
      "tr",
      { class: rowClass && rowClass(row) },
      columns.map((column, place) =>
        el(place === 0 ? "th" : "td", { class: column.class, scope: place === 0 ? "row" : null }, column.cell(row)),
      ),
    ),
  );
  return el(
    "table",
    {},
    el("caption", { class: "hidden" }, caption),
    el("thead", {}, el("tr", {}, headings)),
    el("tbody", {}, body),
  );
}

/** A table that scrolls by itself if it is wider than the window. */
const scrolling = (label, table) => el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": label }, table);

/** A simple table: titles and rows of cells. A title ending in "#" means numbers, one ending in "~" means cells that don't wrap. */
function plainTable(caption, titles, rows) {
  const columns = titles.map((title, place) => ({
    title: title.replace(/[#~]$/, ""),
    class: title.endsWith("#") ? "number" : title.endsWith("~") ? "day" : null,
    cell: (row) => row[place] ?? NO_VALUE,
  }));
  return scrolling(caption, makeTable(caption, columns, rows));
}

// ---- the URL: it holds everything that makes a view, so that a view can be sent, and Back returns to it

function readAddress() {
  return new URLSearchParams(location.hash.slice(1));
}

/** The value that an address means; people write owners in any case. */
const spelt = (values, wanted) =>
  values.find((value) => value === wanted) ?? values.find((value) => value.toLowerCase() === wanted.toLowerCase()) ?? wanted;

function writeAddress(view) {
  const address = new URLSearchParams(
    Object.entries(view).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  );
  history.replaceState(null, "", `${location.pathname}${location.search}#${address}`);
}

// ---- CSV

/** Spreadsheets treat a text that begins like this as a formula, and would run it. */
const csvCell = (value) => {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = typeof value === "string" && /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

function saveCsv(fileName, columns, rows) {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((cells) =>
    cells.map(csvCell).join(","),
  );
  const address = URL.createObjectURL(new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" }));
  const link = el("a", { href: address, download: fileName });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
