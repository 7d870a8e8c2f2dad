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
  return (rows) => {
    // Most numbers fit 32 bits; a column that has a larger one is read again.
    const start = at;
    const small = new Int32Array(rows);
    for (let row = 0; row < rows; row++) {
      let value = 0;
      let scale = 1;
      let byte;
      do {
        byte = block[at++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte > 127);
      if (value > SMALL) {
        at = start;
        return large(rows);
      }
      small[row] = value;
    }
    return small;
  };

  function large(rows) {
    const column = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      let value = 0;
      let scale = 1;
      let byte;
      do {
        byte = block[at++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte > 127);
      column[row] = value;
    }
    return column;
  }
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
  let near;
  for (const { name, kind } of described) {
    let column = read(rows);
    if (kind === "word") {
      for (let row = 0; row < rows; row++) column[row] -= 1;
    } else if (kind === "low" || kind === "high") {
      // The ends of large numbers are large, however near they are.
      if (value instanceof Float64Array) column = Float64Array.from(column);
      if (kind === "low") near = neighbours(value, column, found.get("org_unit"), found.get("period"));
      ends(signed(column), value, near, kind === "low" ? -1 : 1);
    } else value = signed(column);
    found.set(name, column);
  }
  return found;
}

/** So many rows before a row may foretell its interval. */
const NEAR = 64;

/**
 * By row with an interval: the row before it, of its unit and period, whose number is
 * nearest, the first of several; -1: there is none. `codes`: 0 where there is none.
 */
function neighbours(value, codes, units, periods) {
  const near = new Int32Array(codes.length).fill(-1);
  let first = 0;
  for (let row = 0; row < codes.length; row++) {
    if (units[row] !== units[first] || periods[row] !== periods[first]) first = row;
    if (codes[row] === 0) continue;
    let least = Infinity;
    for (let other = Math.max(first, row - NEAR); other < row; other++) {
      const far = Math.abs(value[other] - value[row]);
      if (codes[other] !== 0 && far < least) {
        least = far;
        near[row] = other;
      }
    }
  }
  return near;
}

/** Ends of intervals from what their gaps are beyond those of their neighbours. */
function ends(column, value, near, side) {
  for (let row = 0; row < column.length; row++) {
    if (column[row] === NONE) continue;
    const other = near[row];
    const gap = column[row] + (other < 0 ? 0 : side * (column[other] - value[other]));
    column[row] = value[row] + side * gap;
  }
}

/** A number of a column, or null. */
export const number = (column, row, digits) =>
  column[row] === NONE ? null : column[row] / 10 ** digits;
