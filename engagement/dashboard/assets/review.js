"use strict";
// The monthly review: where the accounts are, whether scores predict, and what to change.

const OUTCOMES = { opportunity_created: "an opportunity", won: "a won deal" };
const data = DATA.review ?? {};

/** The rows of one scoring model, and of one outcome if there are several. */
const of = (name, model, outcome) =>
  (rowsOf(data[name]) ?? []).filter(
    (row) =>
      (row.scoring_model === undefined || row.scoring_model === model) && (row.outcome === undefined || row.outcome === outcome),
  );
const hasReview = (name) => data[name] !== null && data[name] !== undefined;
const asTable = (...args) => el("details", {}, el("summary", {}, "As a table"), plainTable(...args));
const bandOf = (bandName) => BANDS.find((band) => band.band === bandName);
const enough = (row) => (row.verdict === "enough data" ? "" : row.verdict);

// ---- where

function distributionCard(model) {
  const rows = of("distribution", model);
  if (!rows.some((row) => row.accounts))
    return card("Where are the accounts?", "No account has a score at the end of a month yet.");
  const months = [...groupRows(rows, "month_on")];
  const legend = el(
    "p",
    { class: "legend" },
    BANDS.map((band) => [pill(band.band), " "]),
  );
  return card(
    "Where are the accounts?",
    "Prospect accounts by status on the last day of each month.",
    legend,
    drawn((width) => distributionChart(rows, width)),
    asTable(
      "Accounts per status and month",
      ["Last day", ...BANDS.map((band) => `${band.band}#`)],
      months
        .reverse()
        .map(([, ones]) => [
          ones[0].last_day_on,
          ...BANDS.map((band) => whole(ones.find((row) => row.band === band.band)?.accounts ?? 0)),
        ]),
    ),
  );
}

function movesCard(model) {
  const rows = of("transitions", model);
  const months = [...groupRows(rows, "month_on")].reverse();
  if (!months.length) return card("Who moved?", "No account has scores at the ends of two months yet.");
  const body = el("div", {});
  const select = el(
    "select",
    { onchange: () => draw() },
    months.map(([month, ones], place) =>
      el(
        "option",
        { value: String(place) },
        `${MONTHS[Number(month.slice(5, 7)) - 1]} ${month.slice(0, 4)}${ones[0].is_complete ? "" : " so far"}`,
      ),
    ),
  );

  function draw() {
    const [, ones] = months[Number(select.value)];
    const known = [...BANDS].reverse().map((band) => band.band);
    const others = (key) => [...new Set(ones.map((row) => row[key]))].filter((band) => !bandOf(band)).sort();
    const [from, to] = [
      [...known, ...others("from_band")],
      [...known, ...others("to_band")],
    ];
    const total = (test) => ones.filter(test).reduce((sum, row) => sum + row.accounts, 0);
    const move = (row) =>
      bandOf(row.from_band) && bandOf(row.to_band) ? bandOf(row.to_band).order - bandOf(row.from_band).order : 0;
    const most = Math.max(...ones.map((row) => row.accounts), 1);
    const cells = from.map((before) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, bandOf(before) ? pill(before) : before),
        to.map((after) => {
          const found = ones.find((row) => row.from_band === before && row.to_band === after);
          const cell = el(
            "td",
            {
              class: before === after ? "number stayed" : "number",
              title: found?.share === null || !found ? null : `${percent(found.share, 0)} of ${before}`,
            },
            found ? whole(found.accounts) : el("span", { class: "quiet" }, "0"),
          );
          if (found) cell.style.background = `rgba(31, 95, 168, ${(0.06 + (0.3 * found.accounts) / most).toFixed(3)})`;
          return cell;
        }),
      ),
    );
    body.replaceChildren(
      el(
        "p",
        {},
        `${count(
          total((row) => move(row) > 0),
          "account",
        )} moved up, ${whole(total((row) => move(row) < 0))} down, ${whole(total((row) => row.to_band === "won"))} won. Points fade by themselves, so down is what happens without new engagement.`,
      ),
      scrolling(
        "Moves",
        el(
          "table",
          { class: "matrix" },
          el(
            "caption",
            { class: "hidden" },
            "Accounts by status at the end of the previous month (rows) and of this month (columns)",
          ),
          el(
            "thead",
            {},
            el(
              "tr",
              {},
              el("th", { scope: "col" }, "from \\ to"),
              to.map((band) => el("th", { scope: "col", class: "number" }, bandOf(band) ? pill(band) : band)),
            ),
          ),
          el("tbody", {}, cells),
        ),
      ),
    );
  }
  draw();
  return card(
    "Who moved?",
    "From the end of the previous month (rows) to the end of this month (columns).",
    el("label", { class: "inline" }, "Month ", select),
    body,
  );
}

