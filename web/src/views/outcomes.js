// Outcomes: progress, gaps over the org chart, programmes, business outcomes.

import { forest, overTime } from "../charts.js";
import { h } from "../dom.js";
import { columnsOf, figure, tableOf } from "../figure.js";
import { absent, against, at, bar, having, hiddenNote, metricOf, unitsBelow, whyHidden, writer } from "../questions.js";
import { fixed, grouped, list, missing, said } from "../words.js";

export const outcomes = {
  id: "outcomes",
  title: "Outcomes",
  lead: "What people get from coaching, and what the organisation gets. Differences are differences: who is coached was not drawn by lot.",
  filters: ["unit", "period", "level"],
  tables: () => ["competency_progress", "survey_items", "rater_agreement", "business_outcomes", "skill_gap", "programme_effect"],
  async render(context) {
    return [
      h("div", { class: "columns" },
        h("section", {}, h("h2", {}, "What people get"), await progress(context), await survey(context), await agreement(context)),
        h("section", {}, h("h2", {}, "What the organisation gets"), await business(context))),
      await gaps(context),
      await programmes(context),
      await businessByUnit(context),
    ];
  },
};

const none = (text) => h("p", { class: "note" }, text);

async function progress(context) {
  const { page, state } = context;
  const found = at(context, "competency_progress");
  if (!found) return none(absent(context, "competency_progress", "Progress between two assessments"));
  const { table, span } = found;
  const rows = await table.of(state.unit, span);
  if (rows.length === 0) return none(whyHidden(page, state.unit));
  const series = [...new Set(rows.map((row) => row.rater_group))];
  const competency = (row) => table.label("competency", row.competency);
  const by = (row) => table.label("rater_group", row.rater_group);
  const write = writer(page, table, "change", { difference: true });
  const share = writer(page, table, "share_improved");
  const drawn = (statistic) => rows.map((row) => bar(competency(row), row[statistic], { series: row.rater_group }));
  const columns = [
    { title: "Competency", value: competency },
    { title: "Rated by", value: by },
    ...columnsOf("cohort", "People", grouped),
    ...columnsOf("change", "Change", write),
    ...columnsOf("hedges_g", "Hedges' g", writer(page, table, "hedges_g", { difference: true })),
    ...columnsOf("share_improved", "Improved reliably", share),
    ...columnsOf("share_declined", "Declined reliably", share),
  ];
  return [
    figure({
      title: `Change between two assessments, ${span}`, rows, columns, shows: "change", name: `progress-${state.unit}-${span}`,
      note: `In points of the scale. ${legend(series, (name) => table.label("rater_group", name))} ${reading(rows, competency)}`,
      label: (row) => `${competency(row)}, by ${by(row)}`, write,
      draw: (width) => forest(drawn("change"), { width, write, rules: [0], series }),
    }),
    figure({
      title: "People who improved reliably", rows, shows: "share_improved", columns: columns.filter(({ title }) => !/^(Change|Hedges)/.test(title)),
      name: `improved-${state.unit}-${span}`,
      note: "By more than the instrument's error of measurement. Some would by chance: compare with those who declined, in the table.",
      label: (row) => `${competency(row)}, by ${by(row)}`, write: share,
      draw: (width) => forest(drawn("share_improved"), { width, write: share, series, share: true }),
    }),
  ];
}

const MARKS = ["● a circle", "◆ a diamond"];
const legend = (series, label) => series.length < 2 ? "" :
  `${series.map((name, place) => `${MARKS[place] ?? "a mark"}: rated by ${label(name).toLowerCase()}`).join("; ")}.`;

/** Which changes all raters tell, in words. */
function reading(rows, name) {
  const names = [...new Set(rows.map(name))];
  const sides = (one) => rows.filter((row) => name(row) === one).map((row) => against(row.change, 0));
  const all = (wanted) => names.filter((one) => sides(one).every((side) => side === wanted));
  const given = rows.filter((row) => row.change.value !== null).length;
  const chance = `Of ${given} intervals about ${Math.max(1, Math.round(given / 20))} would leave out zero by chance.`;
  return [all(1).length > 0 && `Above zero by all who rated: ${list(all(1))}.`, all(-1).length > 0 && `Below zero: ${list(all(-1))}.`,
    "The rest is uncertain.", chance].filter(Boolean).join(" ");
}

