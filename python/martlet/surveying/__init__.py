"""What an analysis is made of and how it stands, as plain objects: `martlet.survey`; and what is done with its outputs.

    survey = martlet.survey(Plots())
    for family in survey.families:
        print(family.name, family.states)
    for task in survey.within(2):
        print(task.title, task.state, [output.size for output in survey.outputs_of(task)])
"""

from __future__ import annotations

from .branches import BranchSet
from .output import Output
from .survey import FamilySurvey, Survey
from .task import SurveyedTask
from .view import View

__all__ = ["BranchSet", "FamilySurvey", "Output", "Survey", "SurveyedTask", "View"]
