"""HTTP as a transport: the server, its connections, and what a request and an answer are. It knows no API.

What is unusual here for the sake of speed, with what it gains, stands in `single_write`, `timeouts`, `router`,
`protocol.BoundedProtocol` (one timer a connection), `disconnects.EXTENSION` and `server.tune_garbage_collector`.
"""

from confrere.http.server import listen, serve, tune_garbage_collector

__all__ = ["listen", "serve", "tune_garbage_collector"]
