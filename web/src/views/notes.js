// Compare notes: what comes up, rises, is peculiar to a unit, goes with progress.

import { forest, overTime } from "../charts.js";
import { h } from "../dom.js";
import { columnsOf, figure } from "../figure.js";
import { absent, at, bar, having, hiddenNote, history, lasts, unitsBelow, whyHidden, writer } from "../questions.js";
import { count, grouped, missing, reasons, said } from "../words.js";
import { newTerms } from "./terms.js";

const TOP = 10;

export const notes = {
  id: "notes",
  title: "Compare notes",
  lead: "What comes up in coaching, and where. Nobody's words: how many people spoke of what.",
  filters: ["unit", "period", "competency", "level"],
  tables: () => ["theme_prevalence"],
  async render(context) {
    const found = at(context, "theme_prevalence");
    if (!found) return [h("p", {}, absent(context, "theme_prevalence", "Themes")), await newTerms(context)];
    const { page, state } = context;
    const { table, span } = found;
    const rows = chosen(context, await table.of(state.unit, span));
    if (rows.length === 0) return h("p", { class: "nothing" }, whyHidden(page, state.unit));
    return [
      summary(context, rows, span),
      h("div", { class: "columns" },
        await comesUp(context, found, rows), h("div", {}, rises(context, found, rows), peculiar(context, found, rows))),
      await overPeriods(context, found, rows),
      await byUnit(context, found, rows),
      await newTerms(context),
      await progress(context),
    ];
  },
};

const chosen = ({ state }, rows) =>
  rows.filter((row) => !state.competency || row.competency === state.competency);

/** A key as people read it: with its competency where several are shown. */
const key = ({ state }, table) => (row) => {
  const theme = table.label("theme", row.theme);
  return state.competency ? theme : `${theme} · ${table.label("competency", row.competency)}`;
};

const given = (rows) => rows.filter((row) => row.share.value !== null);

/** Those that come up most; what has no name of its own does not rank. */
const top = (rows) =>
  given(rows).filter((row) => row.theme !== "other").sort((a, b) => b.share.value - a.share.value).slice(0, TOP);

function summary(context, rows, span) {
  const { page, state } = context;
  const { cohort } = rows[0];
  const unit = page.units.get(state.unit).label;
  const shown = given(rows).length;
  const left = rows.length - shown;
  const why = reasons(rows.filter((row) => row.share.value === null).map((row) => row.share.status));
  return h("p", { class: "summary" }, `${unit}, ${span}: about ${said(cohort, (x) => grouped(Math.round(x)))} coachees. `,
    left > 0 && `${left} of ${rows.length} themes have no number (${why.join("; ")}). `, shown > 0 && cap(context, span));
}

/** How many keys a person counts under, in the release of a span, and where it is told what that cuts off. */
function cap(context, span) {
  const { page } = context;
  const release = page.dimension("dim_period").find(({ period }) => period === span)?.release_id;
  const bound = page.dimension("dim_bound")
    .find((row) => row.measure === "theme_prevalence" && row.bound === "max_cells" && row.release_id === release);
  if (!bound) return null;
  const little = bound.lost_share > 0.1 ? "" : "a little ";
  return [`At most ${count(bound.limit, "theme")} a person count, so shares are ${little}low: see “What bounds cut off” in `, allNumbers(context), "."];
}

async function comesUp(context, { table, span }, rows) {
  const { page, state } = context;
  const write = writer(page, table, "share");
  const name = key(context, table);
  const whole = state.unit === page.root.id ? [] : await table.of(page.root.id, span);
  const reference = new Map(whole.map((row) => [`${row.competency}/${row.theme}`, row.share.value]));
  const of = (row) => reference.get(`${row.competency}/${row.theme}`) ?? null;
  const shown = top(rows);
  return figure({
    title: "What comes up", level: 2,
    note: [`Share of coachees with whom it came up, the ${TOP} largest. ${whole.length ? "The tick is the whole organisation. " : ""}Where bars overlap, the order is chance. `, others(context, rows, write)],
    rows: shown, shows: "share", name: `themes-${state.unit}-${span}`,
    label: name, write,
    draw: (width) => forest(shown.map((row) => bar(name(row), row.share, { reference: of(row) })), { width, write, share: true }),
    columns: [
      { title: "Theme", value: (row) => table.label("theme", row.theme) },
      { title: "Competency", value: (row) => table.label("competency", row.competency) },
      ...columnsOf("n", "Coachees", grouped),
      ...columnsOf("share", "Share", write),
      whole.length > 0 && { title: "Organisation", number: true, value: of, text: (row) => (of(row) === null ? "—" : write(of(row))) },
    ].filter(Boolean),
  });
}

