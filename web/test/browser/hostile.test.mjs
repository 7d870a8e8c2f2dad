// Labels that want to be run: in the page, and in what is saved from it.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { PAGE, VIEWS, browser, choose, opened } from "./harness.mjs";
import { write } from "./hostile.mjs";

describe("hostile labels", { skip: !PAGE && "LODESTAR_PAGE is not set" }, () => {
  let chrome;
  let folder;
  let page;
  let used;
  before(async () => {
    chrome = await browser();
    folder = await mkdtemp(path.join(tmpdir(), "lodestar-page-"));
    page = path.join(folder, "index.html");
    used = await write(PAGE, page);
  });
  after(() => Promise.all([chrome.close(), rm(folder, { recursive: true })]));

  test("there are enough of them", () => assert.ok(used.size >= 200, `${used.size}`));

  for (const view of VIEWS)
    test(`${view}: none is executed, none is markup`, async () => {
      const { page: shown, complaints, close } = await opened(chrome, page, { fragment: `view=${view}` });
      const elements = () => shown.$$eval("main img, main script, main iframe, main svg svg, main [onerror], main [onload], main [style*='x:']", (all) => all.length);
      assert.equal(await elements(), 0);
      for (const id of await shown.$$eval(".filters select", (all) => all.map((select) => select.id))) {
        const values = await shown.$$eval(`#${id} option`, (all) => all.map(({ value }) => value));
        await choose(shown, id, values.at(-1));
        assert.equal(await elements(), 0);
      }
      assert.equal(await shown.evaluate(() => window.executed), undefined);
      assert.deepEqual(complaints, []);
      await close();
    });

  test("the labels are there, as text", async () => {
    const { page: shown, close } = await opened(chrome, page, { fragment: "view=notes" });
    const texts = await shown.$$eval("option", (all) => all.map(({ textContent }) => textContent));
    assert.ok(texts.filter((text) => /[<>"'=]/.test(text)).length >= 20);
    await close();
  });

  test("no cell of a CSV is a formula", async () => {
    let cells = 0;
    for (const view of VIEWS.slice(0, 5)) {
      const { page: shown, close } = await opened(chrome, page, { fragment: `view=${view}` });
      // Chromium hands over ten files, then it asks.
      for (const button of (await shown.$$("figure button.quiet")).slice(0, 9)) {
        const [file] = await Promise.all([shown.waitForEvent("download"), button.evaluate((node) => node.click())]);
        for (const cell of parsed(await readFile(await file.path(), "utf8"))) {
          cells += 1;
          if (!/^-?\d+(\.\d+)?(e-?\d+)?$/.test(cell)) assert.doesNotMatch(cell, /^\s*[=+\-@\t\r]/);
        }
      }
      await close();
    }
    assert.ok(cells > 200);
  });
});

/** The cells of a CSV by RFC 4180. */
function parsed(text) {
  const cells = [];
  const pattern = /(?:^|,|\r\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/gy;
  const body = text.replace(/^\ufeff/, "");
  for (let found = pattern.exec(body); found && pattern.lastIndex <= body.length; found = pattern.exec(body)) {
    cells.push(found[1] === undefined ? found[2] : found[1].replaceAll('""', '"'));
    if (pattern.lastIndex === body.length) break;
  }
  return cells;
}
