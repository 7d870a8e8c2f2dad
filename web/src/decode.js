// The page's data blocks: base64 of raw DEFLATE. A block of rows is column after
// column, one LEB128 number a row; docs/tables.md says what the numbers are.

const NONE = -2147483648;
/** Sums of a few codes up to this fit 32 bits. */
const SMALL = 2 ** 28;

/** The bytes of a block, or null if there is none of this id. */
export async function bytes(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Reads one column after the other. */
function reader(block) {
  let at = 0;
  const next = () => {
    let value = 0;
    let scale = 1;
    let byte;
    do {
      byte = block[at++];
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  };
  return (rows) => {
    const start = at;
    const column = new Int32Array(rows);
    for (let row = 0; row < rows; row++) {
      const value = next();
      // Most numbers fit 32 bits; a column that has a larger one is read again.
      if (value > SMALL) {
        at = start;
        return new Float64Array(rows).map(next);
      }
      column[row] = value;
    }
    return column;
  };
}

/** 0 is null, else zigzag of a number, and one more; in place. */
function signed(column) {
  for (let row = 0; row < column.length; row++) {
    const code = column[row];
    if (code === 0) column[row] = NONE;
    else column[row] = (code - 1) % 2 === 0 ? (code - 1) / 2 : -code / 2;
  }
  return column;
}

/**
 * The columns of a block, by name: of words their places (-1 is null), of numbers
 * whole numbers of 10^-digits.
 */
export function columns(block, described, rows) {
  const read = reader(block);
  const found = new Map();
  let value;
  let low;
  for (const { name, kind } of described) {
    let column = read(rows);
    // The ends of large numbers are large, however near they are.
    const large = value instanceof Float64Array || (kind === "high" && low instanceof Float64Array);
    if (large && (kind === "low" || kind === "high")) column = Float64Array.from(column);
    if (kind === "word") for (let row = 0; row < rows; row++) column[row] -= 1;
    else signed(column);
    if (kind === "low") low = lows(column, value);
    else if (kind === "high") highs(column, value, low, found.get("org_unit"), found.get("period"));
    else value = column;
    found.set(name, column);
  }
  return found;
}

/** Lower ends, from how far they are below their numbers. */
function lows(column, value) {
  for (let row = 0; row < column.length; row++)
    if (column[row] !== NONE) column[row] = value[row] - column[row];
  return column;
}

/** Upper ends, from how wide intervals are beyond the widest before of the same unit and period. */
function highs(column, value, low, units, periods) {
  let widest = -1;
  for (let row = 0; row < column.length; row++) {
    if (row > 0 && (units[row] !== units[row - 1] || periods[row] !== periods[row - 1])) widest = -1;
    if (column[row] === NONE) continue;
    const width = column[row] + (widest < 0 ? 2 * (value[row] - low[row]) : widest);
    widest = Math.max(widest, width);
    column[row] = low[row] + width;
  }
}

/** A number of a column, or null. */
export const number = (column, row, digits) =>
  column[row] === NONE ? null : column[row] / 10 ** digits;
