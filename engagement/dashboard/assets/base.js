"use strict";
// Shared by all pages: where the data scripts are, elements, words, and the lines that say which data is shown.

const DATA = {}; // filled by the data scripts
const MAIN = document.getElementById("main");
const NO_VALUE = "–";

// the address holds the view, so this link moves the focus and leaves the address alone
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  MAIN.focus();
});

// ---- elements: text is only ever set as text, so no name in the data can become markup

function el(tag, attributes = {}, ...children) {
  const namespace = attributes.svg ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml";
  const node = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name !== "svg" && value !== null && value !== undefined && value !== false)
      node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// a name keeps its own writing direction; one with a very long word, such as a link, can break anywhere
const name = (text) => el("bdi", { class: /\S{20}/.test(text ?? "") ? "long" : null }, text ?? NO_VALUE);
const small = (...children) => el("span", { class: "small" }, ...children);

/** Replaces what is in a node. The focus stays on the button in the same place, or goes to what can have it. */
function redraw(node, ...children) {
  const buttons = () => [...node.querySelectorAll("button")];
  const place = buttons().indexOf(document.activeElement);
  node.replaceChildren(...children.filter(Boolean));
  if (place < 0) return;
  const same = buttons()[place];
  const next = same && !same.disabled ? same : node.querySelector("button:enabled, [tabindex]");
  next?.focus({ preventScroll: true });
}

