import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, columns, number } from "../../src/decode.js";
import { deflateRawSync } from "node:zlib";

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
    { name: "unit", kind: "word", words: ["a", "b"] },
    { name: "x", kind: "number", digits: 2 },
    { name: "x_low", kind: "low" },
    { name: "x_high", kind: "high" },
  ];
  const values = [[150, 140, 165], [null, null, null], [-3, -10, 2], [0, 0, 0], [5_000_000_000, 4_000_000_000, 7_000_000_000], [7, null, null]];
  const block = [
    ...[1, 2, 0, 1, 1, 2].flatMap((word) => varint(word)),
    ...values.flatMap(([x]) => varint(signed(x))),
    ...values.flatMap(([x, low]) => varint(low === null ? 0 : signed(x - low))),
    ...values.flatMap(([x, low, high]) => varint(high === null ? 0 : signed(high - x - (x - low)))),
  ];
  const read = columns(Uint8Array.from(block), described, values.length);
  assert.deepEqual([...read.get("unit")], [0, 1, -1, 0, 0, 1]);
  values.forEach(([x, low, high], row) => {
    const scaled = (value) => (value === null ? null : value / 100);
    assert.equal(number(read.get("x"), row, 2), scaled(x));
    assert.equal(number(read.get("x_low"), row, 2), scaled(low));
    assert.equal(number(read.get("x_high"), row, 2), scaled(high));
  });
});
