// The promise in a few plain sentences. What binds is the manifest's, which stands
// beside them: none of these says more, and numbers are the weakest of all windows.

import { h } from "./dom.js";
import { grouped, list, parameter } from "./words.js";

/** Above it a factor in digits says no more than e^ε does. */
const READABLE = 20;

/** What is promised, of what numbers, and what is not: a sentence or two each. */
export function inShort({ releases, k, coalition }) {
  const all = releases.map(({ privacy }) => privacy);
  const epsilon = Math.max(...all.map((privacy) => privacy.epsilon_window));
  const delta = Math.max(...all.map((privacy) => privacy.delta_window));
  const alike = all.every((privacy) => privacy.epsilon_window === epsilon && privacy.delta_window === delta);
  const weaker = all.some(({ unit }) => unit !== "person");
  const windows = [...new Set(all.map(({ window }) => window))];
  const rows = weaker ? "the rows about you of one period" : "all rows about you";
  const times = epsilon > READABLE ? "e^ε" : grouped(Math.ceil(Math.exp(epsilon)));
  const numbers = `ε = ${parameter(epsilon)} and δ = ${parameter(delta)}`;
  const which = windows.length === 1 ? `in ${windows[0]}` : alike ? `in each of ${list(windows)}` : `at most in ${list(windows)}`;
  const coaches = coalition > 0 ? `, and still at least ${k} after any one coach has taken away everyone they coach (head-counts: without this)` : "";
  return [
    `If you were coached, assessed or measured: with ${rows} or without, no chance of anything that a window publishes changes by a factor of more than ${times}, the limit of the worst case, but for a probability of δ (${numbers} ${which}). Between two versions of your rows, such as coached and not coached, the limit is its square.`,
    `Every number is about a group of at least ${k} people${coaches}. No count estimated below ${k} is shown.`,
    `Among what is not promised: that ε protects coaches and raters; a least number of people inside a group or behind a difference. Each further ${weaker ? "period" : "window"} adds its own limit.`,
  ];
}

/** A text, no line of which breaks within a parameter. */
export const unbroken = (text) => text.split(/([kεδ] = [^\s,;)]+)/u)
  .map((part, at) => (at % 2 ? h("span", { class: "whole" }, part) : part));
