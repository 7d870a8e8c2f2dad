// Opens the page: its data, the filters, and the view that the fragment names.

import { h } from "./dom.js";
import { controls } from "./controls.js";
import { fragment, parse, valid } from "./state.js";
import { open } from "./tables.js";
import { everything } from "./views/everything.js";
import { guarantee } from "./views/guarantee.js";
import { northStar } from "./views/north_star.js";
import { notes } from "./views/notes.js";
import { outcomes } from "./views/outcomes.js";
import { reach } from "./views/reach.js";

const VIEWS = [northStar, notes, outcomes, reach, everything, guarantee];

const place = document.getElementById("page");
const page = await start();

async function start() {
  try {
    return await open((id) => document.getElementById(`lodestar-${id}`).textContent);
  } catch {
    place.replaceChildren(h("main", {}, h("h1", {}, "This page cannot be read"),
      h("p", {}, "It needs a browser of 2023 or newer, and the whole file. The Parquet tables beside it hold the same numbers.")));
    throw new Error("the page's data cannot be read");
  }
}

const skip = h("a", { class: "skip", href: "#main",
  click: (event) => { event.preventDefault(); place.querySelector("h1").focus(); } }, "Skip to the content");
const header = h("header", {});
const main = h("main", { id: "main" });
const said = h("p", { class: "unseen", role: "status" });
place.append(skip, header, said, main, foot());

let shown = null;
await show();
requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("usable")));
window.addEventListener("hashchange", show);
// What is not promised belongs on paper, too.
window.addEventListener("beforeprint", () => {
  for (const details of main.querySelectorAll(".exclusions")) details.open = true;
});

/** Shows what the fragment says. */
async function show() {
  const state = valid(parse(location.hash), page, VIEWS);
  const view = VIEWS.find(({ id }) => id === state.view);
  const turn = (shown = Symbol(view.id));
  const wasView = main.dataset.view;
  const kept = document.activeElement?.id;
  const context = { page, state, go, link: (change) => fragment({ ...state, ...change }) };
  const content = await drawn(view, context);
  if (shown !== turn) return;
  header.replaceChildren(banner(), navigation(state));
  main.replaceChildren(
    h("h1", { tabindex: "-1" }, view.title),
    h("p", { class: "lead" }, view.lead),
    ...[controls(context, view), content].flat(3).filter(Boolean),
  );
  main.dataset.view = view.id;
  const tab = header.querySelector("[aria-current]");
  tab.closest("ul").scrollLeft = tab.offsetLeft - 24;
  document.title = `${view.title}: ${page.head.organisation}`;
  const unit = page.units.get(state.unit).label;
  said.textContent = `${view.title}: ${unit}, ${state.period}`;
  if (wasView !== undefined && wasView !== view.id) main.querySelector("h1").focus();
  else if (kept) document.getElementById(kept)?.focus();
  place.setAttribute("data-shown", fragment(state));
}

async function drawn(view, context) {
  try {
    return await view.render(context);
  } catch (error) {
    console.error(error);
    return h("p", { class: "nothing" }, "This view cannot be drawn from these tables; “All numbers” has them.");
  }
}

/** Changes the filters, and with them the link. */
function go(change) {
  const state = valid(parse(location.hash), page, VIEWS);
  location.hash = fragment({ ...state, ...change });
}

function banner() {
  const { head } = page;
  return h("div", { class: "banner" },
    h("p", { class: "organisation" }, head.organisation),
    h("p", { class: "edition" }, "Connected coaching, up to ", h("span", { class: "whole" }, head.newest_release),
      head.synthetic && h("strong", { class: "badge" }, "Synthetic people")));
}

function navigation(state) {
  return h("nav", { "aria-label": "Views" },
    h("ul", {}, VIEWS.map(({ id, title }) => h("li", {},
      h("a", { href: fragment({ ...state, view: id }), "aria-current": id === state.view && "page" }, title)))));
}

function foot() {
  const { head } = page;
  return h("footer", {},
    h("p", {}, `Every number is about a group of at least ${head.k} people and carries noise; bars are 95 % intervals. `,
      "The same numbers stand in the Parquet tables beside this page."),
    h("p", {}, `Lodestar ${head.engine_version}`));
}