// ---- does it predict

function conversionCard(model, outcome) {
  const rows = of("conversions", model, outcome).sort((one, other) => other.band_order - one.band_order);
  const n = rows.reduce((sum, row) => sum + row.n, 0);
  if (!n) return card("Do warmer accounts convert more often?", "No landmark has a known outcome yet.");
  const base = rows.reduce((sum, row) => sum + row.converted, 0) / n;
  const shown = rows.map((row) => ({
    name: row.band,
    value: row.rate,
    low: row.rate_low,
    high: row.rate_high,
    colour: bandOf(row.band)?.colour,
    note: `${whole(row.converted)}/${whole(row.n)}`,
  }));
  return card(
    "Do warmer accounts convert more often?",
    `Share with ${OUTCOMES[outcome]} after a landmark, with 95 % intervals. Dashed: ${percent(base)} of all ${whole(n)}. Right: converted/n.`,
    drawn((width) =>
      intervalChart(`Share that converted, by status, with intervals`, shown, {
        width,
        marginLeft: 76,
        reference: base,
        note: true,
        rowHeight: 34,
        x: {
          label: `share with ${OUTCOMES[outcome]}`,
          tickFormat: (value) => `${Math.round(100 * value)} %`,
          domain: [0, 1.04 * Math.max(0.05, base, ...rows.map((row) => row.rate_high ?? 0))],
        },
      }),
    ),
    asTable(
      "Conversion by status",
      ["Status", "n#", "Accounts#", "Converted#", "Rate#", "95 % interval", "Lift#", "Data"],
      rows.map((row) => [
        pill(row.band),
        whole(row.n),
        whole(row.accounts),
        whole(row.converted),
        percent(row.rate),
        interval(row.rate_low, row.rate_high, percent),
        decimal(row.lift, 2),
        enough(row),
      ]),
    ),
  );
}

