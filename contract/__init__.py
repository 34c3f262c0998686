"""What was promised to the outside: the OpenAPI document of the service, where each fact of it is written, and cases.

Knows URLs and documents only; it imports no other package of this project. `contract-check` judges any base URL.
"""

__version__ = "0.1.0"  # of all four packages; a test holds it to service.__version__
