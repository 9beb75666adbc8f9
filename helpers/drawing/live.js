// Shows the picture and the sentence that belong to where the control stands.
for (const figure of document.querySelectorAll(".live-figure:not([data-live])")) {
  figure.dataset.live = "";
  const { frames, said, labels } = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const control = figure.querySelector(".live-control");
  control.addEventListener("input", (event) => {
    const place = Number(event.target.value);
    frames[place].forEach((part, number) => {
      figure.querySelector(`[data-part="${number}"]`).outerHTML = part;
    });
    figure.querySelector(".live-said").textContent = said[place];
    const value = figure.querySelector(".live-value");
    if (value) value.textContent = labels[place];
    if (value) event.target.setAttribute("aria-valuetext", labels[place]);
  });
  control.hidden = false;
}
