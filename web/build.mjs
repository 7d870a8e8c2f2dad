// Builds dist/page.html: one file with the page's code and style inlined, and two
// places for the program to fill, {{title}} and {{data}}. `--check` builds it and
// compares it, and the list of licences, with what is committed.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const at = (...parts) => path.join(here, ...parts);

const bundled = await build({
  entryPoints: [at("src/main.js")],
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  write: false,
  absWorkingDir: here,
});
const style = await build({
  entryPoints: [at("src/page.css")],
  minify: true,
  target: ["es2022"],
  charset: "utf8",
  write: false,
  absWorkingDir: here,
});
const script = bundled.outputFiles[0].text.trim().replaceAll("</script", "<\\/script");
const css = style.outputFiles[0].text.trim();

/** Sources that the page's policy allows: these texts and no others. */
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const plot = await plotStyle();
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(css)} ${hash(plot)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const template = await readFile(at("src/page.html"), "utf8");
const page = template
  .replace("{{policy}}", () => policy)
  .replace("{{style}}", () => css)
  .replace("{{script}}", () => script);
for (const place of ["{{title}}", "{{data}}"])
  if (page.split(place).length !== 2) throw new Error(`${place} must stand in the page once`);

const made = { "dist/page.html": page, "dist/LICENCES.txt": await licences() };
let different = 0;
for (const [name, text] of Object.entries(made)) {
  if (!process.argv.includes("--check")) await writeFile(at(name), text);
  else if ((await readFile(at(name), "utf8").catch(() => "")) !== text) {
    console.error(`${name} is not what its sources make: run npm run build`);
    different = 1;
  }
}
const size = (text) => `${Math.round(Buffer.byteLength(text) / 1024)} KiB`;
console.log(`page ${size(page)}: code ${size(script)}, style ${size(css)}`);
process.exitCode = different;

/** The text of the style element that Plot puts into a chart of class `plot`. */
async function plotStyle() {
  const source = await readFile(at("node_modules/@observablehq/plot/src/plot.js"), "utf8");
  const found = source.match(/\.text\(\s*`(:where\(\.\$\{className\}\)[^`]*)`/);
  if (!found) throw new Error("Plot's style is not where it was: see node_modules/@observablehq/plot/src/plot.js");
  return found[1].replaceAll("${className}", "plot");
}

/** Name, version and licence text of every package that is in the bundle. */
async function licences() {
  const folders = new Set();
  for (const input of Object.keys(bundled.metafile.inputs)) {
    const found = input.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (found) folders.add(found[1]);
  }
  const texts = [];
  for (const name of [...folders].sort()) {
    const folder = at("node_modules", name);
    const described = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const own = await Promise.any(
      ["LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE"].map((file) =>
        readFile(path.join(folder, file), "utf8")),
    ).catch(() => "");
    texts.push(`${name} ${described.version} (${described.license})\n\n${own.trim()}\n`);
  }
  return `What the page is built with, besides Lodestar's own code.\n\n${texts.join(`\n${"-".repeat(72)}\n\n`)}`;
}
