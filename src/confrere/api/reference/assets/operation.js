// One operation of the document as a section of the page.

import { el, memory, tabs } from "./dom.js";
import { codeBlock } from "./highlight.js";
import { inline, markdown } from "./markdown.js";
import { boundsOf, schemaView, typeOf } from "./schema.js";
import { tryIt } from "./tryit.js";

/** All operations of the document, in its order, with references followed. */
export function readOperations(document, resolve) {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, node]) => ({
      id: node.operationId,
      method: method.toUpperCase(),
      path,
      tag: node.tags[0],
      summary: node.summary,
      description: node.description,
      effect: node["x-effect"],
      needsKey: (node.security ?? document.security).length > 0,
      parameters: (node.parameters ?? []).map(resolve),
      ...bodyOf(node),
      responses: Object.entries(node.responses),
      samples: node["x-codeSamples"],
    })),
  );
}

/** What a request sends, and as what. */
function bodyOf(node) {
  const [bodyType, body] = Object.entries(node.requestBody?.content ?? {})[0] ?? [];
  return { body, bodyType };
}

/** The section of one operation. */
export function operationView(operation, document, resolve) {
  return el(
    "section",
    { class: "operation", id: operation.id, "aria-labelledby": `${operation.id}-title` },
    el(
      "div",
      { class: "words" },
      el("h3", { id: `${operation.id}-title` }, el("a", { href: `#${operation.id}` }, operation.summary)),
      el(
        "p",
        { class: "endpoint" },
        methodBadge(operation.method),
        el("code", {}, operation.path),
        !operation.needsKey && el("span", { class: "badge may" }, "no key"),
        effectBadge(operation.effect),
      ),
      ...markdown(operation.description, 4),
      ...parametersView(operation, resolve),
      ...bodyView(operation, resolve),
      el("h4", {}, "Responses"),
      ...operation.responses.map(([status, response], index) => responseView(status, response, resolve, index === 0)),
    ),
    el("div", { class: "doing" }, samplesView(operation, document), tryView(operation)),
  );
}

/** What a request does to the world beyond an answer; reads have no badge. */
function effectBadge(effect) {
  const words = { send: "sends a message", change: "changes something" }[effect];
  return words && el("span", { class: `badge ${effect}` }, words);
}

export function methodBadge(method) {
  return el("span", { class: `method ${method.toLowerCase()}` }, method);
}

function parametersView(operation, resolve) {
  if (!operation.parameters.length) return [];
  const rows = operation.parameters.map((parameter) =>
    el(
      "div",
      { class: "field" },
      el(
        "dt",
        {},
        el("code", { class: "name" }, parameter.name),
        el("span", { class: "type" }, `${typeOf(parameter.schema, resolve)} in ${parameter.in}`),
        el("span", { class: `badge ${parameter.required ? "must" : "may"}` }, parameter.required ? "required" : "optional"),
      ),
      el("dd", {}, el("p", {}, ...inline(parameter.description)), boundsOf(parameter.schema)),
    ),
  );
  return [el("h4", {}, "Parameters"), el("dl", { class: "fields" }, ...rows)];
}

function bodyView(operation, resolve) {
  if (!operation.body) return [];
  return [el("h4", {}, "Request body"), ...schemaView(operation.body.schema, resolve, { asked: true })];
}

function responseView(status, response, resolve, open) {
  const summary = el(
    "summary",
    {},
    el("span", { class: `status s${status[0]}` }, status),
    el("span", { class: "says" }, response.description),
  );
  const details = el("details", { class: "response", open }, summary);
  details.dataset.status = status;
  const fill = () => details.append(...responseParts(Object.entries(response.content ?? {}), response.headers, resolve));
  if (open) fill();
  else details.addEventListener("toggle", fill, { once: true });
  return details;
}

/** `contents`: media types with their schema and examples; an answer without a body has none. */
function responseParts(contents, headers, resolve) {
  const examples = contents.flatMap(([, content]) => Object.entries(content.examples ?? {}));
  const parts = [];
  if (examples.length === 1) parts.push(...exampleView(examples[0][1]));
  if (examples.length > 1) {
    const made = tabs(
      "Examples",
      examples.map(([name, example]) => ({ key: name, label: spaced(name), panel: el("div", {}, ...exampleView(example)) })),
    );
    parts.push(made.list, ...made.panels);
  }
  const types = contents.map(([type]) => type).join(" or ") || "a status without a body";
  if (types !== "application/json") parts.push(el("p", { class: "shape-note" }, `Answered as ${types}.`));
  for (const [type, content] of contents) {
    if (!/[/+]json$/.test(type)) continue;
    parts.push(el("details", { class: "fold" }, el("summary", {}, "Fields"), ...schemaView(content.schema, resolve)));
  }
  if (headers && Object.keys(headers).length) parts.push(headersView(headers, resolve));
  return [el("div", { class: "response-body" }, ...parts)];
}

function exampleView(example) {
  return [
    el("p", { class: "example-says" }, ...inline(example.summary)),
    typeof example.value === "string"
      ? codeBlock(example.value, "text", `example: ${example.summary}`)
      : codeBlock(JSON.stringify(example.value, null, 2), "json", `example: ${example.summary}`),
  ];
}

/** `keyInUse` as "key in use". */
function spaced(name) {
  return name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
}

function headersView(headers, resolve) {
  const rows = Object.entries(headers).map(([name, node]) => {
    const header = resolve(node);
    return el(
      "div",
      { class: "field" },
      el("dt", {}, el("code", { class: "name" }, name), el("span", { class: "type" }, typeOf(header.schema, resolve))),
      el("dd", {}, el("p", {}, ...inline(header.description)), boundsOf(header.schema)),
    );
  });
  return el("details", { class: "fold" }, el("summary", {}, "Headers"), el("dl", { class: "fields" }, ...rows));
}

const languageTabs = [];

function samplesView(operation, document) {
  const here = (source) => source.replaceAll(document["x-sample-server"], location.origin);
  const made = tabs(
    "Language",
    operation.samples.map((sample) => ({
      key: sample.lang,
      label: sample.label,
      panel: codeBlock(here(sample.source), sample.lang, `${sample.label} sample`),
    })),
    { chosen: memory.get("language"), onChoose: chooseLanguage },
  );
  languageTabs.push(made);
  return el("div", { class: "card samples" }, el("div", { class: "card-head" }, made.list), ...made.panels);
}

/** The language is chosen for the whole page, and remembered. */
function chooseLanguage(language) {
  memory.set("language", language);
  for (const made of languageTabs) made.choose(language);
}

/** The form is made when it is first opened; that of the first operation that takes a body stands open. */
let openTrial = true;
function tryView(operation) {
  const details = el("details", { class: "card trial" }, el("summary", { class: "card-head" }, "Try it"));
  details.addEventListener("toggle", () => details.append(tryIt(operation)), { once: true });
  if (operation.body && openTrial) {
    openTrial = false;
    details.open = true;
  }
  return details;
}