/** What is in no theme of the codebook: the number of a competency, or where those of all are. */
function others(context, rows, write) {
  const named = rows.filter((row) => row.theme === "other");
  if (named.length === 0 || given(rows).length === 0) return null;
  if (named.length === 1) return `In no theme of the codebook: ${said(named[0].share, write)}.`;
  return ["Rows of “other”, which is in no theme of the codebook, are left out: choose a competency for its own, or see ", allNumbers(context), "."];
}

/** Where every row of the themes is, and what bounds cut off of them. */
const allNumbers = ({ link }) => h("a", { href: link({ view: "tables", table: "theme_prevalence", show: "" }) }, "All numbers");

function rises(context, { table, span, spans }, rows) {
  const write = writer(context.page, table, "change", { difference: true });
  const name = key(context, table);
  const marked = rows.filter((row) => row.trend?.value === "rising" || row.trend?.value === "falling")
    .sort((a, b) => b.change.value - a.change.value);
  const without = spans.length < 2 || rows.every(({ change }) => change.value === null && change.status !== "left_out");
  const title = "What rises and falls";
  if (marked.length === 0)
    return words(title, without ? `No change is given: ${missing(rows[0].change.status)}.`
      : `Of ${rows.length} themes none can be told from chance against the period before alone; what moves slowly shows over time, below.`);
  return figure({
    title, level: 2, rows: marked, shows: "change", name: `rising-${context.state.unit}-${span}`,
    note: "Change of the share since the period before, of those that stand out among all (false discovery rate 5 %).",
    label: (row) => `${name(row)} ${row.trend.value}`, write,
    draw: (width) => forest(marked.map((row) => bar(`${row.trend.value === "rising" ? "↑" : "↓"} ${name(row)}`, row.change)), { width, write, rules: [0] }),
    columns: [
      { title: "Theme", value: (row) => table.label("theme", row.theme) },
      { title: "Competency", value: (row) => table.label("competency", row.competency) },
      { title: "Trend", value: (row) => row.trend.value },
      ...columnsOf("change", "Change", write),
    ],
  });
}

function peculiar(context, { table, span }, rows) {
  const { page, state } = context;
  const title = "What is peculiar here";
  if (state.unit === page.root.id)
    return words(title, "Choose a unit to see what comes up there more, or less, than in the whole organisation.");
  const write = writer(page, table, "lift");
  const name = key(context, table);
  const apartFrom = rows.filter((row) => row.lift.low !== null && (row.lift.low > 1 || row.lift.high < 1))
    .sort((a, b) => b.lift.value - a.lift.value);
  const compared = rows.filter(({ lift, share }) => lift.value !== null || (lift.status === "left_out" && share.value !== null)).length;
  if (compared === 0)
    return words(title, `It can't be told: no theme can be compared with the whole organisation (${reasons(rows.map(({ lift }) => lift.status)).join("; ")}).`);
  if (apartFrom.length === 0)
    return words(title, `Of ${count(compared, "theme")} that can be compared none is clearly more or less common here than in the whole organisation.`);
  const shown = [...apartFrom.filter((row) => row.lift.value > 1).slice(0, 6), ...apartFrom.filter((row) => row.lift.value < 1).slice(-4)];
  return figure({
    title, level: 2, rows: shown, shows: "lift", name: `peculiar-${state.unit}-${span}`,
    note: `Share here ÷ share in the organisation, of those whose interval leaves out 1. By chance alone about ${Math.round(0.05 * compared)} of ${compared} would be here.`,
    label: name, write,
    draw: (width) => forest(shown.map((row) => bar(name(row), row.lift)), { width, write, rules: [1] }),
    columns: [
      { title: "Theme", value: (row) => table.label("theme", row.theme) },
      { title: "Competency", value: (row) => table.label("competency", row.competency) },
      ...columnsOf("lift", "Lift", write),
      { title: "Log-odds z", number: true, value: (row) => row.log_odds_z.value },
    ],
  });
}

