import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { Table } from "../../src/tables.js";

const packed = (columns) => deflateRawSync(Buffer.from(columns.flat())).toString("base64");

/** A unit that stood at level 2 in the first period and at level 1 in the second; job levels told apart. */
function table() {
  const blocks = {
    // Columns: period, org_unit, job_level, cohort, cohort_low, cohort_high, n, status.
    "sizes-1": packed([[2, 2], [1, 1], [1, 2], [61, 41], [3, 3], [1, 1], [0, 21], [1, 1]]),
    "sizes-2": packed([[1], [1], [1], [41], [3], [1], [31], [1]]),
  };
  const word = (name, words) => ({ name, kind: "word", words });
  const described = {
    name: "sizes", question: "", dimensions: ["job_level"], others: [],
    statistics: [{ name: "n", kind: "count", has_status: false }],
    columns: [word("period", ["P1", "P2"]), word("org_unit", ["u"]), word("job_level", ["(all)", "staff"]),
      { name: "cohort", kind: "number", digits: 0 }, { name: "cohort_low", kind: "low" }, { name: "cohort_high", kind: "high" },
      { name: "n", kind: "number", digits: 0 }, word("status", ["ok"])],
    sizes_alone: [0],
    levels: [{ level: 1, rows: 2, brief: true, left_out: { n: { below_k: 1 } } }, { level: 2, rows: 1, brief: false }],
  };
  return new Table(described, new Map([["u", { id: "u", level: 1 }]]), (name) => blocks[name]);
}

test("a unit that changed its level keeps its rows of all periods", async () => {
  const rows = await table().every("u");
  assert.deepEqual(rows.map((row) => [row.period, row.job_level, row.cohort.value]), [["P1", "(all)", 20], ["P2", "(all)", 30], ["P2", "staff", 20]]);
  assert.deepEqual(await table().every("nobody"), []);
});

test("people told apart are not mixed with all of them", async () => {
  const rows = await table().of("u", "P2");
  assert.deepEqual(rows.map((row) => row.job_level), ["(all)"]);
});

test("units of which there are sizes alone are known by their ids", () => {
  assert.deepEqual([...table().sizesAlone], ["u"]);
});

test("why a large level leaves out numbers is counted", () => {
  const { leftOut } = table();
  assert.deepEqual(leftOut.get(1), { n: { below_k: 1 } });
  assert.deepEqual(leftOut.get(2), {});
});

test("intervals and what is left out", async () => {
  const [first, second] = await table().every("u");
  assert.deepEqual(first.n, { value: 15, low: null, high: null, status: "ok" });
  assert.deepEqual([first.cohort.low, first.cohort.high], [19, 21]);
  assert.equal(second.n.value, null);
});
