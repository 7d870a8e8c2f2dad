import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { bytes, columns, number } from "../../src/decode.js";

const varint = (value) => {
  const out = [];
  for (let left = BigInt(value); ; left >>= 7n) {
    if (left < 128n) return [...out, Number(left)];
    out.push(Number(left & 127n) | 128);
  }
};
const signed = (value) => (value === null ? 0n : (BigInt(value) >= 0n ? BigInt(value) * 2n : BigInt(value) * -2n - 1n) + 1n);

test("a block is base64 of raw deflate", async () => {
  const text = deflateRawSync(Buffer.from([1, 2, 200])).toString("base64");
  assert.deepEqual([...(await bytes(text))], [1, 2, 200]);
});

test("words, numbers and intervals come back, and so does what is missing", () => {
  const described = [
    { name: "period", kind: "word", words: ["p"] },
    { name: "org_unit", kind: "word", words: ["a", "b", "c", "d"] },
    { name: "x", kind: "number", digits: 2 },
    { name: "x_low", kind: "low" },
    { name: "x_high", kind: "high" },
  ];
  // Unit; number, low and high end; the row before whose interval is widest.
  const rows = [
    [1, 150, 140, 165, null],
    [1, null, null, null, null],
    [1, -3, -15, 12, 0],
    [1, 0, 0, 0, 2],
    [1, 148, 139, 150, 2],
    [2, 5_000_000_000, 4_000_000_000, 7_000_000_000, null],
    [2, 7, null, null, null],
    [3, 50_000_000, -2_500_000_000, 2_600_000_000, null],
    [0, 1, 1, 1, null],
  ];
  const below = ([, x, low]) => x - low;
  const width = ([, , low, high]) => high - low;
  const foretold = (row) => (row[4] === null ? 2 * below(row) : width(rows[row[4]]));
  const each = (code) => rows.flatMap((row) => varint(row[2] === null ? 0 : signed(code(row))));
  const block = [
    ...rows.flatMap(() => varint(1)),
    ...rows.flatMap(([unit]) => varint(unit)),
    ...rows.flatMap(([, x]) => varint(signed(x))),
    ...each(below),
    ...each((row) => width(row) - foretold(row)),
  ];
  const read = columns(Uint8Array.from(block), described, rows.length);
  assert.deepEqual([...read.get("org_unit")], rows.map(([unit]) => unit - 1));
  const scaled = (value) => (value === null ? null : value / 100);
  for (const [place, name] of [[1, "x"], [2, "x_low"], [3, "x_high"]])
    assert.deepEqual(rows.map((_, at) => number(read.get(name), at, 2)), rows.map((row) => scaled(row[place])), name);
});
