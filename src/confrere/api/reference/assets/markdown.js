// As much Markdown as the document uses: headings, paragraphs, lists, **bold**, `code`.

import { el } from "./dom.js";

/** The blocks of a text. `level`: the heading element that `##` becomes. */
export function markdown(text, level = 2) {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((block) => toBlock(block, level));
}

function toBlock(block, level) {
  const heading = /^##\s+(.*)$/.exec(block);
  if (heading) return el(`h${level}`, {}, ...inline(heading[1]));
  if (block.startsWith("- ")) {
    const items = block.split(/\n(?=- )/).map((item) => el("li", {}, ...inline(item.slice(2))));
    return el("ul", {}, ...items);
  }
  return el("p", {}, ...inline(block));
}

/** The text of one line or paragraph, as nodes. */
export function inline(text) {
  return text
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .filter(Boolean)
    .map((part) => {
      if (part.startsWith("`")) return el("code", {}, part.slice(1, -1));
      if (part.startsWith("**")) return el("strong", {}, part.slice(2, -2));
      return part;
    });
}
