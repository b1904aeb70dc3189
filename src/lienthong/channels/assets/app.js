// The components' own comforts; every page also works without this script.
import { initAll, Radios } from "./govuk-frontend.min.js";

// A radio may not be "expanded" (ARIA 1.2): that a choice opens a question is told by the question itself.
const reveal = Radios.prototype.syncConditionalRevealWithInputState;
Radios.prototype.syncConditionalRevealWithInputState = function (input) {
  reveal.call(this, input);
  input.removeAttribute("aria-expanded");
};

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// What htmx has brought in may hold components of its own; those that already run refuse a second start.
document.addEventListener("htmx:after:settle", (event) => {
  initAll({ scope: event.target instanceof Element ? event.target : document.body, onError: () => {} });
});
