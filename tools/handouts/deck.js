// Starts the slides. What is too long for its slide is drawn smaller, so that nothing is cut off.
const fit = (slide) => {
  const body = slide?.querySelector(":scope > .body");
  if (!body || body.dataset.fitted) return;
  body.dataset.fitted = "";
  const natural = parseFloat(getComputedStyle(body).fontSize);
  for (let share = 100; share > 50; share -= 4) {
    body.style.fontSize = `${(natural * share) / 100}px`;
    if (body.scrollHeight <= body.clientHeight + 1 && body.scrollWidth <= body.clientWidth + 1) break;
  }
};
Reveal.initialize({
  width: 1280, height: 720, margin: 0.02, center: false, display: "flex",
  hash: true, slideNumber: "c/t", transition: "none", plugins: [RevealNotes],
});
for (const event of ["ready", "slidechanged"]) Reveal.on(event, ({ currentSlide }) => fit(currentSlide));
