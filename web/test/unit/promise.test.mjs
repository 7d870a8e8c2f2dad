import assert from "node:assert/strict";
import { test } from "node:test";
import { inShort } from "../../src/promise.js";

const release = (window, epsilon, unit = "person") => ({ privacy: {
  window, epsilon_window: epsilon, delta_window: 1e-6, unit } });

test("numbers are filled in, and the factor is never rounded down", () => {
  const [promised, k, not] = inShort({ k: 10, releases: [release("2024", 8), release("2024", 8)] });
  assert.match(promised, /by a factor of more than 2,981, .* a probability of δ \(ε = 8 and δ = 1·10⁻⁶ in 2024\)/);
  assert.match(promised, /^If you were coached, assessed or measured: with all rows about you or without, no chance/);
  assert.match(promised, /such as coached and not coached, the limit is its square\.$/);
  assert.match(k, /^Every number is about a group of at least 10 people\. No count/);
  assert.match(not, /^Among what is not promised: that ε protects coaches and raters; .* Each further window adds its own limit\.$/);
});

test("of several windows and units the weakest is told", () => {
  const releases = [release("2024", 4), release("2025", 8)];
  assert.match(inShort({ k: 5, releases })[0], /more than 2,981, .* \(ε = 8 and δ = 1·10⁻⁶ at most in 2024 and 2025\)/);
  const both = [release("2024", 8), release("2025", 8)];
  assert.match(inShort({ k: 5, releases: both })[0], /in each of 2024 and 2025\)/);
  const weaker = inShort({ k: 5, releases: [release("2024-Q1", 8), release("2024-Q2", 8, "person-period")] });
  assert.match(weaker[0], /with the rows about you of one period or without/);
  assert.match(weaker[2], /Each further period adds its own limit/);
});

test("of a synthetic organisation's ε no factor is written out", () =>
  assert.match(inShort({ k: 10, releases: [release("2024", 50)] })[0], /more than e\^ε,/));

test("the coach rule is promised where all releases have it, head-counts left out", () => {
  const [release8] = [release("2024", 8)];
  assert.match(inShort({ k: 10, coalition: 1, releases: [release8] })[1], /still at least 10 after any one coach .*head-counts: without this/);
  assert.doesNotMatch(inShort({ k: 10, coalition: 0, releases: [release8] })[1], /coach/);
});
