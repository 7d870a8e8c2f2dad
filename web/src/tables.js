// The published tables: rows of an organisational unit and period, as objects.

import * as decode from "./decode.js";

/** Dimensions with `(all)` that views read a table by. */
const READ_BY = { coverage: ["job_level"], north_star: ["competency"] };

/** One table of facts. Its rows are unpacked a level at a time, when asked for. */
export class Table {
  #described;
  #levels = new Map();
  #block;

  constructor(described, units, block) {
    this.#described = described;
    this.#block = block;
    this.name = described.name;
    this.question = described.question;
    this.dimensions = described.dimensions;
    this.others = described.others;
    this.statistics = described.statistics.map(({ name }) => name);
    this.levels = described.levels.map(({ level }) => level);
    /** Of large levels: by statistic and status, how many rows lack a number here. */
    this.leftOut = new Map(described.levels.map(({ level, left_out: counts }) => [level, counts ?? {}]));
    this.units = units;
    this.words = new Map();
    for (const column of described.columns)
      if (column.kind === "word") this.words.set(column.name, column);
    this.digits = new Map();
    for (const column of described.columns)
      if (column.kind === "number" || column.kind === "date")
        this.digits.set(column.name, column);
    this.periods = this.words.get("period").words;
    const { words: named } = this.words.get("org_unit");
    /** Units of which no row has more than sizes. */
    this.sizesAlone = new Set((described.sizes_alone ?? []).map((place) => named[place]));
  }

  /** The label of a dimension's value. */
  label(dimension, word) {
    const { words, labels } = this.words.get(dimension);
    return labels[words.indexOf(word)] || word;
  }

  /**
   * The rows of a unit, by period, of all people alike: where people are told apart by
   * something that this table need not be read by, `(all)` of them. None if it is hidden.
   */
  async of(unit, period) {
    const apart = this.dimensions.filter((name) =>
      !READ_BY[this.name]?.includes(name) && this.words.get(name).words.includes("(all)"));
    return (await this.every(unit, period)).filter((row) => apart.every((name) => row[name] === "(all)"));
  }

  /** The rows of several units in a period, one after the other. */
  async ofAll(units, period) {
    return (await Promise.all(units.map((unit) => this.of(unit.id, period)))).flat();
  }

  /** As {@link of}, and the rows of people told apart. */
  async every(unit, period) {
    const place = this.words.get("org_unit").words.indexOf(unit);
    if (place < 0) return [];
    const found = new Map();
    const wanted = period === undefined ? this.periods : [period];
    // A unit may have stood at another level before.
    const own = this.units.get(unit).level;
    for (const depth of [...this.levels].sort((a, b) => Math.abs(a - own) - Math.abs(b - own))) {
      const left = wanted.filter((name) => !found.has(name));
      if (left.length === 0) break;
      const level = await this.level(depth);
      for (const name of left) {
        const range = level.ranges.get(place * this.periods.length + this.periods.indexOf(name));
        if (range) found.set(name, this.#rows(level, range));
      }
    }
    return wanted.flatMap((name) => found.get(name) ?? []);
  }

  /** A level, unpacked once. */
  level(depth) {
    if (!this.#levels.has(depth)) this.#levels.set(depth, this.#unpack(depth));
    return this.#levels.get(depth);
  }

  async #unpack(depth) {
    const entry = this.#described.levels.find(({ level }) => level === depth);
    if (!entry) return null;
    const text = this.#block(`${this.name}-${depth}`);
    const columns = decode.columns(await decode.bytes(text), this.#described.columns, entry.rows);
    return { rows: entry.rows, columns, ranges: this.#ranges(columns, entry.rows) };
  }

  /** First and last row of each unit and period: rows are sorted by them. */
  #ranges(columns, rows) {
    const [units, periods] = [columns.get("org_unit"), columns.get("period")];
    const ranges = new Map();
    let start = 0;
    for (let row = 1; row <= rows; row++) {
      const ends = row === rows || units[row] !== units[start] || periods[row] !== periods[start];
      if (ends) {
        ranges.set(units[start] * this.periods.length + periods[start], [start, row]);
        start = row;
      }
    }
    return ranges;
  }

  #rows(level, [from, to]) {
    return Array.from({ length: to - from }, (_, step) => this.#row(level.columns, from + step));
  }

  #row(columns, at) {
    const word = (name) => this.words.get(name)?.words[columns.get(name)[at]] ?? null;
    const row = { table: this, unit: word("org_unit"), period: word("period") };
    for (const name of this.dimensions) row[name] = word(name);
    for (const name of ["cohort", ...this.others.map((other) => `cohort_${other}`)])
      row[name] = this.#figure(columns, name, at, "ok");
    for (const name of this.statistics) {
      const status = columns.has(`${name}_status`) ? word(`${name}_status`) : word("status");
      row[name] = this.digits.has(name)
        ? this.#figure(columns, name, at, status)
        : { value: word(name), low: null, high: null, status };
    }
    return row;
  }

  #figure(columns, name, at, status) {
    const { digits = 0 } = this.digits.get(name);
    const get = (column) =>
      columns.has(column) ? decode.number(columns.get(column), at, digits) : null;
    const [value, low, high] = [get(name), get(`${name}_low`), get(`${name}_high`)];
    return { value, low, high, status: value === null ? status ?? "left_out" : "ok" };
  }
}

/** What the page holds: its head, and the tables of facts by name. */
export async function open(block) {
  const text = block("head");
  const head = JSON.parse(new TextDecoder().decode(await decode.bytes(text)));
  const dimensions = new Map(Object.entries(head.dimensions).map(([name, { columns, rows }]) =>
    [name, rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at]])))]));
  const dimension = (name) => dimensions.get(name) ?? [];
  const units = orgTree(dimension("dim_org_unit"));
  return {
    head,
    dimension,
    units,
    depth: Math.max(...[...units.values()].map(({ level }) => level)),
    root: [...units.values()].find(({ parent }) => parent === null),
    tables: new Map(head.tables.map((table) => [table.name, new Table(table, units, block)])),
  };
}

/** Units by id, parents before children, siblings as published: a tree in order. */
function orgTree(rows) {
  const all = new Map(
    rows.map((row) => [
      row.org_unit,
      { id: row.org_unit, label: row.label, parent: row.parent, level: row.org_level,
        isGroup: row.is_group, children: [] },
    ]),
  );
  for (const unit of all.values()) all.get(unit.parent)?.children.push(unit);
  const ordered = new Map();
  const visit = (unit) => {
    ordered.set(unit.id, unit);
    // A group of hidden units comes after those that are shown.
    unit.children.sort((a, b) => a.isGroup - b.isGroup || a.label.localeCompare(b.label));
    unit.children.forEach(visit);
  };
  for (const unit of all.values()) if (unit.parent === null) visit(unit);
  return ordered;
}