/** What people say themselves, if they are asked. */
async function survey(context) {
  const { page, state } = context;
  const found = at(context, "survey_items");
  if (!found) return null;
  const { table, span } = found;
  const rows = await table.of(state.unit, span);
  const item = (row) => table.label("item", row.item);
  const write = writer(page, table, "mean");
  const scales = page.dimension("dim_instrument").filter(({ instrument }) => rows.some((row) => row.instrument === instrument));
  return figure({
    title: `What people say, ${span}`, rows, shows: "mean", name: `survey-${state.unit}-${span}`, none: whyHidden(page, state.unit),
    note: scales.map((scale) => `${scale.label}: mean on a scale of ${scale.scale_low} to ${scale.scale_high}${scale.higher_is_better ? "" : ", less is better"}.`).join(" "),
    label: item, write,
    draw: (width) => forest(rows.map((row) => bar(item(row), row.mean)), { width, write }),
    columns: [
      { title: "Question", value: item },
      ...columnsOf("cohort", "Asked", grouped),
      ...columnsOf("mean", "Mean", write),
      ...columnsOf("share_top_box", "Top answers", writer(page, table, "share_top_box")),
    ],
  });
}

/** Whether people see themselves as others see them. */
async function agreement(context) {
  const { page, state } = context;
  const found = at(context, "rater_agreement");
  if (!found) return null;
  const { table, span } = found;
  const rows = await table.of(state.unit, span);
  const competency = (row) => table.label("competency", row.competency);
  const write = writer(page, table, "self_other_gap", { difference: true });
  return figure({
    title: `How people see themselves, ${span}`, rows, shows: "self_other_gap", name: `agreement-${state.unit}-${span}`, none: whyHidden(page, state.unit),
    note: `Own rating less that of others: right of the line people see themselves higher. ${reading(rows.map((row) => ({ ...row, change: row.self_other_gap })), competency)}`,
    label: competency, write,
    draw: (width) => forest(rows.map((row) => bar(competency(row), row.self_other_gap)), { width, write, rules: [0] }),
    columns: [
      { title: "Competency", value: competency },
      ...columnsOf("cohort", "People", grouped),
      ...columnsOf("self_other_gap", "Gap", write),
      ...columnsOf("r_wg", "Agreement of others", writer(page, table, "r_wg")),
    ],
  });
}

/** One picture a metric, since each has a unit of its own. */
async function business(context) {
  const { page, state } = context;
  const found = at(context, "business_outcomes");
  if (!found) return none(absent(context, "business_outcomes", "Absence, performance and the like"));
  const { table, span } = found;
  const rows = await table.of(state.unit, span);
  if (rows.length === 0) return none(whyHidden(page, state.unit));
  return rows.map((row) => {
    const metric = metricOf(page, row.metric);
    const write = writer(page, table, "mean_coached", { metric: row.metric });
    const change = writer(page, table, "difference", { metric: row.metric, difference: true });
    const pair = [bar("With coaching", row.mean_coached), bar("Without", row.mean_not_coached)];
    return figure({
      title: `${metric?.label ?? row.metric}, ${span}`, rows: [row], shows: "mean_coached", name: `${row.metric}-${state.unit}-${span}`,
      note: `Difference: ${said(row.difference, change)}. ${verdict(row.difference, metric)}`,
      told: `With coaching ${said(row.mean_coached, write)}, without ${said(row.mean_not_coached, write)}`,
      draw: (width) => forest(pair, { width, write }),
      columns: businessColumns(page, table, row.metric),
    });
  });
}

