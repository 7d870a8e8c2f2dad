// Every view, filter, link, print and keyboard path of a released page.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import { PAGE, VIEWS, browser, choose, opened, settled } from "./harness.mjs";
import { rewrite } from "./hostile.mjs";

describe("the page", { skip: !PAGE && "LODESTAR_PAGE is not set" }, () => {
  let chrome;
  before(async () => { chrome = await browser(); });
  after(() => chrome.close());

  for (const view of VIEWS) {
    for (const dark of [false, true])
      test(`${view}, ${dark ? "dark" : "light"}: no complaint, no request, no violation of WCAG 2.2 AA`, async () => {
        const { page, complaints, close } = await opened(chrome, PAGE, { fragment: `view=${view}`, dark });
        // axe-core reads the page from outside of its policy.
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate((dark) => window.axe.run(document, {
          // In the dark only colours differ.
          runOnly: dark ? ["color-contrast"] : ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        }), dark);
        const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
        assert.deepEqual(told, []);
        assert.deepEqual(complaints, []);
        await close();
      });

    test(`${view}: nothing is wider than a phone, a tablet or a screen`, async () => {
      const { page, complaints, close } = await opened(chrome, PAGE, { fragment: `view=${view}`, width: 1440 });
      for (const width of [1440, 1024, 390, 320]) {
        await page.setViewportSize({ width, height: 900 });
        const { scroll, own } = await page.evaluate(() => ({
          scroll: document.documentElement.scrollWidth, own: document.documentElement.clientWidth }));
        assert.ok(scroll <= own, `${width}: ${scroll} > ${own}`);
      }
      assert.deepEqual(complaints, []);
      await close();
    });
  }

  test("what is too narrow for pictures says so, and draws them where there is room again", async () => {
    for (const view of ["north-star", "notes", "outcomes", "reach", "tables"]) {
      const { page, complaints, close } = await opened(chrome, PAGE, { fragment: `view=${view}` });
      const pictures = () => page.$$eval(".chart svg", (all) => all.length);
      const [all, tables] = [await pictures(), await page.$$eval("details.data", (all) => all.length)];
      assert.ok(all > 0);
      for (const width of [80, 1]) {
        await page.setViewportSize({ width, height: 900 });
        await page.waitForFunction(() => !document.querySelector(".chart svg"), null, { timeout: 5000 });
        assert.match(await page.textContent(".chart"), /^Too narrow for a picture/);
      }
      assert.equal(await page.$$eval("details.data", (all) => all.length), tables);
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.waitForFunction((all) => document.querySelectorAll(".chart svg").length === all, all);
      assert.deepEqual(complaints, []);
      await close();
    }
  });

  test("what is left out of Compare notes is told, with a link to where it is", async () => {
    const { page, close } = await opened(chrome, PAGE, { fragment: "view=notes" });
    const comesUp = () => page.innerText("figure:has(h2) .note >> nth=0");
    assert.match(await page.innerText(".summary"), /At most \d+ themes a person count, so shares are (a little )?low: see “What bounds cut off” in All numbers\./);
    assert.match(await comesUp(), /Rows of “other”, .* are left out: choose a competency/);
    await choose(page, "competency", await page.$eval("#competency option:nth-child(2)", ({ value }) => value));
    assert.match(await comesUp(), /In no theme of the codebook: /);
    await page.click(".summary a");
    await page.waitForFunction(() => document.querySelector("h1").textContent === "All numbers");
    assert.equal(await page.inputValue("#table"), "theme_prevalence");
    assert.equal(await page.$$eval("[aria-label='What bounds cut off'] tbody tr", (rows) => rows.length > 0), true);
    await close();
  });

  test("what has no number yet, or nothing to compare with, is told so", async () => {
    const { page, close } = await opened(chrome, PAGE);
    const first = await page.$eval("#period option:last-child", ({ value }) => value);
    await choose(page, "period", first);
    assert.match(await page.innerText("section:has(> #changes)"), /nothing to compare with the period before/);
    await close();
    const early = await opened(chrome, PAGE, { fragment: `view=outcomes&period=${first}` });
    assert.match(await early.page.innerText("main"), /Progress between two assessments: not yet\. The first are those of \S+, which had not ended with \S+\./);
    await early.close();
    const sized = await opened(chrome, PAGE, { fragment: "view=notes" });
    const units = await sized.page.$$eval("#unit option", (all) => all.filter(({ textContent }) => textContent.endsWith(" (size alone)")).map(({ value }) => value));
    for (const unit of units.slice(0, 3)) {
      await choose(sized.page, "unit", unit);
      const text = await sized.page.innerText("main");
      assert.match(text, /has no numbers here|What is peculiar here\s+It can't be told: no theme can be compared/);
    }
    await sized.close();
  });

  test("every option of every filter is shown, and kept by the link", async () => {
    for (const view of VIEWS) {
      const { page, complaints, close } = await opened(chrome, PAGE, { fragment: `view=${view}` });
      const filters = await page.$$eval(".filters select, .pick select", (all) => all.map(({ id }) => id));
      for (const id of filters) {
        const values = await page.$$eval(`#${id} option`, (all) => all.map(({ value }) => value));
        const first = await page.$eval(`#${id}`, ({ value }) => value);
        // Of a long list, some; and the first again, for the next filter.
        for (const value of [...values.filter((value) => value !== first).slice(-5), first]) {
          await choose(page, id, value);
          const hash = await page.evaluate(() => location.hash);
          assert.equal(new URLSearchParams(hash.slice(1)).get(id) ?? "", value, hash);
          assert.equal(await page.$eval(`#${id}`, (select) => select.value), value);
        }
      }
      const text = await page.innerText("main");
      const url = page.url();
      const again = await chrome.newPage();
      await again.setViewportSize({ width: 1280, height: 900 });
      await again.goto(url);
      await settled(again);
      assert.equal(await again.innerText("main"), text, "a link shows what was shown");
      await again.close();
      assert.deepEqual(complaints, []);
      await close();
    }
  });

  test("the way back leads to the filters before", async () => {
    const { page, close } = await opened(chrome, PAGE, { fragment: "view=notes" });
    const [newest, older] = await page.$$eval("#period option", (all) => all.map(({ value }) => value));
    await choose(page, "period", older);
    await page.goBack();
    await page.waitForFunction((value) => document.querySelector("#period").value === value, newest);
    await close();
  });

  test("a fragment of nonsense shows the first view", async () => {
    const { page, complaints, close } = await opened(chrome, PAGE, { fragment: "view=%3Cscript%3E&unit=nowhere&level=-7&period=x" });
    assert.equal(await page.innerText("h1"), "North Star");
    assert.deepEqual(complaints, []);
    await close();
  });

  test("everything works with the keyboard alone", async () => {
    const { page, complaints, close } = await opened(chrome, PAGE);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
    await page.focus("nav a[href*='view=notes']");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("h1").textContent === "Compare notes");
    await settled(page);
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1", "the new view is read from its heading");
    await page.focus("#period");
    const before = await page.evaluate(() => document.activeElement.value);
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction((old) => document.querySelector("#period").value !== old, before);
    await settled(page);
    assert.equal(await page.evaluate(() => document.activeElement.id), "period", "a filter keeps the focus");
    await page.focus("details.data summary");
    await page.keyboard.press("Enter");
    assert.ok(await page.$eval("details.data", (details) => details.open));
    await page.keyboard.press("Tab");
    const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    assert.match(file.suggestedFilename(), /\.csv$/);
    assert.deepEqual(complaints, []);
    await close();
  });

  test("a chart has its table, with the same rows, and its CSV", async () => {
    for (const view of VIEWS.slice(0, 5)) {
      const { page, complaints, close } = await opened(chrome, PAGE, { fragment: `view=${view}` });
      const figures = await page.$$("figure:has(.chart)");
      assert.ok(figures.length > 0);
      let saved = 0;
      for (const figure of figures) {
        assert.ok((await figure.$eval(".chart", (chart) => chart.getAttribute("aria-label"))).length > 10);
        await figure.$eval("details.data", (details) => { details.open = true; });
        const cells = await figure.$$eval("tbody tr", (rows) => rows.length);
        assert.ok(cells > 0);
        // Chromium hands over ten files, then it asks.
        if (++saved > 9) continue;
        const [file] = await Promise.all([page.waitForEvent("download"), figure.$eval("button.quiet", (button) => button.click())]);
        const text = await readFile(await file.path(), "utf8");
        const lines = text.trim().split("\r\n");
        assert.ok(lines.length === cells + 1, `${cells} rows, ${lines.length} lines`);
      }
      assert.deepEqual(complaints, []);
      await close();
    }
  });

  test("every point of every picture has its interval", async () => {
    for (const view of ["north-star", "notes", "outcomes", "reach"]) {
      const { page, close } = await opened(chrome, PAGE, { fragment: `view=${view}` });
      const counted = await page.$$eval(".chart svg", (all) => all.map((svg) => ({
        dots: svg.querySelectorAll("g[stroke-width='2.5'] path, g[stroke-width='2.5'] circle").length,
        bars: svg.querySelectorAll("g[stroke-width='3'] line").length })));
      assert.ok(counted.some(({ dots }) => dots > 0));
      for (const { dots, bars } of counted) assert.equal(bars, dots);
      await close();
    }
  });

  test("Compare notes prints on one page, whatever is chosen", async () => {
    const { page, close } = await opened(chrome, PAGE, { fragment: "view=notes", dark: true });
    const pages = async () => (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    assert.equal(await pages(), 1);
    const units = await page.$$eval("#unit option", (all) => all.map(({ value }) => value));
    for (const unit of units.slice(1, 4)) {
      await choose(page, "unit", unit);
      assert.equal(await pages(), 1, unit);
    }
    await choose(page, "competency", await page.$eval("#competency option:nth-child(2)", ({ value }) => value));
    assert.equal(await pages(), 1);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    await close();
  });

  test("units that a view shows nothing of say so in the list", async () => {
    const marked = (options) => options.filter(({ textContent }) => textContent.endsWith(" (no numbers)")).map(({ value }) => value);
    let seen = 0;
    for (const view of ["north-star", "notes", "outcomes", "reach"]) {
      const { page, close } = await opened(chrome, PAGE, { fragment: `view=${view}` });
      const without = await page.$$eval("#unit option", marked);
      const all = await page.$$eval("#unit option", (options) => options.length);
      assert.ok(without.length < all, `${without.length} of ${all}`);
      seen += without.length;
      if (without.length > 0) {
        await choose(page, "unit", without[0]);
        assert.match(await page.innerText("main"), /has no numbers here/);
        assert.equal(await page.$$eval(".chart svg", (charts) => charts.length), 0);
      }
      await close();
    }
    assert.ok(seen > 0);
  });

  test("a unit of which a view has sizes alone says so in the list", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "lodestar-page-"));
    const sized = path.join(folder, "index.html");
    await rewrite(PAGE, sized, (head) => {
      head.tables.find(({ name }) => name === "theme_prevalence").sizes_alone = [1];
    });
    const { page, close } = await opened(chrome, sized, { fragment: "view=notes" });
    const marked = await page.$$eval("#unit option", (all) => all.filter(({ textContent }) => textContent.endsWith(" (size alone)")).length);
    assert.equal(marked, 1);
    await close();
    await rm(folder, { recursive: true });
  });

  test("a release that is superseded is listed with what it took", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "lodestar-page-"));
    const revised = path.join(folder, "index.html");
    await rewrite(PAGE, revised, (head) => {
      const [first] = head.releases;
      head.superseded = [{ ...first }];
      Object.assign(first, { revision: 1, release_id: `${first.release_id}-r1` });
    });
    const { page, complaints, close } = await opened(chrome, revised, { fragment: "view=guarantee" });
    const told = await page.$$eval("[aria-label='Releases'] tbody tr", (rows) => rows.map((row) => [...row.children].slice(0, 3).map(({ textContent }) => textContent)));
    const [[id, standing, epsilon], newer] = told;
    assert.deepEqual([standing, newer], [`superseded by ${id}-r1`, [`${id}-r1`, "in this page", epsilon]]);
    assert.deepEqual(complaints, []);
    await close();
    await rm(folder, { recursive: true });
  });

  test("labels are whole at every width", async () => {
    const cut = (page) => page.$$eval(".chart text", (texts) => texts.map(({ textContent }) => textContent).filter((text) => text.includes("…")));
    for (const view of VIEWS.slice(0, 5)) {
      const { page, close } = await opened(chrome, PAGE, { fragment: `view=${view}`, width: 1440 });
      const units = await page.$$eval("#unit option", (all) => all.filter(({ textContent }) => !textContent.endsWith(")")).map(({ value }) => value));
      for (const unit of units.slice(0, 3)) {
        await choose(page, "unit", unit);
        for (const width of [1440, 1280, 1024, 390]) {
          const before = await page.$$(".chart svg");
          await page.setViewportSize({ width, height: 900 });
          if (width < 1440) await Promise.all(before.map((svg) => svg.waitForElementState("hidden")));
          await settled(page);
          assert.deepEqual(await cut(page), [], `${view}, ${unit}, ${width}`);
        }
        await page.setViewportSize({ width: 1440, height: 900 });
      }
      await close();
    }
  });

  test("the promise is told plainly, and then as it binds", async () => {
    const { page, close } = await opened(chrome, PAGE);
    const card = await page.innerText("section:has(> #promise)");
    const plain = card.search(/If you were coached, .* by a factor of more than [\d,]+, .* a probability of δ \(ε = /);
    const binding = card.indexOf("Over all releases of a budget window:");
    assert.ok(plain > 0 && binding > plain, card);
    await close();
  });

  test("a large level says what it leaves out, and why", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "lodestar-page-"));
    const large = path.join(folder, "index.html");
    await rewrite(PAGE, large, (head) => {
      const table = head.tables.find(({ name }) => name === "theme_prevalence");
      table.levels[1].left_out = { lift: { ok: 98765, cohort_missing: 43 } };
    });
    const { page, complaints, close } = await opened(chrome, large, { fragment: "view=tables&table=theme_prevalence" });
    const told = await page.$$eval("[aria-label='What is left out'] tbody tr", (rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent)));
    assert.deepEqual(told, [["1", "lift", "in the Parquet tables alone", "98,765"], ["1", "lift", "nothing to compare with", "43"]]);
    assert.deepEqual(complaints, []);
    await close();
    await rm(folder, { recursive: true });
  });

  test("it is one small file", async () => {
    assert.ok((await stat(PAGE)).size < 5e6);
    const html = await readFile(PAGE, "utf8");
    // What the page's own policy would refuse is not asked for either.
    const [head] = html.split("<script");
    assert.ok(!/<(link|img|iframe|object|embed)\b|@import|url\(/.test(head));
    assert.ok(head.includes(`Content-Security-Policy" content="default-src 'none'`));
  });
});
