// "Try it": one request from this page to this server, and the whole of its answer.

import { el, fill, newId } from "./dom.js";
import { codeBlock } from "./highlight.js";
import { inline } from "./markdown.js";
import { currentKey, keyFault, keyField } from "./key.js";

const EFFECTS = {
  send: "It is carried out for real: a message is sent.",
  change: "It is carried out for real: it changes what this server keeps or does.",
};

/** The form of one operation and the place of its answer. `operation`: as `operation.js` reads it from the document. */
export function tryIt(operation) {
  const key = operation.needsKey ? keyField() : null;
  const answer = el("div", { class: "answer", role: "status", "aria-live": "polite" });
  const inputs = operation.parameters.map((parameter) => parameterField(parameter));
  const body = operation.body && bodyField(operation);
  const send = el("button", { type: "submit", class: "primary" }, "Send request");
  const form = el(
    "form",
    { class: "try", onsubmit: submit, noValidate: true, "aria-label": `Try ${operation.summary}` },
    key,
    ...inputs.filter((input) => input.place !== "header").map((input) => input.row),
    body?.row,
    optionalHeaders(inputs.filter((input) => input.place === "header")),
    el(
      "div",
      { class: "go" },
      send,
      EFFECTS[operation.effect] && el("span", { class: `hint effect ${operation.effect}` }, EFFECTS[operation.effect]),
    ),
    answer,
  );

  async function submit(event) {
    event.preventDefault();
    const missing = inputs.find((input) => input.required && !input.value());
    const fault = (key && keyFault()) ?? (missing ? `${missing.name} is needed` : null);
    if (fault) {
      fill(answer, note(fault));
      if (key && keyFault()) key.querySelector("input").focus();
      else missing.focus();
      return;
    }
    send.disabled = true;
    send.textContent = "Sending…";
    fill(answer, ...(await ask(operation, inputs, body)));
    send.disabled = false;
    send.textContent = "Send request";
  }
  return form;
}

function optionalHeaders(inputs) {
  if (!inputs.length) return null;
  return el("details", { class: "more" }, el("summary", {}, "Headers"), ...inputs.map((input) => input.row));
}

function parameterField(parameter) {
  const id = newId("parameter");
  const options = parameter.schema.enum;
  const hint = parameter.example ?? parameter.schema.default;
  const input = options
    ? el("select", { id, class: "input" }, el("option", { value: "" }, "any"), ...options.map((o) => el("option", {}, o)))
    : el("input", {
        id,
        class: "input mono",
        autocomplete: "off",
        spellcheck: false,
        placeholder: hint === undefined ? "" : String(hint),
      });
  const label = el(
    "label",
    { for: id },
    el("code", {}, parameter.name),
    " ",
    el("span", { class: "hint" }, parameter.required ? `${parameter.in}, required` : parameter.in),
  );
  return {
    name: parameter.name,
    place: parameter.in,
    required: parameter.required,
    row: el("div", { class: "row" }, label, input),
    value: () => input.value.trim(),
    focus: () => input.focus(),
  };
}

function bodyField(operation) {
  const id = newId("body");
  const { example } = operation.body;
  const [kind, text] = typeof example === "string" ? ["CSV", example] : ["JSON", JSON.stringify(example, null, 2)];
  const area = el("textarea", { id, class: "input mono", value: text, rows: text.split("\n").length + 1, spellcheck: false });
  const row = el("div", { class: "row" }, el("label", { for: id }, "Body ", el("span", { class: "hint" }, kind)), area);
  return { row, value: () => area.value };
}

async function ask(operation, inputs, body) {
  const given = (place) => inputs.filter((input) => input.place === place && input.value());
  let path = operation.path;
  for (const input of given("path")) path = path.replace(`{${input.name}}`, encodeURIComponent(input.value()));
  const query = new URLSearchParams(given("query").map((input) => [input.name, input.value()])).toString();
  const started = performance.now();
  try {
    const headers = new Headers(given("header").map((input) => [input.name, input.value()]));
    if (operation.needsKey) headers.set("Authorization", `Bearer ${currentKey()}`);
    if (body) headers.set("Content-Type", operation.bodyType);
    const response = await fetch(query ? `${path}?${query}` : path, {
      method: operation.method,
      headers,
      body: body?.value(),
      cache: "no-store",
      credentials: "omit",
    });
    const text = await response.text();
    return answerView(response, text, performance.now() - started);
  } catch (fault) {
    return [note(`No answer: ${fault.message}`)];
  }
}

function note(text) {
  return el("p", { class: "note" }, ...inline(text));
}

function answerView(response, text, milliseconds) {
  const names = [...response.headers.keys()].sort();
  const status = el(
    "p",
    { class: "status-line" },
    el("span", { class: `status s${Math.floor(response.status / 100)}` }, `${response.status} ${response.statusText}`.trim()),
    el("span", { class: "hint" }, `${Math.round(milliseconds)} ms`),
  );
  const headers = el(
    "details",
    { class: "headers" },
    el("summary", {}, `All ${names.length} headers`),
    el("dl", {}, ...names.flatMap((name) => [el("dt", {}, name), el("dd", {}, response.headers.get(name))])),
  );
  return [status, limits(response.headers), bodyView(text), headers];
}

/** The five rate limit headers as one picture. */
function limits(headers) {
  const action = headers.get("X-RateLimit-Action");
  if (!action) return null;
  const [limit, used, remaining] = ["Limit", "Used", "Remaining"].map((name) => Number(headers.get(`X-RateLimit-${name}`)));
  const reset = headers.get("X-RateLimit-Reset");
  return el(
    "div",
    { class: "limits" },
    el("p", {}, el("code", {}, action), ` ${used} of ${limit} used, ${remaining} left`),
    el("progress", { max: Math.max(limit, 1), value: Math.min(used, limit), "aria-label": "Used of the limit" }),
    el("p", { class: "hint" }, "resets ", el("time", { dateTime: reset }, reset)),
  );
}

function bodyView(text) {
  try {
    return codeBlock(JSON.stringify(JSON.parse(text), null, 2), "json", "the answer's body");
  } catch {
    return codeBlock(text || "(an empty body)", "text", "the answer's body");
  }
}