function businessColumns(page, table, metric) {
  const write = writer(page, table, "mean_coached", { metric });
  return [
    { title: "Metric", value: (row) => table.label("metric", row.metric) },
    ...columnsOf("cohort", "Coached", grouped),
    ...columnsOf("cohort_not_coached", "Not coached", grouped),
    ...columnsOf("mean_coached", "With coaching", write),
    ...columnsOf("mean_not_coached", "Without", write),
    ...columnsOf("difference", "Difference", writer(page, table, "difference", { metric, difference: true })),
  ];
}

/** Which side a difference speaks for. */
function verdict(difference, metric) {
  const side = against(difference, 0);
  if (side === null) return "";
  if (side === 0) return "Uncertain: the interval holds zero.";
  const good = (side > 0) === (metric?.higher_is_better ?? true);
  return `${side > 0 ? "Higher" : "Lower"} among the coached, ${good ? "which is the better side" : "which is the worse side"}; not by itself an effect of coaching.`;
}

const STEPS = [-0.25, 0.25, 0.5, 0.75, 1];

/** Gaps to the target, units by competencies; numbers say it, colour helps. */
async function gaps(context) {
  const { page, state } = context;
  const found = at(context, "skill_gap");
  if (!found) return null;
  const { table, span } = found;
  const units = [...new Set([page.units.get(state.unit), ...unitsBelow(page, state.unit, state.level)])];
  const rows = await table.ofAll(units, span);
  const targets = new Set(page.dimension("dim_target").map(({ competency }) => competency));
  const competencies = table.words.get("competency").words.filter((word) => rows.some((row) => row.competency === word))
    .sort((a, b) => targets.has(b) - targets.has(a));
  const cells = new Map(rows.map((row) => [`${row.unit}/${row.competency}`, row]));
  const there = new Set(rows.map((row) => row.unit));
  const visible = units.filter((unit) => there.has(unit.id)).slice(0, 60);
  const title = `Gaps to the target, ${span}`;
  const gap = writer(page, table, "gap", { difference: true });
  const level = writer(page, table, "mean_level");
  return h("section", { class: "wide" }, h("h2", { id: "gaps" }, title),
    h("p", { class: "note" }, "Target less mean level, in points: above zero is short of the target; ± is half the 95 % interval. Green is beyond it, orange short, darker the further. Where no target is declared the mean level stands in brackets. ",
      hiddenNote(page, units, having(rows, "gap", "mean_level"))),
    visible.length === 0 ? none(whyHidden(page, state.unit)) : [
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "gaps" },
        h("table", { class: "heat" },
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Unit"), competencies.map((word) => h("th", { scope: "col" }, table.label("competency", word))))),
          h("tbody", {}, visible.map((unit) => h("tr", {}, h("th", { scope: "row" }, unit.label),
            competencies.map((word) => heat(cells.get(`${unit.id}/${word}`), level))))))),
      tableOf({
        rows, name: `gaps-${state.unit}-${span}`, labelled: "gaps", title,
        columns: [
          { title: "Unit", value: (row) => page.units.get(row.unit).label },
          { title: "Competency", value: (row) => table.label("competency", row.competency) },
          ...columnsOf("cohort", "Assessed", grouped),
          ...columnsOf("mean_level", "Mean level", level),
          ...columnsOf("gap", "Gap", gap),
          ...columnsOf("share_at_target", "At target", writer(page, table, "share_at_target")),
        ],
      }),
    ]);
}

function heat(row, level) {
  if (!row) return h("td", { class: "hidden" }, "hidden");
  const { gap, mean_level: mean } = row;
  if (gap.value !== null) {
    const step = STEPS.findIndex((edge) => gap.value < edge);
    const half = (gap.high - gap.low) / 2;
    return h("td", { class: `step-${step < 0 ? STEPS.length : step}` }, fixed(gap.value, 2), h("small", {}, ` ±${fixed(half, 2)}`));
  }
  if (mean.value !== null && gap.status === "not_declared") return h("td", {}, `(${level(mean.value)})`);
  return h("td", { class: "hidden" }, missing(mean.value === null ? mean.status : gap.status));
}

