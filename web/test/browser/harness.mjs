// A browser without a network, and everything that it complains about.

import { accessSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const there = (file) => { try { accessSync(file); return true; } catch { return false; } };

/** The page under test: made by `lodestar run`. */
export const PAGE = process.env.LODESTAR_PAGE;
/** One of 2,000 units and eight periods. */
export const LARGE = process.env.LODESTAR_LARGE_PAGE;
/** One with terms that were found in notes: see `tests/it/page.rs`. */
export const TERMS = process.env.LODESTAR_TERMS_PAGE;

export const VIEWS = ["north-star", "notes", "outcomes", "reach", "tables", "guarantee"];

export async function browser() {
  const executablePath = PLACES.filter(Boolean).find(there);
  if (!executablePath) throw new Error("no Chromium: install it, or name it in CHROMIUM");
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** Opens a page at a fragment. `complaints` collects errors, dialogs and requests. */
export async function opened(chrome, file, { fragment = "", width = 1280, height = 900, dark = false } = {}) {
  const context = await chrome.newContext({
    viewport: { width, height }, colorScheme: dark ? "dark" : "light", acceptDownloads: true,
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => { complaints.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    if (!/^(file|blob):/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  const url = `${pathToFileURL(file)}${fragment && `#${fragment}`}`;
  await page.goto(url);
  await settled(page);
  return { page, complaints, url, close: () => context.close() };
}

/** Until a view is shown and its pictures are drawn, or said to be too narrow. */
export async function settled(page) {
  await page.waitForSelector("#page[data-shown]");
  await page.waitForFunction(() => [...document.querySelectorAll(".chart")].every((chart) => chart.querySelector("svg, .nothing")));
}

/** Changes a filter as a person does, and waits for the view that it makes. */
export async function choose(page, id, value) {
  if ((await page.inputValue(`#${id}`)) === value) return;
  const before = await page.getAttribute("#page", "data-shown");
  await page.selectOption(`#${id}`, value);
  await page.waitForFunction((old) => document.querySelector("#page").dataset.shown !== old, before)
    .catch(() => { throw new Error(`${id} = ${value} changed nothing of ${before}`); });
  await settled(page);
}
