"""Stories about failure, told as data, and the stage they play on.

A story is one YAML file in the shape of `schema.json`. `loading` reads it, `stage` starts both apps under one frozen
clock, `runner` plays the steps and `report` says what was expected, what was seen, and at which hour. Only `stage`
knows the apps; everything else happens over their two URLs.
"""
