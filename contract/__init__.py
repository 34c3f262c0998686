"""What was promised to the outside: the OpenAPI document of the service, and where each fact of it is written.

Knows URLs and documents only; it imports no other package of this project.
"""
