// A large organisation with the whole default set: 2,000 units at four levels and
// eight quarters. `node test/large.mjs LODESTAR FOLDER [PEOPLE]` makes it, releases it, and
// prints where its page is.

import { spawnSync } from "node:child_process";
import { createReadStream, createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

const [lodestar, folder, people = "200000"] = process.argv.slice(2);
const at = (...parts) => path.join(folder, ...parts);
const run = (...options) => {
  const { status } = spawnSync(lodestar, options, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) process.exit(1);
};

run("synth", "--people", people, "--sessions", String(15 * people), "--units", "2000", "--levels", "4",
  "--years", "2", "--every", "quarter", "--seed", "7", "--format", "csv", "--out", folder);

const competencies = [...readFileSync(at("framework.toml"), "utf8").matchAll(/^id = "(.+)"/gm)].map(([, id]) => id);
const HALVES = ["2023-12-15", "2024-06-15", "2024-12-15", "2025-06-15", "2025-12-15"];
const METRICS = ["absence_rate", "performance", "retained"];

// The same numbers each time (Park and Miller's generator): nothing here is about
// accuracy, so they need not be good ones.
let seed = 1;
const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
const half = (x) => Math.min(5, Math.max(1, Math.round(2 * x) / 2));

const assessments = createWriteStream(at("input", "assessments.csv"));
const outcomes = createWriteStream(at("input", "outcomes.csv"));
assessments.write("subject_id,competency,instrument,score,assessed_on,rater_group\n");
outcomes.write("person_id,measured_on,metric,value\n");
const lines = createInterface({ input: createReadStream(at("input", "people.csv")) });
let first = true;
for await (const line of lines) {
  const person = line.split(",")[0];
  if (first) { first = false; continue; }
  const own = Math.floor(next() * competencies.length);
  const level = 2.6 + next();
  let rows = "";
  HALVES.forEach((day, wave) => {
    for (const step of [0, 5]) {
      const competency = competencies[(own + step) % competencies.length];
      for (const by of ["self", "manager"])
        rows += `${person},${competency},leadership360,${half(level + wave * 0.15 + next() - 0.5)},${day},${by}\n`;
    }
  });
  let values = "";
  for (const day of HALVES.slice(1)) {
    values += `${person},${day},absence_rate,${(next() * 0.12).toFixed(3)}\n`;
    values += `${person},${day},performance,${1 + Math.floor(next() * 5)}\n`;
    values += `${person},${day},retained,${next() < 0.9 ? 1 : 0}\n`;
  }
  if (!assessments.write(rows)) await once(assessments, "drain");
  if (!outcomes.write(values)) await once(outcomes, "drain");
}
await Promise.all([assessments, outcomes].map((stream) => { stream.end(); return once(stream, "finish"); }));

const divisions = readFileSync(at("input", "org.csv"), "utf8").split("\n").slice(1)
  .map((line) => line.split(",")).filter(([, , parent]) => parent === "Acme").map(([id]) => id);
writeFileSync(at("input", "programmes.csv"), `programme,arm,starts_on,org_unit\n${divisions
  .map((id, place) => (place % 2 ? `pilot,pilot,2024-07-01,${id}` : `pilot,comparison,,${id}`)).join("\n")}\n`);
writeFileSync(at("instruments.toml"), `[[instruments]]
id = "leadership360"
min = 1
max = 5
step = 0.5
reliability = 0.85
norm_sd = 0.7
${METRICS.map((id) => `
[[metrics]]
id = "${id}"
range = ${id === "performance" ? "[1, 5]" : "[0, 1]"}
${id === "absence_rate" ? "clip = [0, 0.2]\n" : ""}`).join("")}`);
const source = (name) => `\n[sources.${name}]\npath = "input/${name}.csv"\nsynthetic = true\n`;
const config = readFileSync(at("lodestar.toml"), "utf8")
  .replace('"codebook.toml"', '"codebook.toml", "instruments.toml"');
writeFileSync(at("lodestar.toml"), `${config}
[north_star]
where = "Somewhere large"
targets = [{ competency = "${competencies[0]}", level = 4.0 }]
${["assessments", "outcomes", "programmes"].map(source).join("")}`);

run("run", "--config", at("lodestar.toml"));
console.log(at("published", "current", "index.html"));
