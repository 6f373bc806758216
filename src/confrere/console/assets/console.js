// Shows that the server does not answer while polls fail, and hides it when they succeed again.
const offline = () => document.getElementById("offline");
for (const event of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(event, () => { offline().hidden = false; });
}
document.addEventListener("htmx:afterOnLoad", () => { offline().hidden = true; });
