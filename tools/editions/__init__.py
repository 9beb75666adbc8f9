"""Three editions of each chapter, made from the chapter that was run.

- The reader's: the page as a notebook.
- The student's: solutions cut, a check below each answer.
- The teacher's: solutions, minutes for each section, notes, and what the checks know.

``plain`` turns the book's Markdown into Markdown that any notebook program shows, ``citations`` writes cited works,
``quizzes`` writes a chapter's quiz, ``cells`` makes an edition of a chapter, ``files`` writes the editions and a zip a part.
"""

import sys

from pages import ROOT

# What the editions share with the site's own extensions.
sys.path.append(str(ROOT / "book" / "_ext"))
