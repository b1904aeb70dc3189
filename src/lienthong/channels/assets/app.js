// The components' own comforts; every page also works without this script.
import { initAll } from "./govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// What htmx has brought in may hold components of its own; those that already run refuse a second start.
document.addEventListener("htmx:after:settle", (event) => {
  initAll({ scope: event.target instanceof Element ? event.target : document.body, onError: () => {} });
});
