import assert from "node:assert/strict";
import { test } from "node:test";
import { cell, csv } from "../../src/csv.js";

test("numbers stay numbers, also below zero", () => {
  assert.equal(cell(-0.5), "-0.5");
  assert.equal(cell(0), "0");
  assert.equal(cell(null), "");
});

test("what a spreadsheet would run is text", () => {
  for (const bad of ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "  =1", "|x", "%0A=1"])
    assert.match(cell(bad).replace(/^"/, ""), /^'/, bad);
  assert.equal(cell("a=b"), "a=b");
});

test("separators, quotes and line breaks are quoted", () => {
  assert.equal(cell('a "b", c'), '"a ""b"", c"');
  assert.equal(cell("a\nb"), '"a\nb"');
  const text = csv([{ title: "Unit", value: (row) => row.unit }], [{ unit: "A, B" }]);
  assert.equal(text, '\ufeffUnit\r\n"A, B"\r\n');
});
