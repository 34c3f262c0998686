"""Histories: random deeds on a fake Jira over real HTTP, and what must hold after each of them.

`hand.py` sends the requests, `book.py` keeps what was seen of each issue, `replay.py` plays a changelog, `questions.py`
makes JQL and answers it from single reads alone, `looking.py` looks after each deed, `looking_over.py` looks over the
whole. The deeds are in the other modules; `test_histories.py` puts them together.
"""
