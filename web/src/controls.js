// The filters above a view, and the link that keeps them.

import { h } from "./dom.js";
import { lacking, unitsBelow } from "./questions.js";
import { count } from "./words.js";

const NO_BREAK = "\u00a0";

/** Those filters that the view names. */
export function controls({ page, state, go }, view) {
  const make = {
    unit: () => select("unit", "Unit", units(page, view.tables(state))),
    level: () => select("level", "Compare", levels(page, state.unit)),
    period: () => select("period", "Period", page.head.releases.toReversed().map(({ period, revision }) =>
      [period, revision > 0 ? `${period} (revised)` : period])),
    competency: () => select("competency", "Competency", [["", "All competencies"],
      ...page.dimension("dim_competency").map(({ competency, label }) => [competency, label])]),
    table: () => select("table", "Table", [...page.tables.keys()].map((name) => [name, name.replaceAll("_", " ")])),
  };
  if (view.filters.length === 0) return null;
  return h("form", { class: "filters", "aria-label": "Filters", submit: (event) => event.preventDefault() },
    view.filters.map((name) => make[name]()),
    h("button", { type: "button", class: "quiet", id: "copy", click: copy }, "Copy link"),
    h("button", { type: "button", class: "quiet", id: "print", click: () => window.print() }, "Print"));

  function select(name, label, options) {
    return h("div", { class: `filter ${name}` }, h("label", { for: name }, label),
      h("select", { id: name, change: (event) => go({ [name]: event.target.value, ...(name === "unit" && { level: undefined }) }) },
        options.map(([value, text]) => h("option", { value, selected: String(state[name]) === String(value) }, text))));
  }
}

/** The org tree; words mark units of which the view shows no number, whatever the period. */
function units(page, tables) {
  const lacks = lacking(page, tables);
  return [...page.units.values()].map(({ id, level, label }) => [id,
    `${NO_BREAK.repeat(3 * level)}${label}${lacks(id) && ` (${lacks(id)})`}`]);
}

/** The unit itself, or what is below it at a level of the org tree. */
function levels(page, unit) {
  const own = page.units.get(unit).level;
  return Array.from({ length: page.depth - own + 1 }, (_, step) => {
    const there = unitsBelow(page, unit, own + step).filter(({ isGroup }) => !isGroup);
    return [own + step, step === 0 ? "Nothing" : `Level ${own + step}: ${count(there.length, "unit")}`];
  });
}

async function copy({ target }) {
  const link = location.href;
  try {
    await navigator.clipboard.writeText(link);
    target.textContent = "Link copied";
  } catch {
    target.textContent = "Copy it from the address bar";
  }
  setTimeout(() => (target.textContent = "Copy link"), 2500);
}
