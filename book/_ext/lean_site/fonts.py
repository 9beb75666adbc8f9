"""Fonts cut down to the characters in use."""

import base64
import io
import logging

from fontTools import subset

# It reports each step of its work, to whoever listens to the root's logger.
logging.getLogger("fontTools").setLevel(logging.WARNING)


def subset_as_data_uri(font, characters):
    """The font with these characters only, as an address that a style sheet can hold.

    Inside the style sheet, since some browsers refuse font files to a page opened from a folder.
    """
    options = subset.Options(flavor="woff2", layout_features=["*"], hinting=False, desubroutinize=True)
    options.drop_tables += ["FFTM"]
    stream = io.BytesIO()
    with subset.load_font(str(font), options) as loaded:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=sorted({ord(character) for character in characters}))
        subsetter.subset(loaded)
        subset.save_font(loaded, stream, options)
    return "data:font/woff2;base64," + base64.b64encode(stream.getvalue()).decode()
