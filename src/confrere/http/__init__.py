"""HTTP as a transport: the server, its connections, and what a request and an answer are. It knows no API.

What is unusual here for the sake of speed, with what it gains, stands in `single_write`, `timeouts`, `router`,
`protocol.BoundedProtocol` (one timer a connection), `disconnects.EXTENSION` and `server.tune_garbage_collector`.
Nothing is imported here: `confrere mcp` on standard input and output needs no server.
"""