function thresholdCard(model, outcome) {
  const rows = of("thresholds", model, outcome);
  const rules = (rowsOf(data.alert_rules) ?? []).filter((rule) => rule.kind === "threshold");
  if (!rows.some((row) => row.n)) return card("What would another threshold find?", "No landmark has a known outcome yet.");
  const largest = rows[rows.length - 1].threshold;
  let chosen = Math.min(Math.ceil(rules[Math.floor(rules.length / 2)]?.threshold ?? largest / 2), largest);
  const says = el("p", { class: "says", role: "status" });
  const chart = el(
    "div",
    {},
    drawn((width) => thresholdChart(rows, rules, chosen, width)),
  );
  const slider = el("input", {
    type: "range",
    min: rows[0].threshold,
    max: largest,
    step: 1,
    value: chosen,
    id: "threshold",
    oninput: () => {
      chosen = Number(slider.value);
      read();
    },
  });
  let pending = 0;
  function read() {
    const row = rows.find((one) => one.threshold === chosen);
    says.textContent =
      row &&
      [
        `At ${chosen}: `,
        row.alerts_per_week !== null && `${decimal(row.alerts_per_week, 1)} alerts a week, `,
        `${count(row.accounts_today, "account")} today. `,
        row.precision_rate === null
          ? `${row.verdict[0].toUpperCase()}${row.verdict.slice(1)}.`
          : `Of accounts without an opportunity, ${percent(row.precision_rate)} get ${OUTCOMES[outcome]} (95 % interval ${interval(row.precision_low, row.precision_high, percent)}; n = ${whole(row.n)}), and ${percent(row.recall, 0)} of all who do are among them.`,
      ]
        .filter(Boolean)
        .join("");
    slider.setAttribute("aria-valuetext", says.textContent);
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => chart.replaceChildren(drawn((width) => thresholdChart(rows, rules, chosen, width))));
  }
  read();
  const marked = rows.filter((row) => row.threshold % 10 === 0 || row.notify_roles);
  return card(
    "What would another threshold find?",
    "Precision: share of accounts at or above the threshold that convert, with its interval. Recall: share of conversions that are among them. Grey lines: today's alerts.",
    chart,
    el("label", { class: "slider" }, "Threshold", slider),
    says,
    asTable(
      "Thresholds",
      ["Threshold#", "Alerts", "A week#", "Accounts#", "n#", "Precision#", "95 % interval", "Recall#"],
      marked.map((row) => [
        whole(row.threshold),
        row.notify_roles ?? "",
        decimal(row.alerts_per_week, 1),
        whole(row.accounts_today),
        whole(row.n),
        percent(row.precision_rate),
        interval(row.precision_low, row.precision_high, percent),
        percent(row.recall, 0),
      ]),
    ),
  );
}

function questionsCard(model, outcome) {
  const rows = of("questions", model, outcome);
  if (!rows.length) return card("In words", "There are no answers yet.");
  return card(
    "In words",
    "The same as questions and answers.",
    el(
      "dl",
      { class: "answers" },
      rows.flatMap((row) => [el("dt", {}, row.question), el("dd", {}, row.answer)]),
    ),
  );
}

function signalsCard(model, outcome) {
  const ratios = new Map(of("review_conversions", model, outcome).map((row) => [row.signal, row]));
  const usesReview = ratios.size > 0;
  const rows = of("signals", model, outcome)
    .map((row) => {
      const ratio = ratios.get(row.signal);
      const [value, low, high] = usesReview
        ? [ratio?.risk_ratio ?? null, ratio?.risk_ratio_low ?? null, ratio?.risk_ratio_high ?? null]
        : [row.rate_with, row.rate_with_low, row.rate_with_high];
      const differs = usesReview
        ? low !== null && high !== null && (low > 1 || high < 1)
        : low !== null && high !== null && row.rate_without !== null && (low > row.rate_without || high < row.rate_without);
      return {
        ...row,
        name: row.label,
        value,
        low,
        high,
        colour: differs ? ACCENT : "#9aa5b1",
        note: `${decimal(row.points, row.points % 1 ? 1 : 0)} p`,
      };
    })
    .sort((one, other) => (other.value ?? -1) - (one.value ?? -1));
  const known = rows.filter((row) => row.value !== null);
  const note = usesReview
    ? "How much more often accounts with the signal convert than others of the same landmark, with 95 % intervals. Grey: the interval includes 1. Right: points today."
    : "Share of accounts with the signal that convert, with 95 % intervals. Right: points today. ";
  const bounds = known.flatMap((row) => [row.low, row.value, row.high]).filter((value) => value > 0);
  const chart = known.length
    ? drawn((width) =>
        intervalChart("Signals with intervals, with the highest conversion first", known, {
          width,
          reference: usesReview ? 1 : null,
          note: true,
          rowHeight: 21,
          x: usesReview
            ? {
                type: "log",
                label: "times as often",
                ticks: [0.1, 0.25, 0.5, 1, 2, 4, 8, 16].filter(
                  (tick) => tick >= Math.min(...bounds) && tick <= Math.max(...bounds),
                ),
                tickFormat: (value) => String(value),
                domain: [Math.min(0.5, ...bounds), Math.max(2, ...bounds)],
              }
            : {
                label: `share with ${OUTCOMES[outcome]}`,
                tickFormat: (value) => `${Math.round(100 * value)} %`,
                domain: [0, Math.max(0.05, ...bounds)],
              },
        }),
      )
    : null;
  return card(
    `Which signals come before ${OUTCOMES[outcome]}?`,
    known.length ? note : "There are too few conversions.",
    chart,
    asTable(
      "Signals",
      ["Signal", "Points#", "n with#", "Converted#", "Rate with#", "Rate without#", "Lift#", "Times as often", "95 % interval"],
      rows.map((row) => [
        row.label,
        decimal(row.points, 1),
        whole(row.n_with),
        whole(row.converted_with),
        percent(row.rate_with),
        percent(row.rate_without),
        decimal(row.lift, 2),
        usesReview ? decimal(row.value, 2) : NO_VALUE,
        usesReview ? interval(row.low, row.high, (value) => decimal(value, 2)) : NO_VALUE,
      ]),
    ),
  );
}

