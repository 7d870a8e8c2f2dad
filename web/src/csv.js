// Tables as CSV (RFC 4180) that a spreadsheet opens without running anything.

/** A cell. A text that a spreadsheet would take for a formula gets an apostrophe. */
export function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^\s*[=+\-@\t\r|%＝＋－＠]/.test(value) ? `'${value}` : String(value);
  return /[",;\t\r\n']/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Columns with a title and a value each, and rows. */
export function csv(columns, rows) {
  const lines = [columns.map(({ title }) => cell(title))];
  for (const row of rows) lines.push(columns.map(({ value }) => cell(value(row))));
  return `\ufeff${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/** Hands a file to whoever looks at the page. */
export function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
