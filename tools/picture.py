"""Copy the landing page's figure, as it was last executed, to the picture that the README shows."""

import base64
import sys

import nbformat
from pages import ROOT

PAGE = ROOT / "_build" / "source" / "book" / "index.ipynb"
PICTURE = ROOT / "book" / "_static" / "seeing-and-doing.png"


def main():
    if not PAGE.exists():
        sys.exit("The landing page hasn't been run yet: run make book first.")
    outputs = [output for cell in nbformat.read(PAGE, 4).cells for output in cell.get("outputs", [])]
    figure = next(output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {}))
    PICTURE.write_bytes(base64.b64decode(figure))
    print(f"Wrote {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
