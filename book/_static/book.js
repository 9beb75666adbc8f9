// Wide tables, formulas and outputs scroll in their own box; the keyboard must be able to reach those that do.
function reachScrollingBoxes() {
  const boxes = "div.math, .cell_output .output, .cell_output pre, .pst-scrollable-table-container, div.highlight pre";
  for (const box of document.querySelectorAll(boxes)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}
addEventListener("load", reachScrollingBoxes);
addEventListener("resize", reachScrollingBoxes);
