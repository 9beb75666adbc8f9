"""Small checks that every function uses, so that each mistake reads the same everywhere."""

from difflib import get_close_matches


def closest(name, valid):
    """A hint naming the valid names, the nearest one first."""
    valid = sorted(map(str, valid))
    by_lower = {other.lower(): other for other in reversed(valid)}
    near = get_close_matches(str(name).lower(), by_lower, n=1, cutoff=0.5)
    hint = f" Did you mean {by_lower[near[0]]!r}?" if near else ""
    return f"{hint} Valid names: {', '.join(valid) or 'none'}."


def check_names(names, valid, what):
    """Raise a KeyError that names the first unknown name and the nearest valid one."""
    valid = list(valid)
    for name in names:
        if name not in valid:
            raise KeyErrorWithMessage(f"{what} {name!r} is unknown.{closest(name, valid)}")


class KeyErrorWithMessage(KeyError):
    """A KeyError whose text is shown as it is: KeyError itself shows the repr of its text."""

    def __str__(self):
        return self.args[0]