function pointsCard() {
  if (!hasReview("review_points")) return null;
  const labels = new Map((rowsOf(data.signals) ?? []).map((row) => [row.signal, row.label]));
  const label = (signal) => labels.get(signal) ?? signal;
  const points = rowsOf(data.review_points).sort(
    (one, other) =>
      (other.proposed_points !== null) - (one.proposed_points !== null) ||
      (other.log_odds_alone ?? -9) - (one.log_odds_alone ?? -9),
  );
  const proposed = points.filter((row) => row.proposed_points !== null);
  const lives = rowsOf(data.review_half_lives).filter((row) => row.half_life_days !== null);
  const range = (low, high) =>
    `${low === null ? "2 or less" : decimal(low, 0)} to ${high === null ? "2 years or more" : decimal(high, 0)}`;
  return card(
    "Should points or half-lives change?",
    "What the outcomes suggest. Nothing is applied automatically.",
    el(
      "p",
      { class: "strong" },
      proposed.length
        ? `Proposed: ${proposed.map((row) => `${label(row.signal)} ${decimal(row.points, 0)} → ${decimal(row.proposed_points, 0)}`).join(", ")}.`
        : "No change is proposed.",
    ),
    el(
      "details",
      {},
      el("summary", {}, `Points of ${count(points.length, "signal")}`),
      plainTable(
        "Suggested points",
        ["Signal", "Points#", "Suggested#", "95 % interval", "Proposed#", "Finding"],
        points.map((row) => [
          label(row.signal),
          decimal(row.points, 1),
          decimal(row.suggested_points, 1),
          interval(row.suggested_points_low, row.suggested_points_high, (value) => decimal(value, 1)),
          decimal(row.proposed_points, 0),
          row.finding,
        ]),
      ),
    ),
    el(
      "details",
      {},
      el("summary", {}, `Half-lives of ${count(lives.length, "signal")}`),
      lives.length
        ? plainTable(
            "Half-lives",
            ["Signal", "Days today#", "Estimated#", "95 % interval"],
            lives.map((row) => [
              label(row.signal),
              decimal(row.configured_days, 0),
              decimal(row.half_life_days, 0),
              range(row.half_life_days_low, row.half_life_days_high),
            ]),
          )
        : el("p", { class: "note" }, "There isn't enough data for any signal."),
    ),
  );
}

// ---- what comes

