// What is looked at, kept in the URL's fragment: a link keeps the filters.

const KEYS = ["view", "unit", "level", "period", "competency", "show", "table"];

/** The state that a fragment says. */
export function parse(fragment) {
  const said = new URLSearchParams(fragment.replace(/^#/, ""));
  return Object.fromEntries(KEYS.filter((key) => said.has(key)).map((key) => [key, said.get(key)]));
}

/** The fragment of a state; what is not set is left out. */
export function fragment(state) {
  const said = new URLSearchParams();
  for (const key of KEYS)
    if (state[key] !== undefined && state[key] !== "") said.set(key, state[key]);
  return `#${said}`;
}

/** A state of which every value is one that the page has. */
export function valid(state, page, views) {
  const unit = page.units.has(state.unit) ? state.unit : page.root.id;
  const periods = page.head.releases.map(({ period }) => period);
  const { depth } = page;
  const own = page.units.get(unit).level;
  const below = Math.min(own + 1, depth);
  const level = Number(state.level);
  const competencies = page.dimension("dim_competency").map(({ competency }) => competency);
  return {
    view: views.some(({ id }) => id === state.view) ? state.view : first(page),
    unit,
    level: Number.isInteger(level) && state.level !== "" && level >= own && level <= depth ? level : below,
    period: periods.includes(state.period) ? state.period : periods.at(-1),
    competency: competencies.includes(state.competency) ? state.competency : "",
    show: state.show ?? "",
    table: page.tables.has(state.table) ? state.table : [...page.tables.keys()][0],
  };
}

/** The view to open with: without assessments what comes up is more than a star. */
const first = (page) => (page.tables.has("north_star") || !page.tables.has("theme_prevalence") ? "north-star" : "notes");

/** A table's periods that have ended when `period` ends, by time. */
export function spansUpTo(page, table, period) {
  const ends = new Map(page.dimension("dim_period").map((row) => [row.period, row.period_end]));
  return table.periods
    .filter((name) => ends.get(name) <= ends.get(period))
    .sort((a, b) => (ends.get(a) < ends.get(b) ? -1 : 1));
}