async function overPeriods(context, { table, spans }, rows) {
  const { page, state } = context;
  const write = writer(page, table, "share");
  const name = key(context, table);
  const shown = top(rows).slice(0, 6);
  const past = await table.of(state.unit);
  const same = (one) => past.filter((row) => row.theme === one.theme && row.competency === one.competency && spans.includes(row.period));
  if (shown.length === 0 || spans.length < 2) return null;
  const joined = lasts(page, state.unit);
  return h("section", { class: "wide" }, h("h2", {}, "Over time"),
    h("p", { class: "note" }, `The ${shown.length} that come up most. A dash is a period without a number. ${joined ? "" : "Which units are in this group differs from period to period: its numbers are not about the same people."}`),
    h("div", { class: "smalls" }, shown.map((one) => {
      const own = same(one);
      return figure({
        title: name(one), rows: own, shows: "share", name: `trend-${one.theme}-${state.unit}`,
        label: (row) => row.period, write,
        draw: (width) => overTime(history(own, "share"), { width, height: 150, write, domain: spans, zero: true, joined }),
        columns: [{ title: "Period", value: (row) => row.period }, ...columnsOf("share", "Share", write)],
      });
    })));
}

/** One theme in all units of a level: the one that is chosen, or what comes up most. */
async function byUnit(context, { table, span }, rows) {
  const { page, state, go } = context;
  const keys = given(rows).sort((a, b) => b.share.value - a.share.value);
  const units = unitsBelow(page, state.unit, state.level);
  if (keys.length === 0 || units.length < 2) return null;
  const of = (row) => `${row.competency}/${row.theme}`;
  const one = keys.find((row) => of(row) === state.show) ?? keys.find((row) => row.theme !== "other") ?? keys[0];
  const name = key(context, table);
  const write = writer(page, table, "share");
  const found = (await table.ofAll(units, span))
    .filter((row) => row.theme === one.theme && row.competency === one.competency);
  const shown = having(found, "share");
  const label = (row) => page.units.get(row.unit).label;
  const drawn = found.slice(0, 40);
  // One page on paper: who prints it has chosen a unit.
  return h("section", { class: "wide screen" },
    h("div", { class: "pick" }, h("label", { for: "show" }, "One theme, unit by unit"),
      h("select", { id: "show", change: (event) => go({ show: event.target.value }) },
        keys.map((row) => h("option", { value: of(row), selected: row === one }, name(row))))),
    figure({
      title: `${name(one)}, by unit`, level: 2,
      note: [`In the order of the org chart: no ranking. The dashed line is ${page.units.get(state.unit).label}. ${found.length > drawn.length ? `The first ${drawn.length} of ${found.length}; all are in the table. ` : ""}`, hiddenNote(page, units, shown)],
      rows: found, shows: "share", name: `theme-${one.theme}-by-unit-${span}`,
      drawn, label, write,
      draw: (width) => forest(drawn.map((row) => bar(label(row), row.share)), { width, write, share: true, rules: [one.share.value] }),
      columns: [{ title: "Unit", value: label }, ...columnsOf("cohort", "Coachees", grouped), ...columnsOf("share", "Share", write)],
    }));
}

async function progress(context) {
  const { page, state } = context;
  const title = "What goes with progress";
  const found = at(context, "theme_outcome");
  if (!found && context.page.tables.has("theme_outcome"))
    return words(title, absent(context, "theme_outcome", "Progress with a theme and without"));
  if (!found)
    return words(title, "Not published here: the measure theme_outcome is opt-in, and costs budget. It compares the progress of people with whom a theme came up with that of the others.");
  const { table, span } = found;
  const rows = chosen(context, await table.of(state.unit, span))
    .sort((a, b) => (b.difference.value ?? -Infinity) - (a.difference.value ?? -Infinity));
  const write = writer(page, table, "difference", { difference: true });
  const plain = writer(page, table, "change_with", { difference: true });
  const name = key(context, table);
  return figure({
    title, level: 2, rows, shows: "difference", none: whyHidden(page, state.unit), name: `theme-outcome-${state.unit}-${span}`,
    note: "Change of the assessed level with the theme, less that without it. A difference, not an effect: who speaks of it may differ in other ways.",
    label: name, write,
    draw: (width) => forest(rows.slice(0, 20).map((row) => bar(name(row), row.difference)), { width, write, rules: [0] }),
    columns: [
      { title: "Theme", value: (row) => table.label("theme", row.theme) },
      { title: "Competency", value: (row) => table.label("competency", row.competency) },
      ...columnsOf("change_with", "Change with", plain),
      ...columnsOf("change_without", "Change without", plain),
      ...columnsOf("difference", "Difference", write),
    ],
  });
}

const words = (title, text) => h("section", { class: "card" }, h("h2", {}, title), h("p", { class: "note" }, text));
