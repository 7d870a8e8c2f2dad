// Numbers and statuses as people read them.

const SEPARATOR = "\u00a0·";
const THIN = "\u202f";
const MINUS = "\u2212";

/** What to say where a number is missing. */
const STATUS = {
  ok: ["left out", "in so large an organisation the page leaves out counts; the Parquet tables have them"],
  left_out: ["left out", "in so large an organisation the page leaves out comparisons that tell no difference; the Parquet tables say what there is"],
  too_uncertain: ["too uncertain", "the noise would drown it: the group is too small for the budget"],
  below_k: ["fewer than k", "fewer people than the minimum are estimated"],
  cohort_missing: ["nothing to compare with", "the group that it would be compared with is hidden"],
  no_previous: ["too few periods yet", "too few earlier periods are published"],
  not_declared: ["not declared", "a target, or norms, would have to be declared"],
};

/** A missing number in a few words. */
export const missing = (status) => STATUS[status]?.[0] ?? "not given";

/** Why numbers are missing, for those statuses that occur. */
export function reasons(statuses) {
  const found = [...new Set(statuses)].filter((status) => STATUS[status]);
  return found.map((status) => STATUS[status].join(": "));
}

/** How a statistic is written: a function of a number, and the unit's name. */
export function format(unit, digits = 2) {
  if (unit === "share" || unit === "share a year" || unit === "agreement")
    return (x) => `${fixed(x * 100, 1)}${THIN}%`;
  if (unit === "people") return (x) => grouped(Math.round(x));
  if (unit === "minutes") return (x) => `${fixed(x, 0)}${THIN}min`;
  if (unit === "times") return (x) => `${fixed(x, 2)}${THIN}×`;
  if (unit === "day") return date;
  if (unit === "word") return (x) => x;
  return (x) => fixed(x, Math.min(digits, 3));
}

/** The same of a difference: with its sign, and shares in points. */
export function formatDifference(unit, digits = 2) {
  if (unit === "share" || unit === "share a year")
    return (x) => `${sign(x)}${fixed(Math.abs(x) * 100, 1)}${THIN}pts`;
  const plain = format(unit, digits);
  return (x) => `${sign(x)}${plain(Math.abs(x))}`;
}

/** A value with its 95 % interval, or why there is none. */
export function said(figure, write) {
  if (figure.value === null) return missing(figure.status);
  if (figure.low === null) return write(figure.value);
  return `${write(figure.value)} (${write(figure.low)} to ${write(figure.high)})`;
}

/** How many, of what. */
export const count = (n, one, many = `${one}s`) => `${grouped(n)} ${n === 1 ? one : many}`;

/** A label in lines of at most so many characters, broken between words where it can be. */
export function broken(label, room) {
  const lines = [];
  // A separator stays with what it ends, or goes with the end of the line.
  for (let word of label.replaceAll(" · ", `${SEPARATOR} `).split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room) {
      lines[lines.length - 1] = `${last} ${word}`;
      continue;
    }
    if (word.length > room && word.endsWith(SEPARATOR)) word = word.slice(0, -SEPARATOR.length);
    for (; word.length > room; word = word.slice(room)) lines.push(word.slice(0, room));
    lines.push(word);
  }
  return lines;
}

/** Things in a row: a, b and c. */
export function list(things) {
  if (things.length < 2) return things.join("");
  return `${things.slice(0, -1).join(", ")} and ${things.at(-1)}`;
}

const sign = (x) => (x < 0 ? MINUS : x > 0 ? "+" : "");

/** A written number without zeros at its end: for axes. */
export const short = (text) => text.replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");

/** A number with so many places and a real minus. */
export const fixed = (x, places) => {
  const text = x.toFixed(places).replace("-", MINUS);
  return /[1-9]/.test(text) ? text : text.replace(MINUS, "");
};

/** A whole number, its digits in threes. */
export const grouped = (n) => String(n).replace("-", MINUS).replace(/\B(?=(\d{3})+$)/g, ",");

/** Days since 1970 as a date. */
export const date = (days) => new Date(days * 864e5).toISOString().slice(0, 10);

/** A privacy parameter, rounded up: never in our favour. */
export function parameter(x) {
  const unit = 10 ** (Math.floor(Math.log10(x)) - 2);
  const up = Number((Math.ceil(x / unit - 1e-9) * unit).toPrecision(3));
  if (up >= 0.001) return String(up);
  const [digits, power] = up.toExponential().split("e-");
  return `${digits.replace(/\.0+$/, "")}·10${superscript(`-${power}`)}`;
}

const superscript = (text) => [...text].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("");
