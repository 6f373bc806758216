// The reference page: reads the server's own OpenAPI document and shows it. No request goes anywhere else.

import { el, memory } from "./dom.js";
import { markdown, inline } from "./markdown.js";
import { methodBadge, operationView, readOperations } from "./operation.js";
import { resolver } from "./schema.js";

const DOCUMENT = "/linkedin/openapi.json";
const THEMES = ["auto", "light", "dark"];
const main = document.getElementById("content");
const nav = document.getElementById("nav");

setTheme(memory.get("theme"));
await show();

async function show() {
  try {
    const response = await fetch(DOCUMENT, { credentials: "omit" });
    if (!response.ok) throw new Error(`${DOCUMENT} answered ${response.status}`);
    fill(await response.json());
  } catch (fault) {
    main.replaceChildren(el("p", { class: "note", role: "alert" }, `The description could not be read: ${fault.message}`));
    throw fault;
  }
}

function fill(spec) {
  const resolve = resolver(spec);
  const groups = spec.tags.map((tag) => ({ ...tag, operations: [] }));
  for (const operation of readOperations(spec, resolve)) {
    groups.find((group) => group.name === operation.tag).operations.push(operation);
  }
  main.replaceChildren(
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
  nav.replaceChildren(...groups.map(navGroup), navFoot());
  setUpMenu();
  followReading();
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
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
  const items = group.operations.map((operation) =>
    el("li", {}, el("a", { href: `#${operation.id}` }, el("span", {}, operation.summary), methodBadge(operation.method))),
  );
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
        links.get(entry.target.id)?.setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-15% 0px -75% 0px" },
  );
  for (const section of main.querySelectorAll(".operation")) observer.observe(section);
}
