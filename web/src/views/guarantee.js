// The guarantee in full, and how to read the page.

import { h } from "../dom.js";
import { grid } from "../figure.js";
import { fixed, small } from "../words.js";

export const guarantee = {
  id: "guarantee",
  title: "Guarantee",
  lead: "What is promised to the people behind the numbers, what is not, and how to read a number.",
  filters: [],
  render({ page }) {
    const { head } = page;
    const group = page.root.children.find(({ isGroup }) => isGroup)?.label ?? "Other units";
    return [
      section("The promise", h("p", {}, head.guarantee.promise)),
      section("What is not promised", h("ul", {}, head.guarantee.exclusions.map((text) => h("li", {}, text)))),
      section("What each release was given", h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Releases" }, grid([
        { title: "Release", value: (row) => row.release_id },
        { title: "ε", number: true, value: ({ privacy }) => fixed(privacy.epsilon_release, 2) },
        { title: "δ", number: true, value: ({ privacy }) => small(privacy.delta_release) },
        { title: "Window", value: ({ privacy }) => privacy.window },
        { title: "ε of the window", number: true, value: ({ privacy }) => fixed(privacy.epsilon_window, 2) },
        { title: "δ of the window", number: true, value: ({ privacy }) => small(privacy.delta_window) },
        { title: "k", number: true, value: ({ privacy }) => privacy.k },
        { title: "Coaches", number: true, value: ({ privacy }) => privacy.coalition },
        { title: "A person is", value: ({ privacy }) => (privacy.unit === "person" ? "all of their rows" : "their rows of one period") },
        { title: "People", value: ({ synthetic }) => (synthetic ? "synthetic" : "real") },
      ], head.releases))),
      section("How to read a number", h("dl", { class: "reading" }, READING(head, group).map(([title, text]) => [h("dt", {}, title), h("dd", {}, text)]))),
    ];
  },
};

const section = (title, ...content) => h("section", { class: "text" }, h("h2", {}, title), content);

const READING = (head, group) => [
  ["Bars and brackets", "95 % intervals. Those of sizes, shares and means cover the noise: they are about exactly these people, each within the bounds. Those of changes, differences, effects and lift also cover the chance of who these people are. Ends are rounded outwards."],
  ["Uncertain", "The interval holds the line that the number is judged by: it may be either side. Two numbers whose bars overlap may be the same, so units stand in the order of the org chart and never in one of rank."],
  ["Too uncertain", "There is a number, but the noise would drown it. It is withheld by the size of the group alone, never by what the number is."],
  ["Fewer than k", `Fewer than ${head.k} people are estimated behind the count: it is not shown.`],
  ["Hidden", `A unit without enough people, or without enough when any one coach's are taken away, has no numbers. With at least one other it is counted in a group, “${group}”, so that nobody can subtract it from the whole.`],
  ["Sums", "Sizes and counts of units add up to those of the unit above: their noise was made to agree."],
  ["A difference", "Who is coached was not drawn by lot. Better numbers with coaching may come from who is chosen for it; programme effects compare with units that had not started."],
];
