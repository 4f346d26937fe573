"use strict";
// Charts, drawn by Observable Plot. Each has a name, and a table with its numbers beside it.

const INK = "#1b2430";
const QUIET = "#5b6675";
const ACCENT = "#1f5fa8";
const FONT = "13px system-ui, sans-serif";

/** A figure that is redrawn when its width changes. */
function drawn(draw) {
  const figure = el("figure", { class: "chart" });
  let width = 0;
  new ResizeObserver(() => {
    const now = Math.floor(figure.clientWidth);
    if (now === width || now < 50) return;
    width = now;
    figure.replaceChildren(draw(now));
  }).observe(figure);
  return figure;
}

function plot(label, options) {
  const chart = Plot.plot({ style: { font: FONT, overflow: "visible", background: "none", color: INK }, ...options });
  // the chart has one name; its parts aren't separate elements
  chart.querySelectorAll("[aria-label]").forEach((part) => part.removeAttribute("aria-label"));
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", label);
  return chart;
}

const utc = (text) => new Date(`${text.slice(0, 10)}T00:00:00Z`);

/** The score by day over the bands. The axis is a square root, because the upper bands would squeeze the others. */
function historyChart(history, alerts, end, width) {
  const points = history.map((row) => ({ date: utc(row.score_date), score: row.score }));
  points.push({ date: utc(end), score: points[points.length - 1].score });
  const lowest = Math.min(0, ...BANDS.map((band) => band.min_score ?? 0));
  const top = 1.12 * Math.max(...points.map((point) => point.score), BANDS[BANDS.length - 1].min_score ?? 0, 1);
  const [first, last] = [points[0].date, points[points.length - 1].date];
  const areas = BANDS.map((band, place) => ({
    ...band,
    from: Math.max(band.min_score ?? lowest, lowest),
    to: Math.min(BANDS[place + 1]?.min_score ?? top, top),
  })).filter((band) => band.to > band.from);
  const height = top > 150 ? 300 : 250;
  const pixel = (score) => ((height - 44) * Math.sqrt(score - lowest)) / Math.sqrt(top - lowest);
  const middle = (band) => ((Math.sqrt(band.from - lowest) + Math.sqrt(band.to - lowest)) / 2) ** 2 + lowest;
  // labels that would overlap are left out, the higher ones first
  const apart = (values, place) =>
    values.filter((value, index) => index === values.length - 1 || pixel(place(values[index + 1])) - pixel(place(value)) >= 13);
  const bounds = areas.map((band) => band.from).filter((score) => score > lowest);
  const ticks = apart(
    [...bounds, ...[100, 200, 400, 800, 1600, 3200].filter((score) => score < top && score > 1.3 * bounds.at(-1))],
    (score) => score,
  );
  const scoreOn = (on) => points.filter((point) => point.date <= utc(on)).at(-1)?.score;
  const marks = alerts
    .filter((alert) => utc(alert.created_on) >= first && utc(alert.created_on) <= last)
    .map((alert) => ({ ...alert, date: utc(alert.created_on), at: scoreOn(alert.created_on) }));
  const now = points[points.length - 1].score;
  return plot(
    `Score by day from ${history[0].score_date} to ${end}; now ${now}, at most ${Math.max(...points.map((point) => point.score))}. The lines show where the bands begin.`,
    {
      width,
      height,
      marginLeft: 40,
      marginRight: 74,
      marginBottom: 30,
      marginTop: 14,
      x: {
        type: "utc",
        label: null,
        ticks: Math.max(3, Math.floor(width / 90)),
        domain: first < last ? [first, last] : undefined,
      },
      y: { type: "sqrt", domain: [lowest, top], label: null, ticks, grid: false },
      marks: [
        Plot.rect(areas, { x1: first, x2: last, y1: "from", y2: "to", fill: "colour", fillOpacity: 0.18 }),
        Plot.ruleY(areas.slice(1), { y: "from", stroke: "colour", strokeWidth: 1.2, x1: first, x2: last }),
        Plot.text(apart(areas, middle), { x: last, y: middle, text: "band", textAnchor: "start", dx: 8, fill: INK }),
        Plot.areaY(points, { x: "date", y1: lowest, y2: "score", curve: "step-after", fill: ACCENT, fillOpacity: 0.12 }),
        Plot.lineY(points, { x: "date", y: "score", curve: "step-after", stroke: ACCENT, strokeWidth: 1.8 }),
        Plot.dot(marks, {
          x: "date",
          y: "at",
          symbol: "diamond",
          r: 5,
          fill: INK,
          stroke: "white",
          title: (alert) => `${alert.created_on}: ${alert.message ?? alert.alert}`,
        }),
      ],
    },
  );
}

