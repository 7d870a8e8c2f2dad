// 2,000 units and eight periods: small enough to be sent, quick enough to be used.

import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { LARGE, browser, choose, opened } from "./harness.mjs";

describe("a large organisation", { skip: !LARGE && "LODESTAR_LARGE_PAGE is not set" }, () => {
  let chrome;
  before(async () => { chrome = await browser(); });
  after(() => chrome.close());

  test("weighs under 5 MB", async (t) => {
    const { size } = await stat(LARGE);
    t.diagnostic(`${(size / 1e6).toFixed(2)} MB`);
    assert.ok(size < 5e6);
  });

  test("is usable within a second of opening", async (t) => {
    const times = [];
    for (let round = 0; round < 5; round++) {
      const { page, complaints, close } = await opened(chrome, LARGE);
      times.push(await page.evaluate(() => performance.getEntriesByName("usable")[0].startTime));
      assert.deepEqual(complaints, []);
      await close();
    }
    const median = times.sort((a, b) => a - b)[2];
    t.diagnostic(`${Math.round(median)} ms, of ${times.map(Math.round).join(", ")}`);
    assert.ok(median < 1000);
  });

  test("shows its deepest level within two seconds", async (t) => {
    const { page, close } = await opened(chrome, LARGE, { fragment: "view=notes" });
    const deepest = await page.$$eval("#level option", (all) => all.at(-1).value);
    const start = Date.now();
    await choose(page, "level", deepest);
    t.diagnostic(`${Date.now() - start} ms`);
    assert.ok(Date.now() - start < 2000);
    await close();
  });
});
