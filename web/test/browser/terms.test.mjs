// Terms that were found in notes, where a release looks for them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browser, choose, opened, TERMS } from "./harness.mjs";

const TITLE = "What nobody put in the codebook";

describe("terms", { skip: TERMS ? false : "LODESTAR_TERMS_PAGE names no page with terms" }, () => {
  let chrome, opening;
  before(async () => {
    chrome = await browser();
    opening = await opened(chrome, TERMS, { fragment: "view=notes" });
  });
  after(async () => {
    await opening.close();
    await chrome.close();
  });

  const figure = () => opening.page.locator("figure", { has: opening.page.getByRole("heading", { name: TITLE }) });

  test("what many people's notes say is drawn, the longest of what stands within each other", async () => {
    const told = await figure().getByRole("img").getAttribute("aria-label");
    const terms = told.split("; ").map((one) => one.split(":")[0]);
    assert.equal(terms.length, 12, told);
    const all = await figure().locator("tbody th").allTextContents();
    for (const term of terms)
      assert.ok(!all.some((other) => other !== term && ` ${other} `.includes(` ${term} `)), term);
    assert.deepEqual(opening.complaints, []);
  });

  test("the table has all of them, of a competency with how peculiar they are to it", async () => {
    const words = async () => (await figure().locator("tbody th").allTextContents());
    assert.ok((await words()).includes("calendar creep"));
    assert.equal(await figure().getByRole("columnheader", { name: "Lift", exact: true }).count(), 0);
    await choose(opening.page, "competency", "adaptability");
    await figure().locator("summary").click();
    const row = figure().locator("tr", { has: opening.page.getByRole("rowheader", { name: "silent calendar creep", exact: true }) });
    const cells = await row.locator("td").allTextContents();
    assert.ok(parseFloat(cells[4]) > 1, cells.join(" "));
    await choose(opening.page, "competency", "courage");
    assert.ok(!(await words()).includes("silent calendar creep"));
    assert.deepEqual(opening.complaints, []);
  });
});