function card(title, note, ...children) {
  const id = `about-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
  return el(
    "section",
    { class: "card", "aria-labelledby": id },
    el("h2", { id }, title),
    note && el("p", { class: "note" }, note),
    ...children,
  );
}

// ---- tables of the data scripts

/** The rows of a table as objects; null if the marts lack it. */
function rowsOf(table) {
  if (!table) return null;
  const names = Object.keys(table);
  const columns = names.map((key) =>
    Array.isArray(table[key]) ? table[key] : table[key].codes.map((code) => table[key].values[code]),
  );
  const rows = new Array(columns.length ? columns[0].length : 0);
  for (let place = 0; place < rows.length; place++) {
    const row = {};
    for (let column = 0; column < names.length; column++) row[names[column]] = columns[column][place];
    rows[place] = row;
  }
  return rows;
}

/** {key: rows of that key}, as a Map. */
function groupRows(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    const value = typeof key === "function" ? key(row) : row[key];
    groups.has(value) ? groups.get(value).push(row) : groups.set(value, [row]);
  }
  return groups;
}

/** FNV-1a of a text's UTF-8 bytes, as in site.py. It decides which bucket holds an account. */
function fnv1a(text) {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

/** Loads a data script once. Returns its content, or null if it is missing. */
function load(key) {
  if (DATA[key]) return Promise.resolve(DATA[key]);
  return new Promise((done) => {
    const script = el("script", {
      src: `data/${key}.js?v=${PAGE_VERSION}`,
      onload: () => {
        checkVersion(key);
        done(DATA[key] ?? null);
      },
      onerror: () => {
        notice("warning", "A file of this page is missing. A newer publication may have replaced it. Reload the page.");
        done(null);
      },
    });
    document.head.append(script);
  });
}

// ---- words

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "31 May", with the year if it isn't the year of the scores. */
function day(text) {
  if (!text) return NO_VALUE;
  const [year, month, date] = text.slice(0, 10).split("-");
  const short = `${Number(date)} ${MONTHS[month - 1]}`;
  return year === (DATA.publication.as_of_date ?? "").slice(0, 4) ? short : `${short} ${year}`;
}
const daysBetween = (from, to) => Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / 86400000);
const ago = (days) => (days === null ? "" : days === 0 ? "today" : days === 1 ? "yesterday" : `${whole(days)} days ago`);

const GROUPED = new Intl.NumberFormat("en");
const whole = (value) => (value === null || value === undefined ? NO_VALUE : GROUPED.format(Math.round(value)).replace("-", "−"));
const decimal = (value, digits) => (value === null || value === undefined ? NO_VALUE : value.toFixed(digits).replace("-", "−"));
const signed = (value, digits = 0) =>
  value === null || value === undefined ? NO_VALUE : `${value > 0 ? "+" : ""}${decimal(value, digits)}`;
const percent = (value, digits = 1) => (value === null || value === undefined ? NO_VALUE : `${decimal(100 * value, digits)} %`);
const interval = (low, high, show) =>
  low === null
    ? high === null
      ? NO_VALUE
      : `up to ${show(high)}`
    : high === null
      ? `${show(low)} or more`
      : `${show(low)} to ${show(high)}`;
const count = (number, one, many = `${one}s`) => `${whole(number)} ${number === 1 ? one : many}`;
const MONEY = [
  [1, "", 0],
  [1e3, "k", 0],
  [1e6, "M", 2],
  [1e9, "B", 2],
];
/** "$250k", in the first unit that needs no more than three digits before the point. */
function money(value) {
  if (value === null || value === undefined) return NO_VALUE;
  const amounts = MONEY.map(([unit, letter, digits]) => [Number((Math.abs(value) / unit).toFixed(digits)), letter]);
  const [amount, letter] = amounts.find(([rounded]) => rounded < 1000) ?? amounts.at(-1);
  return `${value < 0 && amount > 0 ? "−" : ""}$${GROUPED.format(amount)}${letter}`;
}
// letters that Unicode doesn't split into a plain one and an accent
const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", þ: "th", ı: "i" };
/** A text as it is searched: in small letters without accents. */
const searchable = (text) =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[ßæœøđðłþı]/g, (letter) => LETTERS[letter]);
const capital = (text) => text && text[0].toUpperCase() + text.slice(1);

/** Owners without the domain that they all share. */
function ownerNames(owners) {
  const domains = new Set(owners.filter(Boolean).map((owner) => owner.slice(owner.lastIndexOf("@"))));
  const shared = domains.size === 1 && [...domains][0].startsWith("@") ? [...domains][0].length : 0;
  return (owner) => (owner ? owner.slice(0, owner.length - shared) : "no owner");
}

/** What stands in the place of people's names that are missing or masked. */
const nobody = (text) => el("span", { class: "quiet" }, DATA.publication.is_masked ? "masked" : text);

const TRENDS = { up: "▲", down: "▼", flat: "→" };
/** A change over 7 days. A trend over other days doesn't turn its arrow round. */
function change(value, trend) {
  if (value === null || value === undefined) return el("span", { class: "quiet" }, NO_VALUE);
  const way = !value || !trend || trend === "flat" ? "flat" : value > 0 ? "up" : "down";
  return el(
    "span",
    { class: `change ${way}` },
    el("span", { "aria-hidden": "true" }, TRENDS[way]),
    ` ${signed(value)}`,
  );
}

// ---- the review is run by hand, so it can be older than the scores

const reviewCommands = () => [
  el("code", {}, "make review"),
  ", then ",
  el("code", {}, "make publish"),
  " and ",
  el("code", {}, "make dashboard"),
];

/** In words, how a row of the review differs from these scores; null if it is of them. */
function staleReview(row) {
  const hasOtherRules = row.config_version !== DATA.publication.config_version;
  if (!hasOtherRules && row.as_of_date === DATA.publication.as_of_date) return null;
  return `The review is from ${row.as_of_date}${hasOtherRules ? " and used other rules" : ""}.`;
}

const accountLink = (accountId, accountName, className) =>
  el("a", { href: `account.html#id=${encodeURIComponent(accountId)}`, class: className }, name(accountName ?? accountId));

function alertText(alert) {
  if (alert.kind === "threshold")
    return `reached ${GROUPED.format(alert.threshold)}: score ${whole(alert.measured)}, ${alert.band}`;
  // the rule may be gone
  const days = alert.window_days;
  const [within, before] = days ? [`in ${count(days, "day")}`, `in the ${days} before`] : ["in its window", "in the one before"];
  if (alert.kind === "acceleration")
    return `warming up faster: ${count(alert.measured, "more point")} ${within} than ${before}; score ${whole(alert.score)}, ${alert.band}`;
  if (alert.kind === "new_contacts")
    return `${count(alert.measured, "new person", "new people")} ${within}; score ${whole(alert.score)}, ${alert.band}`;
  return `${alert.alert}; score ${whole(alert.score)}, ${alert.band}`;
}

// ---- bands: the seed gives their number, names and order

const BAND_COLOURS = ["#d3dde8", "#e2a63f", "#c2521b", "#7d1a3c"];
const channels = (colour) => [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));

