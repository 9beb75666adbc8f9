"""What helpers takes from inside other libraries is still there and means what it meant.

Each test says what a new version has moved, and what no longer works without it.
"""

import ast
import re
from pathlib import Path

import daft
import numpy as np
import nutpie
import pyarrow
import pymc as pm
import pytest
from conftest import linear_model

import helpers
from helpers import draw_dag
from helpers._models import internals

HOME = Path(helpers.__file__).parent
# The only files that may know the inside of a library.
PLACES = {"pymc": "_models/internals.py", "nutpie": "_models/sampler.py", "daft": "drawing/pieces.py"}
PRIVATE = re.compile(r"_[a-z]\w*")


@pytest.fixture
def model():
    return linear_model()


def imports_of(path):
    """Modules and names that a file imports from elsewhere, as pairs."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.parametrize("path", sorted(HOME.rglob("*.py")), ids=lambda path: str(path.relative_to(HOME)))
def test_the_inside_of_a_library_is_known_in_one_file(path):
    here = str(path.relative_to(HOME))
    for module, name in imports_of(path):
        library = module.split(".")[0]
        inside = "." in module if library == "pymc" else library in PLACES or PRIVATE.fullmatch(name)
        if library != "helpers" and inside:
            assert PLACES.get(library) == here, f"{here} imports {name or module} from {module}"


def test_who_depends_on_whom(model):
    said = "ModelGraph.make_compute_graph no longer says who depends on whom: causal_graph and intervene rest on it."
    assert internals.parents_of(model)["y"] == {"y_mu", "sigma_y"}, said
    public = pm.model_to_networkx(model)
    assert {(parent, child) for child, parents in internals.parents_of(model).items() for parent in parents} == set(
        public.edges
    ), said


def test_names_of_distributions(model):
    said = "_print_name no longer names a distribution: messages and labels would say nothing of it."
    assert internals.kind_of(model["y"]) == "Normal", said
    assert internals.kind_of(pm.do(model, {"z": pm.Bernoulli.dist(0.5, shape=1)})["z"]) == "Bernoulli", said
    assert internals.kind_of(model["y_mu"]) is None, said


def test_densities_that_are_functions():
    said = "CustomDist is known by other classes: a fit would be taken for that of a density that has changed since."
    logp, dist = lambda value: -(value**2), lambda size: pm.Normal.dist(size=size)
    assert internals.calls_for_density(pm.CustomDist.dist(logp=logp, shape=())), said
    assert internals.calls_for_density(pm.CustomDist.dist(logp=logp, dist=dist, shape=())), said
    assert not internals.calls_for_density(pm.CustomDist.dist(dist=dist, shape=())), said
    assert not internals.calls_for_density(pm.Normal.dist()), said


def test_transforms():
    said = "_default_transform no longer is what PyMC gives a variable: chosen transforms that cut a prior pass unseen."
    with pm.Model() as model:
        scale, share = pm.HalfNormal("scale"), pm.Beta("share", 2, 2)
        chosen = pm.Normal("chosen", transform=pm.distributions.transforms.Interval(0, 1))
    for variable in (scale, share):
        assert internals.default_transform(variable) is model.rvs_to_transforms[variable], said
    assert internals.default_transform(chosen) is not model.rvs_to_transforms[chosen], said
    said = "LogTransform no longer marks what can't be negative: random effects would no longer be warned of."
    assert internals.scales_up(model.rvs_to_transforms[scale]), said
    assert not internals.scales_up(model.rvs_to_transforms[share]), said


def test_sizes_and_seeds_of_random_variables():
    one = pm.Normal.dist(3, 0.1)
    many = internals.change_dist_size(one, (5,))
    assert pm.draw(many).shape == (5,), "change_dist_size no longer gives a distribution another size."
    assert internals.rvs_in_graph([one + 1]) == {one}, "rvs_in_graph no longer finds what is drawn."
    function, updates = pm.compile([], many, return_updates=True)
    internals.reseed_rngs(list(updates), 1)
    first = function()
    internals.reseed_rngs(list(updates), 1)
    np.testing.assert_array_equal(function(), first, "reseed_rngs no longer seeds: recover's data would not repeat.")


def test_pymc_says_what_it_leaves_to_nuts(model):
    said = "assign_step_methods no longer says which sampler each parameter gets: fit can't tell what it may sample itself."
    with pm.Model() as discrete:
        pm.Normal("y", pm.Poisson("many", 3) + pm.Normal("mu"), 1, observed=[1.0])
    assert internals.is_for_nuts_alone(pm.observe(model, {name: np.zeros(1, model[name].dtype) for name in "czy"})), (
        said
    )
    assert not internals.is_for_nuts_alone(discrete), said


def test_what_pymc_adds_to_a_trace():
    with pm.Model(coords={"i": range(3)}) as model:
        x = pm.Data("x", np.arange(3.0), dims="i")
        pm.Normal("y", pm.Normal("mu") + x, 1, observed=np.zeros(3), dims="i")
    seen = []
    with internals.progress_bars(1, 20, False) as bars:
        compiled = nutpie.compile_pymc_model(model)
        options = {"draws": 20, "tune": 20, "chains": 1, "seed": 1, "progress_bar": False, "save_warmup": False}
        tree = nutpie.sample(compiled, progress_callback=lambda progress: seen.append(bars.update(progress)), **options)
    internals.add_data_groups(tree, model, sampling_time=1.5)
    said = "patch_nutpie_idata no longer adds the data to what nutpie gives: intervene would miss the units of a fit."
    assert tree["observed_data"]["y"].sizes == {"i": 3} and tree["constant_data"]["x"].sizes == {"i": 3}, said
    assert tree["posterior"].attrs["sampling_time"] == 1.5, said
    assert seen, (
        "NutpieProgressBarManager is no longer what nutpie reports to: fit(progressbar=True) would show nothing."
    )


def test_the_sampler_takes_other_data_and_hands_out_its_trace():
    with pm.Model(coords={"i": range(3)}) as model:
        values = pm.Data("values", np.zeros(3))
        pm.Normal("y", pm.Normal("mu"), 1, observed=values)
    compiled = nutpie.compile_pymc_model(model, var_names=["mu"])
    said = "nutpie's shared_var_keys no longer names what with_data takes: recover can't feed a compiled sampler."
    assert "values" in {variable.name for variable in compiled.shared_var_keys}, said
    options = {"draws": 20, "tune": 20, "chains": 1, "seed": 1, "progress_bar": False, "save_warmup": False}
    options |= {"cores": 1, "blocking": False, "return_raw_trace": True}
    batches, stats = nutpie.sample(compiled.with_data(values=np.full(5, 9.0)), **options).wait().get_arrow_trace()
    said = "nutpie's raw trace has another form: recover can't read its draws."
    assert len(batches) == len(stats) == 1, said
    draws = pyarrow.array(batches[0].column("mu"))
    draws = draws.flatten() if hasattr(draws, "flatten") else draws
    assert draws.to_numpy(False)[-20:].mean() > 5, said
    assert {"tuning", "diverging"} <= set(stats[0].schema.names), said


def test_daft_draws_what_is_put_into_it():
    pgm = draw_dag(linear_model())
    said = "daft's PGM keeps its nodes, edges, plates or canvas elsewhere: draw_dag can't put in its own arrows."
    assert set(vars(daft.PGM())) >= {"_nodes", "_edges", "_plates", "_ctx"}, said
    assert len(pgm._nodes) == len(linear_model().named_vars) and pgm.figure is not None, said
