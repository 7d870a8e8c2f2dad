// Labels that want to be run: in the page, and in what is saved from it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { HOSTILE, VIEWS, browser, choose, opened } from "./harness.mjs";

describe("hostile labels", { skip: !HOSTILE && "LODESTAR_HOSTILE_PAGE is not set" }, () => {
  let chrome;
  before(async () => { chrome = await browser(); });
  after(() => chrome.close());

  for (const view of VIEWS)
    test(`${view}: none is executed, none is markup`, async () => {
      const { page, complaints, close } = await opened(chrome, HOSTILE, { fragment: `view=${view}` });
      const elements = () => page.$$eval("main img, main script, main iframe, main svg svg, main [onerror], main [onload], main [style*='x:']", (all) => all.length);
      assert.equal(await elements(), 0);
      for (const id of await page.$$eval(".filters select", (all) => all.map((select) => select.id))) {
        const values = await page.$$eval(`#${id} option`, (all) => all.map(({ value }) => value));
        await choose(page, id, values.at(-1));
        assert.equal(await elements(), 0);
      }
      assert.equal(await page.evaluate(() => window.executed), undefined);
      assert.deepEqual(complaints, []);
      await close();
    });

  test("the labels are there, as text", async () => {
    const { page, close } = await opened(chrome, HOSTILE, { fragment: "view=notes" });
    const texts = await page.$$eval("option", (all) => all.map(({ textContent }) => textContent));
    assert.ok(texts.filter((text) => /[<>"'=]/.test(text)).length >= 20);
    await close();
  });

  test("no cell of a CSV is a formula", async () => {
    let cells = 0;
    for (const view of VIEWS.slice(0, 5)) {
      const { page, close } = await opened(chrome, HOSTILE, { fragment: `view=${view}` });
      for (const button of await page.$$("figure button.quiet")) {
        const [file] = await Promise.all([page.waitForEvent("download"), button.evaluate((node) => node.click())]);
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
