// Every published table, as it is: for measures of one's own, and for whoever
// wants a number that no picture shows.

import { forest } from "../charts.js";
import { h } from "../dom.js";
import { columnsOf, figure, grid } from "../figure.js";
import { bar, definition, unitsBelow, whyHidden, writer } from "../questions.js";
import { spansUpTo } from "../state.js";
import { grouped, missing } from "../words.js";

export const everything = {
  id: "tables",
  title: "All numbers",
  lead: "Every table that is published, with what its numbers mean.",
  filters: ["table", "unit", "level", "period"],
  tables: ({ table }) => [table],
  async render(context) {
    const { page, state, go } = context;
    const table = page.tables.get(state.table);
    const span = spansUpTo(page, table, state.period).at(-1);
    if (!span) return h("p", {}, "This table has nothing up to this period.");
    // The unit itself, and what it is compared with.
    const own = new Set([page.units.get(state.unit), ...unitsBelow(page, state.unit, state.level)]);
    const rows = (await Promise.all([...own].map((unit) => table.every(unit.id, span)))).flat();
    const numbers = table.statistics.filter((name) => table.digits.has(name) && definition(page, table, name)?.unit !== "day");
    const statistic = numbers.includes(state.show) ? state.show : numbers[0];
    return [
      h("p", { class: "summary" }, h("strong", {}, table.question), ` ${span}, ${rows.length} rows.`),
      h("div", { class: "pick" }, h("label", { for: "show" }, "Picture of"),
        h("select", { id: "show", change: (event) => go({ show: event.target.value }) },
          numbers.map((name) => h("option", { value: name, selected: name === statistic }, name.replaceAll("_", " "))))),
      // Each metric has a unit of its own.
      [...new Set(rows.map((row) => row.metric))].map((metric) =>
        picture(context, table, rows.filter((row) => row.metric === metric), statistic, span)),
      leftOut(table, [page.units.get(state.unit).level, state.level]),
      h("section", {}, h("h2", {}, "What the columns mean"), meanings(page, table)),
      bounds(page, table),
    ];
  },
};

const MOST = 60;

function picture({ page, state }, table, rows, statistic, span) {
  const label = (row) => [page.units.get(row.unit).label, ...table.dimensions.filter((name) => name !== "metric").map((name) => table.label(name, row[name]))].join(" · ");
  const metric = rows[0]?.metric;
  const write = writer(page, table, statistic, { metric });
  const drawn = rows.slice(0, MOST);
  return figure({
    title: [table.name.replaceAll("_", " "), metric && table.label("metric", metric), statistic.replaceAll("_", " ")].filter(Boolean).join(": "),
    level: 2, rows, none: whyHidden(page, state.unit), shows: statistic, name: [table.name, metric, state.unit, `level-${state.level}`, span].filter(Boolean).join("-"),
    note: rows.length > MOST ? `The first ${MOST} rows are drawn.` : null,
    drawn, label, write,
    draw: (width) => forest(drawn.map((row) => bar(label(row), row[statistic])), { width, write }),
    columns: [
      { title: "Unit", value: (row) => page.units.get(row.unit).label },
      ...table.dimensions.map((name) => ({ title: name, value: (row) => table.label(name, row[name]) })),
      ...["cohort", ...table.others.map((other) => `cohort_${other}`)].flatMap((name) => columnsOf(name, name, grouped)),
      ...table.statistics.flatMap((name) => columnsOf(name, name, writer(page, table, name, { metric }))),
    ],
  });
}

function meanings(page, table) {
  const rows = table.statistics.map((name) => definition(page, table, name)).filter(Boolean);
  return h("div", { class: "scroll meanings", tabindex: "0", role: "region", "aria-label": "What the columns mean" }, grid([
    { title: "Column", value: (row) => row.statistic },
    { title: "Meaning", value: (row) => row.definition },
    { title: "Unit", value: (row) => row.unit },
    { title: "Interval", value: (row) => row.interval },
  ], rows));
}

/** Why numbers are missing of which a large level does not say it row by row. */
function leftOut(table, levels) {
  const rows = [...new Set(levels)].flatMap((level) =>
    Object.entries(table.leftOut.get(level) ?? {}).flatMap(([statistic, statuses]) =>
      Object.entries(statuses).map(([status, count]) => ({ level, statistic, status, count }))));
  if (rows.length === 0) return null;
  return h("section", {}, h("h2", {}, "What is left out"),
    h("p", { class: "note" }, "A level with so many rows says of some columns only what tells a difference, and not of each row why a number is missing. Of all units and periods of the level, so many rows have no number on this page:"),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What is left out" }, grid([
      { title: "Level", value: (row) => row.level },
      { title: "Column", value: (row) => row.statistic },
      { title: "Why", value: ({ status }) => (status === "ok" ? "in the Parquet tables alone" : missing(status)) },
      { title: "Rows", number: true, value: (row) => grouped(row.count) },
    ], rows)));
}

/** What the bounds of one person cut off. */
function bounds(page, table) {
  const rows = page.dimension("dim_bound").filter(({ measure }) => measure === table.name);
  if (rows.length === 0) return null;
  const percent = (x) => (x === null ? "" : `${(100 * x).toFixed(1)} %`);
  return h("section", {}, h("h2", {}, "What bounds cut off"),
    h("p", { class: "note" }, "What one person can move is bounded; what is beyond the bound counts nowhere. Of the whole organisation, at least so much:"),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What bounds cut off" }, grid([
      { title: "Release", value: (row) => row.release_id },
      { title: "Bound", value: (row) => `${row.bound === "max_cells" ? "keys a person" : `clip of ${row.statistic ?? row.metric}`}: ${row.limit}` },
      { title: "Lost", number: true, value: (row) => (row.lost_share === null ? "too uncertain" : percent(row.lost_share)) },
      { title: "Interval", value: (row) => (row.lost_share === null ? "" : `${percent(row.lost_share_low)} to ${percent(row.lost_share_high)}`) },
    ], rows)));
}
