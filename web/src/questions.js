// What views ask of the page: definitions, spans, hidden units, comparisons.

import { spansUpTo } from "./state.js";
import { count, format, formatDifference } from "./words.js";

/** Unit, definition and interval of a statistic, as published. */
export function definition(page, table, statistic) {
  return page.dimension("dim_measure")
    .find((row) => row.measure === table.name && row.statistic === statistic);
}

/** A metric, as declared. */
export const metricOf = (page, id) => page.dimension("dim_metric").find(({ metric }) => metric === id);

/** How a statistic's numbers are written. `metric` where they are a metric's. */
export function writer(page, table, statistic, { metric, difference = false } = {}) {
  const found = definition(page, table, statistic);
  const digits = table.digits.get(statistic)?.digits ?? 2;
  const own = metric && metricOf(page, metric);
  const share = own && own.range_low === 0 && own.range_high === 1;
  const unit = share ? "share" : found?.unit;
  return (difference ? formatDifference : format)(unit, digits);
}

/** A table and its newest span at the period that is looked at; null if there is none. */
export function at({ page, state }, name) {
  const table = page.tables.get(name);
  const spans = table ? spansUpTo(page, table, state.period) : [];
  return spans.length ? { table, span: spans.at(-1), spans } : null;
}

/** That a table of `things` has nothing up to the period that is looked at: see {@link at}. */
export function absent({ page, state }, name, things) {
  const table = page.tables.get(name);
  const [first] = table ? spansUpTo(page, table, page.head.releases.at(-1).period) : [];
  if (first === undefined) return `${things}: not published here.`;
  return `${things}: not yet. The first are those of ${first}, which had not ended with ${state.period}.`;
}

/** The units of a level that are the unit or below it, in the order of the tree. */
export function unitsBelow(page, unit, level) {
  const found = [];
  const visit = (node) => {
    if (node.level === level) found.push(node);
    else node.children.forEach(visit);
  };
  visit(page.units.get(unit));
  return found;
}

/** That a unit has no numbers, and what may be the reason. */
export function whyHidden(page, id) {
  const { label, parent } = page.units.get(id);
  if (parent === null) return "Nothing of this is published of the whole organisation in this period.";
  return `${label} has no numbers here: too few people for k and the noise, hidden with others so that nobody can subtract, or not published at its level or in this period. Its people count in the units above.`;
}

/**
 * What to say of a unit of which some tables have no number in any period, as a function of
 * its id; nothing if it has one, or if none of the tables is there.
 */
export function lacking(page, names) {
  const tables = names.map((name) => page.tables.get(name)).filter(Boolean);
  const units = (table) => table.words.get("org_unit").words;
  const sized = new Set(tables.flatMap(units));
  const told = new Set(tables.flatMap((table) => units(table).filter((id) => !table.sizesAlone.has(id))));
  if (sized.size === 0 || tables.length === 0) return () => "";
  return (id) => (told.has(id) ? "" : sized.has(id) ? "size alone" : "no numbers");
}

/** The units of which some rows have a statistic. */
export const having = (rows, ...statistics) =>
  new Set(rows.filter((row) => statistics.some((name) => row[name].value !== null)).map((row) => row.unit));

/** How many of some units have no numbers, in a sentence; null if all have. */
export function hiddenNote(page, units, shown) {
  const own = units.filter((unit) => !unit.isGroup);
  const hidden = own.filter((unit) => !shown.has(unit.id)).length;
  if (hidden === 0) return null;
  return `${hidden} of ${count(own.length, "unit")} of today's org chart ${hidden === 1 ? "has" : "have"} no numbers here: too few people for k and the noise, or hidden with others so that nobody can subtract. Their people count in the units above, and in “Other units” where that is shown.`;
}

/** Whether a unit is the same people's unit in all periods: a group of hidden ones is not. */
export const lasts = (page, id) => !page.units.get(id).isGroup;

/** Whether two figures differ: their intervals do not overlap. */
export function apart(one, other) {
  if (one.low === null || other.low === null) return null;
  if (one.low > other.high) return 1;
  if (one.high < other.low) return -1;
  return 0;
}

/** An interval against a line: above, below, or across it. */
export function against(figure, line) {
  if (figure.low === null) return null;
  if (figure.low > line) return 1;
  if (figure.high < line) return -1;
  return 0;
}

/** A row of a forest plot. */
export const bar = (label, figure, more = {}) => ({ label, ...figure, ...more });

/** The figures of a statistic over the spans of a unit, for pictures over time. */
export function history(rows, statistic, series) {
  return rows.map((row) => ({ when: row.period, ...row[statistic], series, row }));
}
