"""The tree of errors is the one that the module lists."""

import inspect
import re

from routing import errors


def test_the_listed_tree_is_the_real_one() -> None:
    classes = {
        name: cls
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, Exception) and cls is not errors.RoutingError
    }
    listed = re.findall(r"── (\w+)", errors.__doc__ or "")
    assert sorted(listed) == sorted(classes)
    assert all(cls.__bases__ == (errors.RoutingError,) for cls in classes.values())