/** The range of counts, which has a height even if all of them are 0. */
const fromZero = (counts) => [0, Math.max(1, ...counts)];

/** Accounts per band at the end of each month, with the warmest at the bottom. */
function distributionChart(rows, width) {
  const order = new Map(BANDS.map((band) => [band.band, band.order]));
  const known = rows.filter((row) => order.has(row.band)).sort((one, other) => order.get(other.band) - order.get(one.band));
  const total = (ones) => ones.reduce((sum, row) => sum + row.accounts, 0);
  return plot("Accounts per band at the end of each month, as stacked bars; the table below has the numbers.", {
    width,
    height: 250,
    marginLeft: 44,
    marginBottom: 40,
    x: {
      type: "band",
      label: null,
      tickFormat: (month) =>
        width < 560 && Number(month.slice(5, 7)) % 3 !== 1
          ? ""
          : `${MONTHS[Number(month.slice(5, 7)) - 1]}${month.slice(5, 7) === "01" ? `\n${month.slice(0, 4)}` : ""}`,
    },
    y: { label: null, grid: true, nice: true, ticks: 5, domain: fromZero([...groupRows(known, "month_on").values()].map(total)) },
    color: { domain: BANDS.map((band) => band.band), range: BANDS.map((band) => band.colour) },
    marks: [
      Plot.barY(known, {
        x: (row) => row.month_on.slice(0, 7),
        y: "accounts",
        fill: "band",
        order: null,
        inset: 0.5,
        title: (row) => `${row.band}: ${row.accounts}`,
      }),
      Plot.ruleY([0]),
    ],
  });
}

/** A dot with its interval for each row, and a line at the value if all rows were alike. */
function intervalChart(label, rows, { width, x, reference = null, marginLeft = 190, note = null, rowHeight = 24 }) {
  const known = rows.filter((row) => row.value !== null);
  const left = Math.min(marginLeft, Math.round(width * 0.44));
  return plot(label, {
    width,
    height: 46 + rowHeight * rows.length,
    marginLeft: left,
    marginRight: note ? 54 : 16,
    marginTop: 6,
    marginBottom: 40,
    x: { grid: true, labelAnchor: "center", ticks: Math.max(2, Math.min(5, Math.floor((width - left) / 60))), ...x },
    y: { label: null, domain: rows.map((row) => row.name), tickSize: 0, tickFormat: (text) => shortened(text, left) },
    marks: [
      reference !== null && Plot.ruleX([reference], { stroke: QUIET, strokeDasharray: "4 3" }),
      Plot.ruleY(
        known.filter((row) => row.low !== null && row.high !== null),
        {
          y: "name",
          x1: "low",
          x2: "high",
          stroke: (row) => row.colour ?? ACCENT,
          strokeWidth: 4,
          strokeOpacity: 0.55,
          strokeLinecap: "round",
        },
      ),
      // the line in the middle makes a pale colour visible
      Plot.ruleY(known, { y: "name", x1: "low", x2: "high", stroke: INK, strokeWidth: 1 }),
      Plot.dot(known, { y: "name", x: "value", r: 4.5, fill: (row) => row.colour ?? ACCENT, stroke: INK, strokeWidth: 1 }),
      note && Plot.text(rows, { y: "name", text: "note", frameAnchor: "right", dx: 50, textAnchor: "end", fill: QUIET }),
    ].filter(Boolean),
  });
}
const shortened = (text, pixels) =>
  text.length * 7 > pixels ? `${text.slice(0, Math.max(4, Math.floor(pixels / 7) - 1))}…` : text;

