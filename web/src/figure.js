// A picture with all that belongs to it: what it says, the same numbers as a
// table, and the table as CSV.

import { csv, download } from "./csv.js";
import { fresh, h } from "./dom.js";
import { reasons, said } from "./words.js";

/**
 * `draw(width)` gives SVG elements, again whenever the width changes. `shows`: the
 * statistic that is drawn, with `label` and `write` of a row for who does not see it (or
 * `told`, all of it); if no row has it, words say why. `drawn`: those rows that are, if
 * not all. `columns`: title, value of a row, text of a row, and whether it is a number.
 * `name`: of the CSV file. `none`: what to say if there are no rows.
 */
export function figure({ title, note, draw, drawn, shows, label, write, told, columns, rows, name, none, level = 3 }) {
  const heading = fresh("figure");
  const parts = [h(`h${level}`, { id: heading }, title)];
  if (note) parts.push(h("p", { class: "note" }, note));
  if (rows.length === 0) parts.push(h("p", { class: "nothing" }, none ?? "Nothing of this is published here."));
  else {
    const given = rows.some((row) => row[shows].value !== null);
    const spoken = (row) => `${label(row)}: ${said(row[shows], write)}`;
    if (given) parts.push(picture(draw, told ?? (drawn ?? rows).map(spoken).join("; ")));
    else parts.push(h("p", { class: "nothing" }, `No number is given (${reasons(rows.map((row) => row[shows].status)).join("; ")}).`));
    parts.push(tableOf({ columns, rows, name, labelled: heading, title }));
  }
  return h("figure", { "aria-labelledby": heading }, parts);
}

/** Width in pixels below which labels leave no room for bars. */
const NARROWEST = 120;

function picture(draw, told) {
  const place = h("div", { class: "chart", role: "img", "aria-label": told });
  let drawn = 0;
  const observer = new ResizeObserver(([{ contentRect }]) => {
    const width = Math.round(contentRect.width);
    if (width === drawn || width === 0) return;
    drawn = width;
    const shown = width < NARROWEST ? h("p", { class: "nothing" }, "Too narrow for a picture: its numbers are in the table.") : draw(width);
    place.replaceChildren(...[shown].flat().map(silent));
  });
  observer.observe(place);
  return place;
}

/** The picture is named as a whole: what it is made of is not read out. */
function silent(element) {
  element.setAttribute("aria-hidden", "true");
  for (const part of element.querySelectorAll("[aria-label], [aria-description]")) {
    part.removeAttribute("aria-label");
    part.removeAttribute("aria-description");
  }
  return element;
}

const MOST = 500;

/** A table that opens, and its CSV. */
export function tableOf({ columns, rows, name, labelled, title }) {
  const save = h("button", { type: "button", class: "quiet",
    click: () => download(`${name}.csv`, csv(columns, rows)) }, "Save as CSV");
  save.setAttribute("aria-label", `Save as CSV: ${title}`);
  const left = rows.length - MOST;
  const details = h("details", { class: "data" },
    h("summary", {}, "Table", h("span", { class: "unseen" }, `: ${title}`)),
    save,
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": labelled },
      grid(columns, rows.slice(0, MOST))),
    left > 0 && h("p", { class: "note" }, `${left} more rows are in the CSV.`));
  return details;
}

/** A plain table. */
export function grid(columns, rows) {
  const kind = ({ number }) => (number ? "number" : null);
  return h("table", {},
    h("thead", {}, h("tr", {},
      columns.map((column) => h("th", { scope: "col", class: kind(column) }, column.title)))),
    h("tbody", {}, rows.map((row) => h("tr", {},
      columns.map((column, at) => h(at === 0 ? "th" : "td",
        { class: kind(column), scope: at === 0 ? "row" : null },
        (column.text ?? column.value)(row)))))));
}

/** Columns of a statistic: the value and both ends of its interval, and its status. */
export function columnsOf(statistic, title, write) {
  const part = (end) => ({
    number: true,
    value: (row) => row[statistic][end],
    text: (row) => (row[statistic][end] === null ? "" : write(row[statistic][end])),
  });
  return [
    { title, ...part("value"),
      text: (row) => (row[statistic].value === null ? "—" : write(row[statistic].value)) },
    { title: `${title}, low`, ...part("low") },
    { title: `${title}, high`, ...part("high") },
    { title: `${title}, status`, value: (row) => row[statistic].status },
  ];
}
