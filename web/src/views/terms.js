// What many people's notes say that no theme of the codebook has.

import { forest } from "../charts.js";
import { h } from "../dom.js";
import { columnsOf, figure } from "../figure.js";
import { at, bar, writer } from "../questions.js";
import { grouped } from "../words.js";

const TOP = 12;
const ANYWHERE = "(all)";

/** Terms of the whole organisation, or of a competency's sessions; null where none are looked for. */
export async function newTerms(context) {
  const { page, state } = context;
  const found = at(context, "emerging_terms");
  if (!found) return null;
  const { table, span } = found;
  const of = state.competency || ANYWHERE;
  const rows = (await table.every(page.root.id, span)).filter((row) => row.competency === of)
    .sort((a, b) => (b.n.value ?? 0) - (a.n.value ?? 0));
  const write = writer(page, table, "n");
  const drawn = whole(rows).filter((row) => row.n.value !== null).slice(0, TOP);
  const where = state.competency ? `in sessions about ${table.label("competency", of)}` : "in all sessions";
  return h("section", { class: "wide screen" }, figure({
    title: "What nobody put in the codebook", level: 2, rows, drawn, shows: "n", name: `terms-${state.competency || "all"}-${span}`,
    none: `No word or phrase was found ${where}: too few people's notes say the same.`,
    note: `Words and phrases that many people's notes say ${where} of the whole organisation, by how many people. The ${drawn.length} largest that stand in no longer one; all are in the table. Nobody's note is shown: what fewer people say is not found.`,
    label: (row) => row.term, write,
    draw: (width) => forest(drawn.map((row) => bar(row.term, row.n)), { width, write }),
    columns: [
      { title: "Term", value: (row) => row.term },
      ...columnsOf("n", "Coachees", grouped),
      ...(state.competency ? columnsOf("lift", "Lift", writer(page, table, "lift")) : []),
    ],
  }));
}

/** Those that are no part of a longer one. */
function whole(rows) {
  const within = (one, other) => other !== one && ` ${other.term} `.includes(` ${one.term} `);
  return rows.filter((one) => !rows.some((other) => within(one, other)));
}
