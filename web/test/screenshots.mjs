// Pictures of the page for docs/: `LODESTAR_PAGE=… node test/screenshots.mjs`.

import path from "node:path";
import { fileURLToPath } from "node:url";
import { PAGE, browser, opened } from "./browser/harness.mjs";

const docs = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../docs/images");
const SHOTS = [
  ["page-north-star", { fragment: "view=north-star" }],
  ["page-notes", { fragment: "view=notes&unit=sales", dark: true }],
];

const chrome = await browser();
for (const [name, options] of SHOTS) {
  const { page, close } = await opened(chrome, PAGE, { ...options, width: 1280, height: 860 });
  await page.screenshot({ path: path.join(docs, `${name}.png`) });
  await close();
}
await chrome.close();
