import assert from "node:assert/strict";
import { test } from "node:test";
import { inShort } from "../../src/promise.js";

const release = (window, epsilon, unit = "person") => ({ privacy: {
  window, epsilon_window: epsilon, delta_window: 1e-6, unit } });

test("numbers are filled in, and the factor is never rounded down", () => {
  const [promised, k, not] = inShort({ k: 10, releases: [release("2024", 8), release("2024", 8)] });
  assert.match(promised, /by a factor of at most 2,981, except with probability δ \(ε = 8 and δ = 1·10⁻⁶ in 2024\)/);
  assert.match(promised, /^To everybody who was coached, assessed or measured: whether all rows about them are counted/);
  assert.match(k, /at least 10 people/);
  assert.match(not, /^Among what is not promised: that ε protects coaches and raters; .* several windows tell no more than one\.$/);
});

test("of several windows and units the weakest is told", () => {
  const releases = [release("2024", 4), release("2025", 8)];
  assert.match(inShort({ k: 5, releases })[0], /at most 2,981, .* \(ε = 8 and δ = 1·10⁻⁶ at most in 2024 and 2025\)/);
  const both = [release("2024", 8), release("2025", 8)];
  assert.match(inShort({ k: 5, releases: both })[0], /in each of 2024 and 2025\)/);
  const weaker = inShort({ k: 5, releases: [release("2024-Q1", 8), release("2024-Q2", 8, "person-period")] });
  assert.match(weaker[0], /whether the rows about them of one period are counted/);
  assert.match(weaker[2], /several periods tell no more than one/);
});

test("of a synthetic organisation's ε no factor is written out", () =>
  assert.match(inShort({ k: 10, releases: [release("2024", 50)] })[0], /at most e\^ε,/));
