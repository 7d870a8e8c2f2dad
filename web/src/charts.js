// The kinds of pictures: intervals in rows, and intervals over time. Made with
// Observable Plot. Whatever has an interval is drawn with it.

import * as Plot from "@observablehq/plot";
import { broken, missing, place } from "./words.js";

// The page's policy allows one style sheet of Plot's, by its hash: see build.mjs.
const CLASS = "plot";
const SIZE = 13;
const ROW = 30;
const HIGH = 40;
/** Width of a letter, in a wide font. */
const LETTER = 7.4;
const MOST_LINES = 8;
const COLOURS = ["var(--first)", "var(--second)"];
const SYMBOLS = ["circle", "diamond"];
/** A vertical line, for what a row is compared with. */
const TICK = { draw: (path) => { path.moveTo(0, -8); path.lineTo(0, 8); } };

/**
 * A forest plot: a row a thing, a dot and a bar for its interval. `rows`: label,
 * value, low, high, optional `series` and `reference` (a tick to compare with).
 * `rules`: positions of vertical lines.
 */
export function forest(rows, { width, write, rules = [], series = [], share = false }) {
  // Beside the bars there is room for numbers, or they stand with the labels.
  const beside = width >= 380;
  // Series of one label share its row; else each row is its own, whatever its label.
  const keyed = rows.map((row, at) => ({ ...row, key: series.length ? row.label : String(at) }));
  const given = keyed.filter(({ value }) => value !== null);
  const keys = [...new Set(keyed.map(({ key }) => key))];
  // One word a row, even if all its series are missing.
  const absent = keys.filter((key) => !given.some((row) => row.key === key))
    .map((key) => keyed.find((row) => row.key === key));
  const room = Math.floor((width * (width >= 560 ? 0.4 : 0.45) - 18) / LETTER);
  const named = new Map(keyed.map((row) => [row.key, told(row)]));
  const lines = [...named.values()];
  const marginLeft = 18 + LETTER * Math.max(...lines.flat().map(({ length }) => length));
  const marginRight = beside ? 74 : 16;
  const ticks = Math.max(3, Math.round((width - marginLeft - marginRight) / 85));
  const lanes = series.length || 1;
  const high = Math.max(ROW, 17 + SIZE * Math.max(...lines.map(({ length }) => length)));
  const height = keys.length * (lanes > 1 ? Math.max(high, HIGH) : high) + 44;
  const lane = ({ series: name }) => (lanes > 1 ? (series.indexOf(name) - (lanes - 1) / 2) * 14 : 0);
  const each = series.length ? series : [undefined];
  const marks = each.flatMap((name, at) => {
    const own = given.filter((row) => row.series === name);
    const dy = own.length ? lane(own[0]) : 0;
    return [
      Plot.ruleY(own.filter(({ low }) => low !== null), { y: "key", x1: "low", x2: "high", dy,
        stroke: COLOURS[at], strokeWidth: 3, strokeLinecap: "round" }),
      Plot.dot(own, { y: "key", x: "value", dy, fill: "var(--surface)", stroke: COLOURS[at],
        strokeWidth: 2.5, r: 4.5, symbol: SYMBOLS[at] }),
      beside && Plot.text(own, { y: "key", dy, text: (row) => write(row.value), frameAnchor: "right",
        textAnchor: "start", dx: 10, fontVariant: "tabular-nums", fontSize: lanes > 1 ? 11 : SIZE }),
    ];
  });
  return Plot.plot({
    className: CLASS, width, height, marginLeft, marginRight, marginTop: 6,
    marginBottom: 34,
    x: { label: null, nice: true, zero: share, inset: 6 },
    y: { label: null, domain: keys, type: "point", padding: 0.7 },
    marks: [
      Plot.gridX({ ticks, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisY({ label: null, tickSize: 0, fontSize: SIZE, tickFormat: (key) => named.get(key).join("\n") }),
      Plot.axisX({ label: null, fontSize: beside ? 12 : 11, ticks, tickFormat: (x) => place(x, write) }),
      Plot.text(absent, { y: "key", text: ({ status }) => missing(status), frameAnchor: "left",
        textAnchor: "start", dx: 6, fill: "var(--soft)", fontStyle: "italic", fontSize: 12 }),
      Plot.ruleX(rules, { stroke: "var(--ink)", strokeDasharray: "4 3" }),
      Plot.dot(given.filter(({ reference }) => reference != null), { y: "key", x: "reference",
        symbol: TICK, stroke: "var(--ink)", strokeWidth: 2 }),
      ...marks,
    ].filter(Boolean),
  });

  /** A label's lines, and its number below them where that is not beside the bar. */
  function told({ label, value }) {
    const all = broken(label, room);
    const kept = all.length > MOST_LINES ? [...all.slice(0, MOST_LINES - 1), `${all[MOST_LINES - 1].slice(0, room - 1)}…`] : all;
    return beside || series.length || value === null ? kept : [...kept, write(value)];
  }
}

/**
 * Intervals over time. `rows`: when (a name, in the order of `domain`), value, low,
 * high, optional `series`. `rules`: heights of horizontal lines. A dash stands where
 * there is no number. `joined`: whether they are about the same thing all the time.
 */
export function overTime(rows, { width, height = 220, write, domain, rules = [], series = [], zero = false, joined = true }) {
  const each = series.length ? series : [undefined];
  const every = Math.max(1, Math.ceil((domain.length * 64) / (width - 76)));
  const without = domain.filter((when) => !rows.some((row) => row.when === when && row.value !== null));
  const marks = each.flatMap((name, at) => {
    const found = rows.filter((row) => row.series === name);
    const own = found.filter(({ value }) => value !== null);
    // A line does not lead over what is not there.
    const path = domain.map((when) => own.find((row) => row.when === when) ?? { when, value: NaN });
    const dx = each.length > 1 ? (at - (each.length - 1) / 2) * 10 : 0;
    return [
      joined && Plot.line(path, { x: "when", y: "value", stroke: COLOURS[at], strokeOpacity: 0.6, dx,
        strokeDasharray: at ? "5 3" : null }),
      Plot.ruleX(own.filter(({ low }) => low !== null), { x: "when", y1: "low", y2: "high", dx,
        stroke: COLOURS[at], strokeWidth: 3, strokeLinecap: "round" }),
      Plot.dot(own, { x: "when", y: "value", fill: "var(--surface)", stroke: COLOURS[at],
        strokeWidth: 2.5, r: 4, dx, symbol: SYMBOLS[at] }),
    ];
  });
  return Plot.plot({
    className: CLASS, width, height, marginLeft: 60, marginRight: 16, marginTop: 14, marginBottom: 28,
    x: { label: null, domain, type: "point", padding: 0.5 },
    y: { label: null, nice: true, zero },
    marks: [
      Plot.gridY({ ticks: 4, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisY({ label: null, ticks: 4, fontSize: 12, tickFormat: (y) => place(y, write), tickSize: 0 }),
      Plot.axisX({ label: null, fontSize: 12, tickSize: 0, ticks: domain.filter((_, at) => at % every === 0) }),
      Plot.ruleY(rules, { stroke: "var(--ink)", strokeDasharray: "4 3" }),
      Plot.text(without, { x: (when) => when, text: () => "—", frameAnchor: "bottom", dy: -4, fill: "var(--soft)" }),
      ...marks,
    ].filter(Boolean),
  });
}
