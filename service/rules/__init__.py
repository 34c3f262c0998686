"""What the two source documents and our readings say, as pure functions: values in, values out.

Knows neither Flask, SQLAlchemy nor requests, and never asks for the time: `now` is an argument, so a year passes in a
test in microseconds.
"""
