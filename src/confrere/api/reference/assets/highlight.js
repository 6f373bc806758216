// Colours for code: one small grammar a language, tried in order at each place.

import { copyButton, el } from "./dom.js";

const JSON_GRAMMAR = [
  ["key", /"(?:[^"\\]|\\.)*"(?=\s*:)/y],
  ["string", /"(?:[^"\\]|\\.)*"/y],
  ["number", /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ["keyword", /\b(?:true|false|null)\b/y],
];
const GRAMMARS = {
  json: JSON_GRAMMAR,
  shell: [
    ["string", /'[^']*'|"[^"]*"/y],
    ["keyword", /\bcurl\b/y],
    ["flag", /(?<=\s|^)-[A-Za-z]\b/y],
  ],
  python: [
    ["comment", /#.*/y],
    ["string", /"(?:[^"\\]|\\.)*"/y],
    ["keyword", /\b(?:import|from|True|False|None|for|in|if|print)\b/y],
    ["number", /\b\d+\b/y],
    ["call", /\b[A-Za-z_][\w]*(?=\()/y],
  ],
  javascript: [
    ["comment", /\/\/.*/y],
    ["string", /"(?:[^"\\]|\\.)*"/y],
    ["keyword", /\b(?:const|let|await|async|true|false|null|new)\b/y],
    ["number", /\b\d+\b/y],
    ["key", /\b[A-Za-z_]\w*(?=:)/y],
    ["call", /\b[A-Za-z_]\w*(?=\()/y],
  ],
};

/** A block of code with its colours and a button that copies it. `label`: what the button copies. */
export function codeBlock(source, language, label) {
  const code = el("code", {}, ...coloured(source, GRAMMARS[language] ?? []));
  return el("div", { class: "code" }, el("pre", {}, code), copyButton(() => source, label));
}

function coloured(source, grammar) {
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < source.length) {
    const found = match(source, at, grammar);
    if (!found) {
      plain += source[at];
      at += 1;
      continue;
    }
    nodes.push(plain, el("span", { class: `t-${found.kind}` }, found.text));
    plain = "";
    at += found.text.length;
  }
  return [...nodes, plain];
}

function match(source, at, grammar) {
  for (const [kind, pattern] of grammar) {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) return { kind, text: found[0] };
  }
  return null;
}
