"""The HTTP APIs: `compatible` under /linkedin and `v1` under /v1, behind one gate."""

from confrere.api.app import answer_rejection, build_app

__all__ = ["answer_rejection", "build_app"]
