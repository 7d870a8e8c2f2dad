// Elements from data. Text becomes text nodes and attributes are set by name, so
// no label is ever read as markup; there are no inline handlers and no styles.

/**
 * An element. Functions among the attributes are listeners (`click: f`), `true` is
 * an attribute without a value, and null, undefined and false are left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false)
      element.setAttribute(name, String(value));
  }
  for (const child of children.flat(3)) {
    if (child !== null && child !== undefined && child !== false)
      element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** A number that no other id on the page has. */
export const fresh = (() => {
  let last = 0;
  return (prefix) => `${prefix}-${++last}`;
})();