/** The colour of a band; 1 is the coldest. Colours are interpolated if there aren't four bands. */
function bandColour(order, bands) {
  const place = bands === 1 ? BAND_COLOURS.length - 1 : ((order - 1) * (BAND_COLOURS.length - 1)) / (bands - 1);
  const [low, high] = [BAND_COLOURS[Math.floor(place)], BAND_COLOURS[Math.ceil(place)]].map(channels);
  return `#${low
    .map((value, index) =>
      Math.round(value + (high[index] - value) * (place % 1))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

/** Black or white, whichever is easier to read on a colour. */
function inkOn(colour) {
  const [red, green, blue] = channels(colour).map((value) =>
    value / 255 <= 0.03928 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#1b2430" : "#ffffff";
}

/** [{band, min_score, ..., order, colour, ink}], the coldest first. */
function readBands() {
  const bands = rowsOf(DATA.publication.bands);
  return bands.map((band, index) => {
    const colour = bandColour(index + 1, bands.length);
    return { ...band, order: index + 1, colour, ink: inkOn(colour) };
  });
}

/** The band's name, with more bars the warmer it is, so that colour is never the only sign. */
function pill(bandName) {
  const band = BANDS.find((one) => one.band === bandName);
  if (!band) return el("span", { class: "quiet" }, name(bandName));
  const bars = BANDS.map((one, index) =>
    el("rect", {
      svg: true,
      x: 4 * index,
      width: 3,
      y: 9 - (9 * (index + 1)) / BANDS.length,
      height: (9 * (index + 1)) / BANDS.length,
      fill: "currentColor",
      opacity: index < band.order ? 1 : 0.3,
    }),
  );
  const node = el(
    "span",
    { class: "pill" },
    el("svg", { svg: true, width: 4 * BANDS.length, height: 9, "aria-hidden": "true" }, bars),
    name(band.band),
  );
  node.style.background = band.colour;
  node.style.color = band.ink;
  return node;
}

// ---- which data is shown, on every page

const DAYS_OLD = 3; // scores that are older get a notice; a build a day leaves out weekends

const PAGE_VERSION = document.querySelector("meta[name=publication]").content;

function notice(kind, ...children) {
  document
    .getElementById("notices")
    .append(el("p", { class: `notice ${kind}`, role: kind === "warning" ? "alert" : null }, ...children));
}

function checkVersion(key) {
  const version = DATA[key]?.version;
  if (version && version !== PAGE_VERSION) {
    notice(
      "warning",
      `These files come from two publications: the page from ${PAGE_VERSION}, data/${key}.js from ${version}. Reload the page, or copy the whole folder again.`,
    );
  }
}

let BANDS = [];

/** Runs the page if its data scripts exist. */
function start(needed, run) {
  const publication = DATA.publication;
  const lost = needed.find((key) => !DATA[key]);
  if (lost) return notice("warning", `The file data/${lost}.js is missing. Copy the whole folder again.`);
  Object.keys(DATA).forEach(checkVersion);
  BANDS = readBands();
  const parts = [
    publication.as_of_date ? `Scores of ${publication.as_of_date}` : "No scores yet",
    `rules ${publication.config_version ?? NO_VALUE}`,
    count(publication.prospects, "account"),
    publication.owner && `owner ${publication.owner}`,
    publication.is_masked && "personal data masked",
  ];
  document.getElementById("stamp").append(parts.filter(Boolean).join(" · "));
  const age = publication.as_of_date && daysBetween(publication.as_of_date, new Date().toISOString());
  if (age > DAYS_OLD) {
    const asOf = `${day(publication.as_of_date)} ${publication.as_of_date.slice(0, 4)}`;
    notice("late", `Scores as of ${asOf}, ${ago(age)}. These pages count days from then: "today" is ${asOf}.`);
  }
  const late = rowsOf(publication.late);
  if (late.length) {
    const sources = late.map(
      (source) =>
        `${source.source_table} ${count(source.days_late, "day")}${source.days_late > source.allowed_days_late ? " (too late)" : ""}`,
    );
    const health = document.querySelector('nav a[href="health.html"]') && el("a", { href: "health.html" }, "Health");
    notice("late", `Late sources: ${sources.join(", ")}. `, health);
  }
  run();
}