function forecastCard(model) {
  const bounds = new Map(of("review_forecasts", model).map((row) => [row.forecast_on, row]));
  const rows = of("forecasts", model).map((row) => ({
    ...row,
    expected_low: bounds.get(row.forecast_on)?.expected_low ?? null,
    expected_high: bounds.get(row.forecast_on)?.expected_high ?? null,
  }));
  if (!rows.length) return card("What will the quarter bring?", "There is no forecast yet.");
  const current = rows.find((row) => !row.is_backtest);
  return card(
    "What will the quarter bring?",
    `Square: expected opportunities${bounds.size ? ", with 95 % interval" : ""}. Dot: actual opportunities.`,
    current &&
      el(
        "p",
        { class: "strong" },
        current.expected === null
          ? "Not enough data for a forecast."
          : `By ${day(current.horizon_ends_on)}: ${decimal(current.expected, 1)} opportunities${current.expected_low !== null ? ` (${decimal(current.expected_low, 0)} to ${decimal(current.expected_high, 0)})` : ""}, ${money(current.expected_amount_usd)}, from ${count(current.accounts, "account")} without one.`,
      ),
    rows.some((row) => row.expected !== null || row.actual !== null) && drawn((width) => forecastChart(rows, width)),
    asTable(
      "Forecasts",
      ["Made on", "Until", "Accounts#", "Expected#", "95 % interval", "Came#", "Expected $#", "Came $#"],
      [...rows]
        .reverse()
        .map((row) => [
          row.forecast_on,
          row.horizon_ends_on,
          whole(row.accounts),
          decimal(row.expected, 1),
          interval(row.expected_low, row.expected_high, (value) => decimal(value, 0)),
          whole(row.actual),
          money(row.expected_amount_usd),
          money(row.actual_amount_usd),
        ]),
    ),
  );
}

function rankingCard() {
  if (!hasReview("review_ranking")) return null;
  const differences = rowsOf(data.review_differences ?? {}) ?? [];
  return card(
    "How good is the ranking?",
    "How often an account that will convert scores higher than one of the same month that won't. 50 % is chance.",
    plainTable(
      "Ranking",
      ["Scoring model", "Outcome", "Right#", "95 % interval", "n#", "Converted#"],
      rowsOf(data.review_ranking).map((row) => [
        row.scoring_model,
        OUTCOMES[row.outcome] ?? row.outcome,
        percent(row.auc),
        interval(row.auc_low, row.auc_high, percent),
        whole(row.n),
        whole(row.converted),
      ]),
    ),
    differences.length > 0 &&
      el(
        "p",
        { class: "note" },
        differences
          .filter((row) => row.auc_difference !== null)
          .map(
            (row) =>
              `${row.scoring_model} less ${row.primary_model}, ${OUTCOMES[row.outcome]}: ${signed(100 * row.auc_difference, 1)} points (${interval(row.auc_difference_low, row.auc_difference_high, (value) => signed(100 * value, 1))}).`,
          )
          .join(" "),
      ),
  );
}

function cyclesCard() {
  const medians = new Map((rowsOf(data.review_cycles ?? null) ?? []).map((row) => [row.band, row]));
  const rows = rowsOf(data.cycles) ?? [];
  return card(
    "How long does a deal take?",
    medians.size
      ? "Median days from creation to close, won or lost, taking open deals into account."
      : "Median days of won deals. Slow deals may still be open, so these medians can be short. The review takes open deals into account.",
    rows.length
      ? plainTable(
          "Sales cycles",
          ["Status when created", "Deals#", "Won#", "Lost#", "Open#", "Median days#", "95 % interval"],
          rows.map((row) => {
            const median = medians.get(row.band);
            return [
              pill(row.band),
              whole(row.opportunities),
              whole(row.won),
              whole(row.lost),
              whole(row.still_open),
              median ? decimal(median.median_days_to_close, 0) : decimal(row.median_days_to_won, 0),
              median ? interval(median.median_days_low, median.median_days_high, (value) => decimal(value, 0)) : NO_VALUE,
            ];
          }),
        )
      : null,
  );
}

