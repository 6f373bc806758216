// Shows that the server does not answer while polls fail, and hides it when they succeed again.
const offline = () => document.getElementById("offline");
for (const event of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(event, () => { offline().hidden = false; });
}
document.addEventListener("htmx:afterOnLoad", () => { offline().hidden = true; });

// Shows a form's words for long work while its answer is waited for, and hides them on the way back to the page.
document.addEventListener("submit", event => { event.target.classList.add("is-sent"); });
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll(".is-sent")) form.classList.remove("is-sent");
});
