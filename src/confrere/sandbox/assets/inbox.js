// Keeps the inbox up to date: asks for the page again and puts what changed in place.

const EVERY_MS = 1000;

async function refresh() {
  try {
    const response = await fetch(location.href, { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
    const shown = document.querySelector("main");
    if (response.ok && fresh && fresh.innerHTML !== shown.innerHTML) shown.innerHTML = fresh.innerHTML;
  } catch {
    // The sandbox was stopped; it is asked again, for it may come back on the same port.
  }
  setTimeout(refresh, document.hidden ? 5 * EVERY_MS : EVERY_MS);
}

setTimeout(refresh, EVERY_MS);
