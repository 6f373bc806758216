// JSON Schema told to people: the fields of an object, one row each.

import { el } from "./dom.js";
import { inline } from "./markdown.js";

/** Follows references of one document. */
export function resolver(document) {
  return function resolve(node) {
    let found = node;
    while (found?.$ref) {
      found = found.$ref
        .slice(2)
        .split("/")
        .reduce((part, name) => part[name], document);
    }
    return found;
  };
}

/**
 * A schema as rows of fields; each alternative of several under its own name.
 * `asked`: it is the reader who gives these fields, so each says whether it must be given.
 */
export function schemaView(schema, resolve, { asked = false } = {}) {
  const whole = resolve(schema);
  const alternatives = whole.anyOf?.map(resolve).filter((option) => option.properties);
  if (!whole.properties && alternatives?.length) {
    return alternatives.map((option) =>
      el("section", { class: "shape" }, shapeHead(option), fieldRows(option, resolve, asked)),
    );
  }
  if (whole.type === "array") {
    const item = resolve(whole.items);
    return [el("p", { class: "shape-note" }, "A list; each item:"), fieldRows(item, resolve, asked)];
  }
  if (!whole.properties) return [el("p", { class: "shape-note" }, typeOf(whole, resolve))];
  return [el("section", { class: "shape" }, shapeHead(whole), fieldRows(whole, resolve, asked))];
}

function shapeHead(schema) {
  return el("p", { class: "shape-head" }, el("strong", {}, schema.title), " ", ...inline(schema.description ?? ""));
}

function fieldRows(schema, resolve, asked) {
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) =>
    fieldRow(name, field, resolve, asked, asked && needBadge(name, schema)),
  );
  return el("dl", { class: "fields" }, ...rows);
}

/** Whether a field must be given; it may be one of several of which one must be. */
function needBadge(name, schema) {
  if (schema.required?.includes(name)) return el("span", { class: "badge must" }, "required");
  const choices = (schema.anyOf ?? []).flatMap((option) => option.required ?? []);
  if (choices.includes(name)) return el("span", { class: "badge must" }, "one of these");
  return el("span", { class: "badge may" }, "optional");
}

function fieldRow(name, field, resolve, asked, badge) {
  const whole = resolve(field);
  const nested = nestedOf(whole, resolve);
  return el(
    "div",
    { class: "field" },
    el(
      "dt",
      {},
      el("code", { class: "name" }, name),
      el("span", { class: "type" }, typeOf(whole, resolve)),
      badge,
    ),
    el(
      "dd",
      {},
      describe(field.description ?? (nested ? null : descriptionOf(whole, resolve))),
      boundsOf(factsOf(whole, resolve)),
      nested && fieldRows(nested, resolve, asked),
    ),
  );
}

/** A nullable field says what it is in the alternative that is not null. */
function factsOf(schema, resolve) {
  const told = (schema.anyOf ?? []).map(resolve).find((option) => option.type !== "null" && !option.properties);
  return schema.anyOf ? (told ?? schema) : schema;
}

function descriptionOf(schema, resolve) {
  return schema.description ?? factsOf(schema, resolve).description;
}

function describe(text) {
  return text ? el("p", {}, ...inline(text)) : null;
}

function nestedOf(schema, resolve) {
  const options = [schema, schema.items && resolve(schema.items), ...(schema.anyOf ?? []).map(resolve)];
  return options.find((option) => option?.properties) ?? null;
}

/** What kind of value it is, in words. */
export function typeOf(schema, resolve) {
  if (schema.anyOf && !schema.type) return [...new Set(schema.anyOf.map((o) => typeOf(resolve(o), resolve)))].join(" or ");
  if (schema.type === "array") return `list of ${typeOf(resolve(schema.items), resolve)}s`;
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : (schema.type ?? typeof schema.const);
  return schema.format ? `${type}, ${schema.format}` : type;
}

/** What a value must keep to, as small facts. */
export function boundsOf(schema) {
  const facts = [];
  if (schema.const !== undefined) facts.push(["always", JSON.stringify(schema.const)]);
  if (schema.enum) facts.push(["one of", schema.enum.join(" · ")]);
  if (schema.default !== undefined) facts.push(["default", JSON.stringify(schema.default)]);
  if (schema.minimum !== undefined && schema.maximum !== undefined && schema.maximum < 1e12) {
    facts.push(["from", `${schema.minimum} to ${schema.maximum}`]);
  }
  if (schema.maxLength !== undefined) facts.push(["length", `${schema.minLength ?? 0} to ${schema.maxLength}`]);
  if (!facts.length) return null;
  return el(
    "p",
    { class: "bounds" },
    ...facts.flatMap(([word, value]) => [el("span", {}, word), el("code", {}, value)]),
  );
}