function stabilityCard() {
  const rows = rowsOf(data.review_stability ?? null);
  if (!rows) return null;
  const sorted = rows.sort((one, other) => (bandOf(other.band)?.order ?? 0) - (bandOf(one.band)?.order ?? 0));
  return card(
    "Would accounts keep their status?",
    "Accounts that keep their status in at least nine of ten draws with other points and half-lives.",
    plainTable(
      "Stability",
      ["Status", "Accounts#", "Keep it#"],
      sorted.map((row) => [pill(row.band), whole(row.accounts), whole(row.stable)]),
    ),
  );
}

function campaignsCard() {
  const rows = rowsOf(data.campaigns) ?? [];
  return card(
    "Which campaigns are followed by warmer accounts?",
    rows.length
      ? "Accounts often engage with campaigns when they are active anyway, so this doesn't prove a cause."
      : "No account has engaged with a campaign yet.",
    rows.length > 0 &&
      plainTable(
        "Campaigns",
        ["Campaign", "Accounts#", "Events#", "Points#", "Mean change#", "Moved up#"],
        rows
          .slice(0, 30)
          .map((row) => [
            name(row.campaign),
            whole(row.accounts),
            whole(row.engagements),
            whole(row.points),
            signed(row.mean_score_change, 1),
            whole(row.moved_up),
          ]),
      ),
  );
}

function reviewLine() {
  const [ranking] = rowsOf(data.review_ranking ?? null) ?? [];
  if (!hasReview("review_ranking"))
    return el(
      "p",
      { class: "notice hint" },
      "For the ranking, suggested points, half-lives and the forecast's interval, run ",
      reviewCommands(),
      ".",
    );
  const stale = ranking && staleReview(ranking);
  return stale ? el("p", { class: "notice late" }, stale, " To update it, run ", reviewCommands(), ".") : null;
}

start(["publication", "review"], () => {
  const models = [...new Set((rowsOf(data.distribution) ?? []).map((row) => row.scoring_model))];
  const [primary] = rowsOf(data.primary) ?? [];
  const content = el("div", {});
  const choice = (key, label, options) =>
    el(
      "label",
      {},
      label,
      el(
        "select",
        {
          name: key,
          onchange: (event) => {
            writeAddress({ ...Object.fromEntries(readAddress()), [key]: event.target.value });
            show();
          },
        },
        options.map(([value, text]) => el("option", { value }, text)),
      ),
    );
  const choices = [
    choice("outcome", "Outcome", Object.entries(OUTCOMES)),
    models.length > 1 &&
      choice(
        "model",
        "Scoring model",
        models.map((model) => [model, model === primary?.scoring_model ? `${model} (primary)` : model]),
      ),
  ].filter(Boolean);

  function show() {
    const address = readAddress();
    const outcome = OUTCOMES[address.get("outcome")] ? address.get("outcome") : "opportunity_created";
    const model = models.includes(address.get("model")) ? address.get("model") : (primary?.scoring_model ?? models[0] ?? null);
    for (const label of choices) {
      const select = label.querySelector("select");
      select.value = select.name === "outcome" ? outcome : model;
    }
    content.replaceChildren(
      ...[
        reviewLine(),
        el("div", { class: "columns" }, el("div", {}, distributionCard(model)), el("div", {}, movesCard(model))),
        el(
          "div",
          { class: "columns" },
          el("div", {}, conversionCard(model, outcome)),
          el("div", {}, thresholdCard(model, outcome)),
        ),
        el(
          "div",
          { class: "columns" },
          el("div", {}, signalsCard(model, outcome), questionsCard(model, outcome)),
          el("div", {}, forecastCard(model), rankingCard(), pointsCard(), cyclesCard(), stabilityCard(), campaignsCard()),
        ),
      ].filter(Boolean),
    );
    document.documentElement.dataset.ready = "true";
  }
  MAIN.append(el("form", { class: "filters", onsubmit: (event) => event.preventDefault() }, choices), content);
  window.addEventListener("hashchange", show);
  show();
});
