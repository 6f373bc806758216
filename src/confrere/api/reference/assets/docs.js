// The reference page: reads the server's own OpenAPI document and shows it. No request goes anywhere else.

import { el, fill, memory } from "./dom.js";
import { filterField } from "./filter.js";
import { markdown, inline } from "./markdown.js";
import { methodBadge, operationView, readOperations } from "./operation.js";
import { resolver } from "./schema.js";

const DOCUMENT = "/linkedin/openapi.json";
const THEMES = ["auto", "light", "dark"];
const HIDDEN_BY_BAR = 120;
const main = document.getElementById("content");
const nav = document.getElementById("nav");

setTheme(memory.get("theme"));
await show();

async function show() {
  try {
    const response = await fetch(DOCUMENT, { credentials: "omit" });
    if (!response.ok) throw new Error(`${DOCUMENT} answered ${response.status}`);
    showDocument(await response.json());
  } catch (fault) {
    fill(main, el("p", { class: "note", role: "alert" }, `The description could not be read: ${fault.message}`));
    throw fault;
  }
}

function showDocument(spec) {
  const resolve = resolver(spec);
  const groups = spec.tags.map((tag) => ({ ...tag, operations: [] }));
  for (const operation of readOperations(spec, resolve)) {
    groups.find((group) => group.name === operation.tag).operations.push(operation);
  }
  fill(
    main,
    intro(spec),
    ...groups.flatMap((group) => [
      el(
        "div",
        { class: "group", id: anchor(group.name) },
        el("h2", {}, group.name),
        el("p", {}, ...inline(group.description)),
      ),
      ...group.operations.map((operation) => operationView(operation, spec, resolve)),
    ]),
  );
  fill(nav, filterField(nav), ...groups.map(navGroup), navFoot());
  setUpMenu();
  followReading();
  goToAnchor();
}

/** Stand at the anchor at once, also when the fonts have come; from then on the page glides to where a click leads. */
async function goToAnchor() {
  const jump = () => document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView({ behavior: "instant" });
  jump();
  const here = scrollY;
  await document.fonts.ready;
  if (scrollY === here) jump();
  document.documentElement.classList.add("glides");
}

function anchor(name) {
  return `tag-${name.toLowerCase()}`;
}

function intro(spec) {
  return el(
    "section",
    { class: "intro" },
    el(
      "div",
      { class: "lead" },
      el("p", { class: "version" }, `Version ${spec.info.version}`),
      el("h1", {}, `${spec.info.title} API`),
      ...markdown(spec.info.description),
    ),
    facts(spec),
  );
}

function facts(spec) {
  const rows = [
    ["Base address", el("code", {}, location.origin)],
    ["With every request", el("code", {}, "Authorization: Bearer <your_api_key>")],
    ["With every message", el("code", {}, "Idempotency-Key: <a new one>")],
    ["For machines", el("a", { href: DOCUMENT }, `OpenAPI ${spec.openapi}`)],
  ];
  return el(
    "aside",
    { class: "facts", "aria-label": "In short" },
    el("h2", {}, "In short"),
    el("dl", {}, ...rows.flatMap(([what, value]) => [el("dt", {}, what), el("dd", {}, value)])),
  );
}

function navGroup(group) {
  const items = group.operations.map((operation) => {
    const link = el("a", { href: `#${operation.id}` }, el("span", {}, operation.summary), methodBadge(operation.method));
    const item = el("li", {}, link);
    item.dataset.words = `${operation.summary} ${operation.method} ${operation.path} ${operation.id} ${group.name}`.toLowerCase();
    return item;
  });
  return el("div", { class: "nav-group" }, el("p", {}, el("a", { href: `#${anchor(group.name)}` }, group.name)), el("ul", {}, ...items));
}

function navFoot() {
  const button = el("button", { type: "button", class: "quiet theme", onclick: next }, "");
  function label() {
    button.textContent = `Theme: ${memory.get("theme") ?? "auto"}`;
  }
  function next() {
    const at = THEMES.indexOf(memory.get("theme") ?? "auto");
    const theme = THEMES[(at + 1) % THEMES.length];
    memory.set("theme", theme);
    setTheme(theme);
    label();
  }
  label();
  return el("div", { class: "nav-foot" }, button);
}

function setTheme(theme) {
  document.documentElement.dataset.theme = THEMES.includes(theme) ? theme : "auto";
}

/** On small screens the list of operations opens over the page. */
function setUpMenu() {
  const button = document.querySelector(".menu");
  const open = (on) => {
    button.setAttribute("aria-expanded", String(on));
    document.body.classList.toggle("menu-open", on);
  };
  button.addEventListener("click", () => open(button.getAttribute("aria-expanded") !== "true"));
  nav.addEventListener("click", (event) => event.target.closest("a") && open(false));
  document.addEventListener("keydown", (event) => event.key === "Escape" && open(false));
}

/** Mark in the list what is being read. */
function followReading() {
  const links = new Map([...nav.querySelectorAll("li a")].map((link) => [link.hash.slice(1), link]));
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        const link = links.get(entry.target.id);
        link?.setAttribute("aria-current", "true");
        if (link) keepInSight(link);
      }
    },
    { rootMargin: "-15% 0px -75% 0px" },
  );
  for (const section of main.querySelectorAll(".operation")) observer.observe(section);
}

/** Scroll the list, and nothing else, so far that the link is to be seen. */
function keepInSight(link) {
  const [shown, list] = [link.getBoundingClientRect(), nav.getBoundingClientRect()];
  if (shown.top < list.top + HIDDEN_BY_BAR || shown.bottom > list.bottom) nav.scrollTop += shown.top - list.top - list.height / 3;
}
