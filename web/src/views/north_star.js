// First screen: where we are heading, how far we are, what changed, what is promised.

import { forest, overTime } from "../charts.js";
import { h } from "../dom.js";
import { columnsOf, figure } from "../figure.js";
import { inShort, unbroken } from "../promise.js";
import { absent, apart, at, bar, history, lasts, whyHidden, writer } from "../questions.js";
import { count, date, said } from "../words.js";

export const northStar = {
  id: "north-star",
  title: "North Star",
  lead: "Where the organisation is heading, and how many are at their target.",
  filters: ["unit", "period"],
  tables: () => ["north_star", "theme_prevalence", ...WATCHED.map(([name]) => name)],
  async render(context) {
    return [
      heading(context),
      await progress(context),
      h("div", { class: "columns" }, await changes(context), promise(context)),
    ];
  },
};

function heading({ page }) {
  const { where, how, why } = page.head.north_star;
  const said = [["Where", where], ["How", how], ["Why", why]].filter(([, text]) => text);
  if (said.length === 0) return h("p", { class: "note" }, "No North Star is declared.");
  return h("dl", { class: "star" }, said.map(([title, text]) => h("div", {}, h("dt", {}, title), h("dd", {}, text))));
}

/** Name of a target, or of all of them together. */
const target = (table, row) =>
  row.competency === "(all)" ? "All targets" : table.label("competency", row.competency);

async function progress(context) {
  const { page, state } = context;
  const found = at(context, "north_star");
  if (!found) return note(absent(context, "north_star", "Progress toward the North Star"));
  const { table, span, spans } = found;
  const rows = (await table.of(state.unit, span)).filter((row) => row.share_at_target);
  const tipping = page.dimension("dim_target")[0]?.tipping_share;
  if (rows.length === 0 || tipping === undefined)
    return note(whyHidden(page, state.unit));
  const write = writer(page, table, "share_at_target");
  const past = (await table.of(state.unit)).filter((row) => row.competency === "(all)" && spans.includes(row.period));
  return [
    statement(context, table, rows.find((row) => row.competency === "(all)"), tipping, span),
    h("div", { class: "columns" },
      figure({
        title: `At target, of those assessed, ${span}`, level: 2,
        note: `The dashed line is the tipping point, ${write(tipping)}. A bar across it means: not certain yet.`,
        rows, shows: "share_at_target", name: `north-star-${state.unit}-${span}`,
        label: (row) => target(table, row), write,
        draw: (width) => forest(rows.map((row) => bar(target(table, row), row.share_at_target)),
          { width, write, rules: [tipping], share: true }),
        columns: [
          { title: "Target", value: (row) => target(table, row) },
          ...columnsOf("share_at_target", "At target, of assessed", write),
          { title: "Tipping point", value: (row) => row.tipping.value ?? row.tipping.status },
          ...columnsOf("share_at_target_of_people", "At target, of all people", write),
          ...columnsOf("focus_share", "Share of coaching minutes", write),
          ...columnsOf("pace_per_year", "Pace a year", writer(page, table, "pace_per_year", { difference: true })),
          ...columnsOf("reached_by", "Reached by", date),
        ],
      }),
      figure({
        title: "All targets, over time", level: 2,
        note: "Of those assessed. The dashed line is the tipping point.",
        rows: past, shows: "share_at_target", name: `north-star-trend-${state.unit}`,
        label: (row) => row.period, write,
        draw: (width) => overTime(history(past, "share_at_target"),
          { width, write, domain: spans, rules: [tipping], zero: true, joined: lasts(page, state.unit) }),
        columns: [{ title: "Period", value: (row) => row.period },
          ...columnsOf("share_at_target", "At target, of assessed", write),
          ...columnsOf("focus_share", "Share of coaching minutes", write)],
      })),
  ];
}

const TIPPING = {
  reached: "Among those assessed the tipping point is reached",
  below: "Among those assessed the tipping point is not reached",
  uncertain: "Uncertain whether the tipping point is reached among those assessed",
};

function statement(context, table, all, tipping, span) {
  if (!all) return null;
  const { page } = context;
  const share = writer(page, table, "share_at_target");
  const pace = writer(page, table, "pace_per_year", { difference: true });
  const reached = all.reached_by.value === null ? null : `at this pace by ${said(all.reached_by, date)}`;
  const facts = [
    ["Of those assessed, at target", all.share_at_target, share],
    ["Of all people, at target", all.share_at_target_of_people, share],
    ["Of coaching minutes, on the targets", all.focus_share, share],
    ["Pace, points of share a year", all.pace_per_year, pace],
  ];
  return [
    h("p", { class: `verdict ${all.tipping.value ?? ""}` },
      h("strong", {}, TIPPING[all.tipping.value] ?? "Too uncertain to tell the tipping point"),
      ` (${share(tipping)}; ${span}). Who is assessed was not drawn by lot`, reached && `; ${reached}`, "."),
    h("ul", { class: "tiles" }, facts.map(([title, figure, write]) => tile(title, figure, write))),
  ];
}

