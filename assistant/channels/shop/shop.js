// @ts-check
/** The demo page: another colour, another view, one more thing in the basket. */
const picture = /** @type {HTMLImageElement} */ (document.getElementById("picture"));
const form = /** @type {HTMLFormElement} */ (document.getElementById("buy"));
const views = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll("[data-view]")]);
let inBasket = 0;

/** @param {string} colour @param {string | undefined} view a part of the drawing: x,y,width,height */
const source = (colour, view) => `/shop/jacket-${colour}.svg${view ? `#svgView(viewBox(${view}))` : ""}`;

function show() {
  const colour = /** @type {HTMLInputElement} */ (form.querySelector("[name=colour]:checked"));
  const name = colour.dataset.name ?? "";
  for (const button of views) {
    const image = /** @type {HTMLImageElement} */ (button.firstElementChild);
    image.src = source(colour.value, button.dataset.view);
    if (button.getAttribute("aria-pressed") !== "true") continue;
    picture.src = image.src;
    picture.alt = `Langstrath waterproof jacket in ${name.toLowerCase()}: ${image.alt.toLowerCase()}`;
  }
  const label = document.getElementById("colour");
  if (label) label.textContent = name;
}

for (const button of views) {
  button.addEventListener("click", () => {
    for (const other of views) other.setAttribute("aria-pressed", String(other === button));
    show();
  });
}
form.addEventListener("change", show);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  inBasket += 1;
  const basket = /** @type {HTMLElement} */ (document.getElementById("basket"));
  const count = /** @type {HTMLElement} */ (basket.querySelector("b"));
  count.hidden = false;
  count.textContent = String(inBasket);
  basket.setAttribute("aria-label", `Basket, ${inBasket} ${inBasket === 1 ? "item" : "items"}`);
  const data = new FormData(form);
  /** @type {HTMLElement} */ (form.querySelector(".added")).textContent = `Size ${data.get("size")} is in your basket.`;
});
show();
