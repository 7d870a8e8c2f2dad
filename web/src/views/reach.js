// Reach and mix: who is coached, how much, coaching or mentoring, growth or correction.

import { forest, overTime } from "../charts.js";
import { h } from "../dom.js";
import { columnsOf, figure } from "../figure.js";
import { at, bar, having, hiddenNote, history, lasts, unitsBelow, whyHidden, writer } from "../questions.js";
import { grouped, said } from "../words.js";

export const reach = {
  id: "reach",
  title: "Reach and mix",
  lead: "Who is reached, how steadily, and in which way.",
  filters: ["unit", "period", "level"],
  tables: () => ["coverage", ...TRENDS.map(([name]) => name)],
  async render(context) {
    const parts = [await coverage(context), await byUnit(context), await trends(context)].filter(Boolean);
    return parts.length ? parts : h("p", {}, "Nothing of this is published here.");
  },
};

/** A row of all job levels, or of a table that has none. */
const everybody = (row) => (row.job_level ?? "(all)") === "(all)";

/** How many people, how many of them coached, and their share. */
const sizes = (write) => [
  ...columnsOf("cohort", "People", grouped), ...columnsOf("n", "Coached", grouped), ...columnsOf("share", "Share", write)];

async function coverage(context) {
  const { page, state } = context;
  const found = at(context, "coverage");
  if (!found) return null;
  const { table, span, spans } = found;
  const write = writer(page, table, "share");
  const order = ["(all)", ...(table.words.get("job_level")?.words ?? []).filter((word) => word !== "(all)")];
  const rows = (await table.of(state.unit, span)).sort((a, b) => order.indexOf(a.job_level) - order.indexOf(b.job_level));
  if (rows.length === 0) return h("p", { class: "nothing" }, whyHidden(page, state.unit));
  const level = (row) => (row.job_level === undefined || row.job_level === "(all)" ? "Everybody" : row.job_level === "(other)" ? "Other job levels" : table.label("job_level", row.job_level));
  const past = (await table.of(state.unit)).filter((row) => everybody(row) && spans.includes(row.period));
  const columns = sizes(write);
  return h("div", { class: "columns" },
    figure({
      title: "Who is reached, by job level", level: 2, rows, shows: "share", name: `coverage-${state.unit}-${span}`,
      note: `Share of all people who had a session in ${span}. “Other job levels” are hidden ones, and one more, together.`,
      label: level, write,
      draw: (width) => forest(rows.map((row) => bar(level(row), row.share)), { width, write, share: true }),
      columns: [{ title: "Job level", value: level }, ...columns],
    }),
    figure({
      title: "Everybody, over time", level: 2, rows: past, shows: "share", name: `coverage-trend-${state.unit}`,
      label: (row) => row.period, write,
      draw: (width) => overTime(history(past, "share"), { width, write, domain: spans, zero: true, joined: lasts(page, state.unit) }),
      columns: [{ title: "Period", value: (row) => row.period }, ...columns],
    }));
}

async function byUnit(context) {
  const { page, state } = context;
  const found = at(context, "coverage");
  const units = unitsBelow(page, state.unit, state.level);
  if (!found || units.length < 2) return null;
  const { table, span } = found;
  const write = writer(page, table, "share");
  const rows = (await table.ofAll(units, span)).filter(everybody);
  const shown = having(rows, "share");
  const label = (row) => page.units.get(row.unit).label;
  const whole = (await table.of(state.unit, span)).find(everybody)?.share.value;
  const drawn = rows.slice(0, 40);
  return figure({
    title: "Who is reached, unit by unit", level: 2, rows, shows: "share", name: `coverage-by-unit-${span}`,
    note: ["In the order of the org chart: no ranking. ", whole != null && `The dashed line is ${page.units.get(state.unit).label}. `,
      rows.length > drawn.length && `The first ${drawn.length} of ${rows.length}; all are in the table. `, hiddenNote(page, units, shown)],
    drawn, label, write,
    draw: (width) => forest(drawn.map((row) => bar(label(row), row.share)), { width, write, share: true, rules: whole == null ? [] : [whole] }),
    columns: [{ title: "Unit", value: label }, ...sizes(write)],
  });
}

/** What is one number a unit and period, and the lines that it is judged by. */
const TRENDS = [
  ["coaching_mix", "coaching_share", "Coaching, of all minutes", "The rest is mentoring. The dashed line is 80 %.", [0.8]],
  ["coaching_mix", "share_near_80_20", "People near 80/20", "Whose own share of coaching is 70 to 90 %.", []],
  ["trigger_mix", "share_proactive", "Proactive sessions", "Growth, rather than correction after the fact; the dashed line is half.", [0.5]],
  ["engagement", "sessions_per_coachee", "Sessions a coachee", "In a period.", []],
  ["engagement", "minutes_per_coachee", "Minutes a coachee", "In a period.", []],
  ["engagement", "share_three_or_more", "Three sessions or more", "Share of coachees: continuous, rather than one-off.", []],
];

/** The newest number that is given. */
function latest(rows, statistic, write) {
  const row = rows.findLast((row) => row[statistic].value !== null);
  return row && [" ", h("span", { class: "whole" }, `${row.period}:`), ` ${said(row[statistic], write)}.`];
}

async function trends(context) {
  const { page, state } = context;
  const figures = await Promise.all(TRENDS.map(async ([name, statistic, title, note, rules]) => {
    const found = at(context, name);
    if (!found?.table.statistics.includes(statistic)) return null;
    const { table, spans } = found;
    const write = writer(page, table, statistic);
    const rows = (await table.of(state.unit)).filter((row) => spans.includes(row.period));
    return figure({
      title, note: [note, latest(rows, statistic, write)], rows, shows: statistic, none: whyHidden(page, state.unit), name: `${statistic}-${state.unit}`,
      label: (row) => row.period, write,
      draw: (width) => overTime(history(rows, statistic), { width, height: 180, write, domain: spans, rules, zero: true, joined: lasts(page, state.unit) }),
      columns: [{ title: "Period", value: (row) => row.period }, ...columnsOf("cohort", "Coachees", grouped), ...columnsOf(statistic, title, write)],
    });
  }));
  const shown = figures.filter(Boolean);
  return shown.length > 0 && h("section", { class: "wide" }, h("h2", {}, "How, over time"), h("div", { class: "smalls" }, shown));
}
