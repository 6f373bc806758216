// The API key: entered once, kept in this tab until it is closed, shown in every form that needs it.

import { el, memory, newId } from "./dom.js";

let key = memory.get("key", sessionStorage) ?? "";
const fields = new Set();

/** The key as it stands. */
export function currentKey() {
  return key;
}

/** A labelled field for the key; all such fields show the same one. */
export function keyField() {
  const id = newId("key");
  const input = el("input", {
    id,
    class: "input mono",
    type: "password",
    value: key,
    placeholder: "confrere_…",
    autocomplete: "off",
    spellcheck: false,
    oninput: () => change(keyIn(input.value), input),
    onchange: () => (input.value = key),
  });
  const reveal = el(
    "button",
    { type: "button", class: "quiet", "aria-pressed": "false", onclick: () => toggle(input, reveal) },
    "Show",
  );
  fields.add(input);
  return el(
    "div",
    { class: "row" },
    el("label", { for: id }, "API key ", el("span", { class: "hint" }, "kept in this tab until you close it")),
    el("div", { class: "joined" }, input, reveal),
  );
}

/** Why the key cannot be sent as it stands, or null. */
export function keyFault() {
  if (!key) return "An API key is needed: paste one above. `./confrere keys create --name docs` makes one.";
  if (!/^[\x21-\x7e]+$/.test(key)) return "This is no API key: a key has no blanks and only plain letters, digits and signs.";
  return null;
}

/** The key in what was pasted: the key itself, with `Bearer`, as a whole header line, or in quotes. */
function keyIn(pasted) {
  const known = /confrere_[A-Za-z0-9_-]+/.exec(pasted);
  const bare = pasted.replace(/^[\s'"]*(?:-H\s*['"]?)?(?:(?:Authorization|X-API-Key)\s*:)?\s*(?:Bearer\s+)?/i, "");
  return known ? known[0] : bare.replace(/[\s'"]+$/, "");
}

function change(value, source) {
  key = value;
  memory.set("key", value, sessionStorage);
  for (const field of fields) if (field !== source && field.value !== value) field.value = value;
}

function toggle(input, reveal) {
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  reveal.textContent = shown ? "Show" : "Hide";
  reveal.setAttribute("aria-pressed", String(!shown));
}
