"""One color for each causal role, in every graph and every plot."""

ROLE_COLORS = {
    "treatment": "#2c71d9",
    "outcome": "#bf530c",
    "confounder": "#7a2fe6",
    "mediator": "#006c51",
    "instrument": "#695729",
    "collider": "#62184b",
    "latent": "#737588",
    "truth": "#111111",
    "other": "#646499",
}
"""Color of each causal role, as a hex string; each is dark enough for text on white."""

INK = "#1f2430"
PAPER = "#ffffff"


def tint(color, strength):
    """The color mixed with white: strength 1 is the color itself, 0 is white."""
    channels = [int(color[start : start + 2], 16) for start in (1, 3, 5)]
    mixed = [round(255 - strength * (255 - channel)) for channel in channels]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
