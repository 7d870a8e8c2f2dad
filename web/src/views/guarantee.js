// The guarantee in full, and how to read the page.

import { h } from "../dom.js";
import { grid } from "../figure.js";
import { unbroken } from "../promise.js";
import { parameter } from "../words.js";

export const guarantee = {
  id: "guarantee",
  title: "Guarantee",
  lead: "What is promised to the people behind the numbers, what is not, and how to read a number.",
  filters: [],
  render({ page }) {
    const { head } = page;
    return [
      section("The promise", h("p", {}, unbroken(head.guarantee.promise))),
      section("What is not promised", h("ul", {}, head.guarantee.exclusions.map((text) => h("li", {}, text)))),
      section("What each release was given", head.superseded && h("p", {}, "A revision does not take back what it supersedes: both were published, and both are paid for."), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Releases" }, grid([
        { title: "Release", value: (row) => row.release_id },
        head.superseded && { title: "Stands", value: (row) => standing(head, row) },
        { title: "ε", number: true, value: ({ privacy }) => parameter(privacy.epsilon_release) },
        { title: "δ", number: true, value: ({ privacy }) => parameter(privacy.delta_release) },
        { title: "Window", value: ({ privacy }) => privacy.window },
        { title: "ε of the window", number: true, value: ({ privacy }) => parameter(privacy.epsilon_window) },
        { title: "δ of the window", number: true, value: ({ privacy }) => parameter(privacy.delta_window) },
        { title: "k", number: true, value: ({ privacy }) => privacy.k },
        { title: "Coaches who pool", number: true, value: ({ privacy }) => privacy.coalition },
        { title: "A person is", value: ({ privacy }) => (privacy.unit === "person" ? "all of their rows" : "their rows of one period") },
        { title: "People", value: ({ synthetic }) => (synthetic ? "synthetic" : "real") },
      ].filter(Boolean), all(head)))),
      section("How to read a number", h("dl", { class: "reading" }, READING(head).map(([title, text]) => [h("dt", {}, title), h("dd", {}, text)]))),
    ];
  },
};

/** All releases by time, those that are superseded before what supersedes them. */
const all = ({ releases, superseded = [] }) => releases.flatMap((release) =>
  [...superseded.filter(({ period }) => period === release.period), release]);

/** Whether a release's numbers are those that the page shows. */
const standing = ({ releases }, { period, revision }) => {
  const newest = releases.find((release) => release.period === period);
  return newest.revision === revision ? "in this page" : `superseded by ${newest.release_id}`;
};

const section = (title, ...content) => h("section", { class: "text" }, h("h2", {}, title), content);

const READING = (head) => [
  ["Bars and brackets", "95 % intervals: of twenty, one does not hold the number that it is about. Those of sizes, shares and means cover the noise: they are about exactly these people, each within the bounds. Those of changes, differences, effects and lift also cover the chance of who these people are. A bar may be lopsided: what units have in common moves its number, not the bar."],
  ["Uncertain", "The interval holds the line that the number is judged by: it may be either side. Two numbers whose bars overlap may be the same, so units stand in the order of the org chart and never in one of rank."],
  ["Too uncertain", "The interval would be, or could be, too wide for the size of the group: the noise would drown the number."],
  ["Fewer than k", `Fewer people than k are estimated behind the count, so it is not shown. k is ${head.k} here, or more in some releases.`],
  ["Hidden", `A unit is shown where enough people are counted, by a count that is noisy itself: it takes more than k, and more where one coach has many of them. One shown unit may be hidden with hidden ones, so that nobody can subtract. Hidden units of one parent are counted together as “Other units” where that is published; else in the units above alone.`],
  ["Sums", "Where all parts of a unit are shown, alone or as “Other units”, their sizes and counts add up to the unit's: their noise was made to agree."],
  ["A difference", "Who is coached was not drawn by lot. Better numbers with coaching may come from who is chosen for it; programme effects compare with units that had not started."],
];
