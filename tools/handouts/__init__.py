"""What one hands out or projects: a deck of slides a part, sheets and the book on paper.

All of it is made from the chapters that were run, through ``editions``: the same cells, figures and sentences.

``markup`` turns plain Markdown, code and outputs into HTML that needs no other file, ``slides`` picks from a chapter what a
room should see, ``deck`` writes the slides of a part as one file, ``sheets`` lays out a student's sheet for paper,
``bound`` joins the pages of the site to one document, ``paper`` prints.
"""