function tile(title, figure, write) {
  return h("li", { class: "tile" },
    h("span", { class: "what" }, title),
    h("span", { class: figure.value === null ? "value none" : "value" },
      figure.value === null ? said(figure, write) : write(figure.value)),
    figure.low !== null && h("span", { class: "interval" }, `${write(figure.low)} to ${write(figure.high)}`));
}

/** Statistics that are one number a unit, and how a change of them is told. */
const WATCHED = [
  ["coverage", "share", "People reached by coaching", { job_level: "(all)" }],
  ["engagement", "sessions_per_coachee", "Sessions a coachee", {}],
  ["coaching_mix", "coaching_share", "Coaching, not mentoring", {}],
  ["trigger_mix", "share_proactive", "Proactive sessions", {}],
  ["north_star", "share_at_target", "At target, of those assessed", { competency: "(all)" }],
  ["north_star", "focus_share", "Coaching minutes on the targets", { competency: "(all)" }],
];

async function changes(context) {
  const watched = (await Promise.all(WATCHED.map((one) => change(context, one)))).filter(Boolean);
  const themes = await rising(context);
  const clear = [...watched.filter(({ clear }) => clear), ...themes.told];
  const rest = watched.filter(({ clear }) => !clear);
  const compared = watched.length + themes.compared;
  return h("section", { class: "card", "aria-labelledby": "changes" },
    h("h2", { id: "changes" }, "What changed since the release before"),
    clear.length === 0 && h("p", {}, compared > 0 ? `No change stands out among ${count(compared, "comparison")} with the period before.` : "Of this unit there is nothing to compare with the period before."),
    clear.length > 0 && h("ul", { class: "changes" }, clear.map(({ text, mark }) => h("li", { class: mark }, text))),
    rest.length > 0 && h("p", { class: "note" }, `Intervals overlap, so no clear change: ${rest.map(({ title }) => title).join("; ")}.`));
}

async function change(context, [name, statistic, title, filter]) {
  const found = at(context, name);
  if (!found || found.spans.length < 2 || !found.table.statistics.includes(statistic)) return null;
  // Only what the release that is looked at has brought.
  const release = new Map(context.page.dimension("dim_period").map((row) => [row.period, row.release_id]));
  if (release.get(found.span) !== release.get(context.state.period)) return null;
  const [before, now] = await Promise.all(found.spans.slice(-2).map(async (span) =>
    (await found.table.of(context.state.unit, span))
      .find((row) => Object.entries(filter).every(([key, value]) => row[key] === value))?.[statistic]));
  if (!before || !now || before.value === null || now.value === null) return null;
  const write = writer(context.page, found.table, statistic);
  const clear = apart(now, before);
  if (clear === null) return null;
  const words = clear > 0 ? "up" : "down";
  return { title, clear, mark: words, text: `${title}: ${words} from ${said(before, write)} to ${said(now, write)}.` };
}

/** Themes that rise or fall beyond chance, of how many that have a change. */
async function rising(context) {
  const found = at(context, "theme_prevalence");
  if (!found) return { told: [], compared: 0 };
  const { table, span } = found;
  const write = writer(context.page, table, "change", { difference: true });
  const share = writer(context.page, table, "share");
  const rows = await table.of(context.state.unit, span);
  // A large level leaves out changes that tell no difference.
  const compared = found.spans.length < 2 ? [] : rows.filter((row) => row.change && row.share.value !== null
    && (row.change.value !== null || row.change.status === "left_out"));
  const told = rows
    .filter((row) => row.trend?.value === "rising" || row.trend?.value === "falling")
    .sort((a, b) => b.change.value - a.change.value)
    .map((row) => ({
      clear: true, mark: row.trend.value === "rising" ? "up" : "down",
      text: `Theme “${table.label("theme", row.theme)}” (${table.label("competency", row.competency)}) is ${row.trend.value}: ${said(row.change, write)}, now ${share(row.share.value)} of coachees.`,
    }));
  return { told, compared: compared.length };
}

function promise({ page, link }) {
  const { head } = page;
  return h("section", { class: "card", "aria-labelledby": "promise" },
    h("h2", { id: "promise" }, "What is promised"),
    h("ul", {}, inShort(head).map((text) => h("li", {}, unbroken(text)))),
    h("p", { class: "note" }, "What binds is this:"),
    h("p", {}, unbroken(head.guarantee.promise)),
    h("details", { class: "exclusions" }, h("summary", {}, `What is not promised: ${count(head.guarantee.exclusions.length, "exclusion")}`),
      h("ul", {}, head.guarantee.exclusions.map((text) => h("li", {}, text)))),
    h("p", { class: "further" }, h("a", { href: link({ view: "guarantee" }) }, "Every release's numbers, and how to read the page")));
}

const note = (text) => h("p", { class: "note" }, text);
