"""The colors of the roles can be told apart and read, by color-blind eyes too."""

from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.style import ROLE_COLORS, tint

ROLES = {
    "treatment", "outcome", "confounder", "mediator", "instrument", "collider", "latent", "truth", "other",
}  # fmt: skip

# Full protanopia and deuteranopia in linear RGB: Machado, Oliveira and Fernandes (2009), table 1.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
}
RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)
WHITE = RGB_TO_XYZ.sum(axis=1)
# Just noticeable is a distance of about 2.3 in CIELAB; lines and small dots need several times that.
SMALLEST_DISTANCE = 15
READABLE_CONTRAST = 4.5  # WCAG 2, level AA, for text


def linear_rgb(color):
    channels = np.array(mpl.colors.to_rgb(color))
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def cielab(rgb):
    x, y, z = (np.cbrt(t) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in RGB_TO_XYZ @ rgb / WHITE)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast_to_white(color):
    return 1.05 / (RGB_TO_XYZ[1] @ linear_rgb(color) + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
def test_any_two_roles_can_be_told_apart(sight):
    seen = {
        role: cielab(np.clip(np.array(SIGHT[sight]) @ linear_rgb(color), 0, 1)) for role, color in ROLE_COLORS.items()
    }
    distances = {pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in combinations(seen, 2)}
    assert min(distances.values()) > SMALLEST_DISTANCE, min(distances, key=distances.get)


@pytest.mark.parametrize("role", ROLE_COLORS)
def test_each_color_can_be_read_as_text_on_white(role):
    assert contrast_to_white(ROLE_COLORS[role]) >= READABLE_CONTRAST


def test_the_roles_are_those_that_the_book_uses():
    assert set(ROLE_COLORS) == ROLES


def test_labels_can_be_read_on_the_darkest_tint():
    for color in ROLE_COLORS.values():
        background = RGB_TO_XYZ[1] @ linear_rgb(tint(color, 0.3))
        ink = RGB_TO_XYZ[1] @ linear_rgb("#1f2430")
        assert (background + 0.05) / (ink + 0.05) >= READABLE_CONTRAST


def test_a_tint_lies_between_white_and_the_color():
    assert tint("#336699", 0) == "#ffffff"
    assert tint("#336699", 1) == "#336699"


def test_the_style_is_loaded_by_name_and_takes_its_colors_from_the_roles():
    with plt.style.context("helpers.book"):
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
        assert not mpl.rcParams["axes.spines.top"] and not mpl.rcParams["axes.spines.right"]
        assert mpl.rcParams["figure.constrained_layout.use"]
        assert mpl.colors.to_rgb(mpl.rcParams["figure.facecolor"]) == (1, 1, 1)
        width, _ = mpl.rcParams["figure.figsize"]
        assert 700 <= width * mpl.rcParams["savefig.dpi"] <= 1000
    assert [mpl.colors.to_hex(f"#{color.lstrip('#')}") for color in cycle] == list(ROLE_COLORS.values())[: len(cycle)]
    assert len(cycle) == 7
