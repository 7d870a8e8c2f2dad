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

/** How a statistic is written: a function of a number, and of how many more places it takes. */
export function format(unit, digits = 2) {
  if (unit === "share" || unit === "share a year" || unit === "agreement")
    return (x, more = 0) => `${fixed(x * 100, 1 + more)}${THIN}%`;
  if (unit === "people") return (x) => grouped(Math.round(x));
  if (unit === "minutes") return (x, more = 0) => `${fixed(x, more)}${THIN}min`;
  if (unit === "times") return (x, more = 0) => `${fixed(x, 2 + more)}${THIN}×`;
  if (unit === "day") return (x) => date(x);
  if (unit === "word") return (x) => x;
  return (x, more = 0) => fixed(x, Math.min(digits, 3) + more);
}

/** The same of a difference: with its sign, and shares in points. */
export function formatDifference(unit, digits = 2) {
  const points = (x, more = 0) => `${fixed(x * 100, 1 + more)}${THIN}pts`;
  const plain = unit === "share" || unit === "share a year" ? points : format(unit, digits);
  return (x, more) => {
    const size = plain(Math.abs(x), more);
    return /[1-9]/.test(size) ? `${sign(x)}${size}` : size;
  };
}

/** A value with its 95 % interval, or why there is none. */
export function said(figure, write) {
  if (figure.value === null) return missing(figure.status);
  if (figure.low === null) return write(figure.value);
  return `${write(figure.value)} (${write(figure.low)} to ${write(figure.high)})`;
}

/** How many, of what. */
export const count = (n, one, many = `${one}s`) => `${grouped(n)} ${n === 1 ? one : many}`;

/** A label in lines of at most so many characters, one at least, broken between words where it can be. */
export function broken(label, most) {
  // Without room for a letter no word would ever end.
  const room = Math.max(1, most);
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

/** A place on an axis: as many places as it takes, and no zeros at its end. */
export function place(x, write) {
  const told = [0, 1, 2].find((more) => short(write(x, more)) === short(write(x, more + 3)));
  return short(write(x, told ?? 3));
}

const short = (text) => text.replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");

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
