"""The runs behind the exam and the project, each made once in a session, and none of them stored."""

import exam_world
import project_world
import pytest


@pytest.fixture(scope="session")
def museum():
    return exam_world.museum_run()


@pytest.fixture(scope="session")
def recovery_row():
    """A function: each row of question 7 is a run of its own."""
    return exam_world.recovery_row


@pytest.fixture(scope="session")
def ranks():
    return exam_world.ranks_without_cause()


@pytest.fixture(scope="session")
def vouchers():
    return project_world.vouchers()


@pytest.fixture(scope="session")
def children():
    return project_world.children()


@pytest.fixture(scope="session")
def schooling():
    return project_world.schooling()