/** Effects of programmes, by time since their start. */
async function programmes(context) {
  const { page, state } = context;
  const found = at(context, "programme_effect");
  if (!found) return null;
  const { table, spans } = found;
  const rows = (await table.of(state.unit)).filter((row) => spans.includes(row.period));
  if (rows.length === 0) return h("section", { class: "wide" }, h("h2", {}, "Programmes"), none(whyHidden(page, state.unit)));
  const groups = new Map();
  for (const row of rows) {
    const key = `${row.programme}/${row.metric}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return h("section", { class: "wide" }, h("h2", {}, "Programmes, by time since they started"),
    h("p", { class: "note" }, "Change of the metric since before the start, less that of the comparison units in the same time (difference-in-differences). 0 is the period of the start. Zero effect is the dashed line."),
    h("div", { class: "smalls" }, [...groups.values()].map((own) => effect(context, table, own))));
}

function effect({ page, state }, table, rows) {
  const [{ programme, metric }] = rows;
  const described = metricOf(page, metric);
  const write = writer(page, table, "effect", { metric, difference: true });
  const cohorts = [...new Set(rows.map((row) => row.start_cohort))].sort();
  const series = cohorts.slice(0, 2);
  const times = [...new Set(rows.map((row) => row.periods_since_start))].sort((a, b) => a - b);
  const sure = rows.filter((row) => against(row.effect, 0));
  return figure({
    title: `${table.label("programme", programme)}: ${described?.label ?? metric}`, rows, shows: "effect",
    name: `effect-${programme}-${metric}-${state.unit}`,
    note: `${described?.higher_is_better === false ? "Less is better. " : ""}${sure.length ? `${sure.length} of ${rows.length} intervals leave out zero. ` : "Uncertain: every interval holds zero. "}${series.length > 1 ? `● started ${series[0]}; ◆ started ${series[1]}.` : `Started ${series[0]}.`}`,
    label: (row) => `started ${row.start_cohort}, ${row.periods_since_start} periods later`, write,
    draw: (width) => overTime(
      rows.filter((row) => series.includes(row.start_cohort)).map((row) => ({ when: row.periods_since_start, ...row.effect, series: series.length > 1 ? row.start_cohort : undefined })),
      { width, height: 190, write, domain: times, rules: [0], series: series.length > 1 ? series : [] }),
    columns: [
      { title: "Started", value: (row) => row.start_cohort },
      { title: "Periods since", value: (row) => row.periods_since_start },
      { title: "Released for", value: (row) => row.period },
      ...columnsOf("cohort", "People", grouped),
      ...columnsOf("cohort_comparison", "Compared with", grouped),
      ...columnsOf("effect", "Effect", write),
    ],
  });
}

async function businessByUnit(context) {
  const { page, state } = context;
  const found = at(context, "business_outcomes");
  const units = unitsBelow(page, state.unit, state.level);
  if (!found || units.length < 2) return null;
  const { table, span } = found;
  const rows = await table.ofAll(units, span);
  const metrics = [...new Set(rows.map((row) => row.metric))];
  const label = (row) => page.units.get(row.unit).label;
  return h("section", { class: "wide" }, h("h2", {}, "With coaching and without, unit by unit"),
    h("p", { class: "note" }, "Difference with coaching less without, in the order of the org chart: no ranking. ", hiddenNote(page, units, having(rows, "difference"))),
    h("div", { class: "smalls" }, metrics.map((metric) => {
      const own = rows.filter((row) => row.metric === metric);
      const described = metricOf(page, metric);
      const write = writer(page, table, "difference", { metric, difference: true });
      return figure({
        title: described?.label ?? metric, rows: own, shows: "difference", name: `${metric}-by-unit-${span}`,
        note: described?.higher_is_better === false ? "Left of the line: lower with coaching, and less is better." : "Right of the line: higher with coaching.",
        drawn: own.slice(0, 40), label, write,
        draw: (width) => forest(own.slice(0, 40).map((row) => bar(label(row), row.difference)), { width, write, rules: [0] }),
        columns: [{ title: "Unit", value: label }, ...businessColumns(page, table, metric)],
      });
    })));
}
