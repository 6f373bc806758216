"""The errors of the domain, wherever in it they are defined."""

import inspect
import pkgutil
from importlib import import_module

import confrere.domain
from confrere.domain.errors import ConfrereError


def errors_of_domain() -> set[type[ConfrereError]]:
    """Return all of them but `ConfrereError` itself, from every module of the domain."""
    modules = [
        import_module(found.name) for found in pkgutil.walk_packages(confrere.domain.__path__, "confrere.domain.")
    ]
    return {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, ConfrereError) and kind is not ConfrereError
    }
