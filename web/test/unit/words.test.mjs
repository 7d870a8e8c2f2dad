import assert from "node:assert/strict";
import { test } from "node:test";
import { broken, fixed, format, formatDifference, list, parameter, place, said } from "../../src/words.js";

test("shares are percent, differences of shares are points with a sign", () => {
  assert.equal(format("share")(0.1234), "12.3\u202f%");
  assert.equal(formatDifference("share")(-0.012), "\u22121.2\u202fpts");
  assert.equal(formatDifference("share")(0.012), "+1.2\u202fpts");
});

test("nothing is minus zero", () => {
  assert.equal(fixed(-0.001, 2), "0.00");
  assert.equal(fixed(-0.5, 1), "\u22120.5");
});

test("what is nothing when it is written has no sign", () => {
  assert.equal(formatDifference("share")(-0.0001), "0.0\u202fpts");
  assert.equal(formatDifference("points")(0.0001), "0.00");
});

test("places on an axis differ where they are written", () => {
  const write = format("share");
  assert.deepEqual([0.06, 0.0602, 0.06025, 0.1 + 0.2].map((x) => place(x, write)), ["6\u202f%", "6.02\u202f%", "6.025\u202f%", "30\u202f%"]);
  assert.deepEqual([0.5, 100].map((x) => place(x, format("minutes"))), ["0.5\u202fmin", "100\u202fmin"]);
  assert.equal(place(-0.00125, formatDifference("points", 3)), "\u22120.00125");
  assert.equal(place(0.4, format("people")), "0");
});

test("a label ends even where there is no room for it", () => {
  for (const room of [1, 0, -3]) assert.deepEqual(broken("to be", room), ["t", "o", "b", "e"]);
});

test("people are whole and grouped", () => assert.equal(format("people")(1234567), "1,234,567"));

test("days are dates", () => assert.equal(format("day")(19_723), "2024-01-01"));

test("an interval is said, and what is missing too", () => {
  assert.equal(said({ value: 0.5, low: 0.4, high: 0.6 }, format("share")), "50.0\u202f% (40.0\u202f% to 60.0\u202f%)");
  assert.equal(said({ value: null, status: "below_k" }, String), "fewer than k");
});

test("a label breaks between words, and where one is longer than a line", () => {
  assert.deepEqual(broken("saying no · Leading yourself", 28), ["saying no\u00a0· Leading yourself"]);
  assert.deepEqual(broken("saying no · Leading yourself", 14), ["saying no\u00a0·", "Leading", "yourself"]);
  assert.deepEqual(broken("responding · Leading", 10), ["responding", "Leading"]);
  assert.deepEqual(broken("Donaudampfschiff", 6), ["Donaud", "ampfsc", "hiff"]);
  assert.deepEqual(broken("", 6), [""]);
});

test("lists", () => assert.equal(list(["a", "b", "c"]), "a, b and c"));

test("privacy parameters are never rounded down", () => {
  assert.equal(parameter(1e-6), "1·10⁻⁶");
  assert.equal(parameter(5.5e-7), "5.5·10⁻⁷");
  assert.equal(parameter(1.2401e-6), "1.25·10⁻⁶");
  assert.equal(parameter(8.041), "8.05");
  assert.equal(parameter(8), "8");
  assert.equal(parameter(0.0401), "0.0401");
});