const LABEL_LINES = 3; // roles of neighbouring thresholds stand on lines of their own

/** Precision with its interval, recall, and today's alert thresholds. */
function thresholdChart(rows, alerts, chosen, width) {
  const known = rows.filter((row) => row.precision_rate !== null);
  const lines = [...groupRows(alerts, "threshold")].map(([threshold, rules], place) => ({
    threshold,
    text: rules.map((rule) => rule.notify_role).join(", "),
    level: place % LABEL_LINES,
  }));
  return plot("Precision and recall for each threshold; the table below has the numbers.", {
    width,
    height: 224 + 14 * LABEL_LINES,
    marginLeft: 48,
    marginRight: 66,
    marginBottom: 40,
    marginTop: 8 + 14 * LABEL_LINES,
    x: { label: "threshold (score)", labelAnchor: "center", domain: [0, Math.max(...rows.map((row) => row.threshold), 1)] },
    y: { label: null, percent: true, domain: [0, 100], grid: true, tickFormat: (value) => `${value} %`, ticks: 5 },
    marks: [
      Plot.areaY(known, { x: "threshold", y1: "precision_low", y2: "precision_high", fill: ACCENT, fillOpacity: 0.18 }),
      Plot.lineY(known, { x: "threshold", y: "precision_rate", stroke: ACCENT, strokeWidth: 2 }),
      Plot.lineY(
        rows.filter((row) => row.recall !== null),
        { x: "threshold", y: "recall", stroke: "#7d1a3c", strokeWidth: 2, strokeDasharray: "6 4" },
      ),
      Plot.ruleX(lines, { x: "threshold", stroke: QUIET, strokeOpacity: 0.6 }),
      ...Array.from({ length: LABEL_LINES }, (_, level) =>
        Plot.text(
          lines.filter((line) => line.level === level),
          {
            x: "threshold",
            frameAnchor: "top",
            dy: -14 * (level + 1),
            text: (line) => shortened(line.text, width / 4),
            fill: QUIET,
          },
        ),
      ),
      Plot.ruleX([chosen], { stroke: INK, strokeWidth: 2 }),
      Plot.text(known.slice(-1), {
        x: "threshold",
        y: "precision_rate",
        text: ["precision"],
        textAnchor: "start",
        dx: 6,
        fill: ACCENT,
      }),
      Plot.text(rows.filter((row) => row.recall !== null).slice(-1), {
        x: "threshold",
        y: "recall",
        text: ["recall"],
        textAnchor: "start",
        dx: 6,
        fill: "#7d1a3c",
      }),
    ],
  });
}

/** Expected opportunities, with the review's interval if there is one, and actual opportunities. */
function forecastChart(rows, width) {
  const month = (row) => row.forecast_on.slice(0, 7);
  return plot("Expected and actual opportunities by day of the forecast; the table below has the numbers.", {
    width,
    height: 230,
    marginLeft: 40,
    marginBottom: 44,
    x: {
      type: "point",
      label: "forecast made at the end of",
      labelAnchor: "center",
      tickFormat: (text) =>
        width < 480 && rows.length > 6 && Number(text.slice(5, 7)) % 3 !== 1 ? "" : MONTHS[Number(text.slice(5, 7)) - 1],
      domain: rows.map(month),
    },
    y: {
      label: null,
      grid: true,
      nice: true,
      ticks: 5,
      domain: fromZero(rows.flatMap((row) => [row.expected, row.expected_high, row.actual])),
    },
    marks: [
      Plot.ruleX(
        rows.filter((row) => row.expected_low !== null),
        { x: month, y1: "expected_low", y2: "expected_high", stroke: ACCENT, strokeWidth: 9, strokeOpacity: 0.3 },
      ),
      Plot.dot(
        rows.filter((row) => row.expected !== null),
        { x: month, y: "expected", symbol: "square", r: 4, fill: ACCENT },
      ),
      Plot.dot(
        rows.filter((row) => row.actual !== null),
        { x: month, y: "actual", symbol: "circle", r: 5, fill: "#c2521b", stroke: "white" },
      ),
      Plot.ruleY([0]),
    ],
  });
}
